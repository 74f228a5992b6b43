"""Three roles, as groups with exactly the permissions their work needs."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission

SUPPORT = "Support staff"
EDITORS = "Prompt editors"
OPERATORS = "Gateway operators"

_SETTINGS_OF_WIDGETS = (
    "conversations.view_widget",
    "conversations.add_widget",
    "conversations.change_widget",
)

ROLES: dict[str, tuple[str, ...]] = {
    SUPPORT: ("conversations.view_conversation",),
    EDITORS: (
        "conversations.view_conversation",
        "conversations.view_prompttemplate",
        "conversations.add_prompttemplate",
        "conversations.change_prompttemplate",
        "conversations.publish_promptversion",
        *_SETTINGS_OF_WIDGETS,
    ),
    OPERATORS: (
        "gateway.view_provider",
        "gateway.add_provider",
        "gateway.change_provider",
        "gateway.view_apikey",
        "gateway.add_apikey",
        "gateway.change_apikey",
        "gateway.view_price",
        "gateway.add_price",
        "gateway.change_price",
        "gateway.delete_price",
        "gateway.view_limit",
        "gateway.add_limit",
        "gateway.change_limit",
        "gateway.delete_limit",
        "gateway.view_budget",
        "gateway.add_budget",
        "gateway.change_budget",
        "gateway.delete_budget",
        "gateway.view_call",
        "gateway.view_process",
        "gateway.view_job",
        *_SETTINGS_OF_WIDGETS,
    ),
}


def roles_ensure(**_signal: Any) -> None:
    """Create the three groups and set their permissions; running it again changes nothing.

    It runs after every migrate, so a new page reaches its role with the upgrade that brings
    it. Whoever wants other rights makes a group of another name: these three belong to us.
    """
    for app in ("conversations", "gateway"):
        # On a first migrate we may be called before Django has made the permissions.
        create_permissions(apps.get_app_config(app), verbosity=0)
    known = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in Permission.objects.select_related("content_type")
    }
    for name, permissions in ROLES.items():
        group, _created = Group.objects.get_or_create(name=name)
        group.permissions.set([known[permission] for permission in permissions])
