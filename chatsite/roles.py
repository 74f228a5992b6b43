"""Four roles, as groups with exactly the permissions their work needs."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.utils.translation import gettext, gettext_noop

# The names by which groups are stored; people read them in their own language.
SUPPORT = gettext_noop("Support staff")
EDITORS = gettext_noop("Prompt editors")
OPERATORS = gettext_noop("Gateway operators")
# Taking data out is apart from reading it: support exports once it is given this role, too.
DATA_PROTECTION = gettext_noop("Data protection")

_SETTINGS_OF_WIDGETS = (
    "conversations.view_widget",
    "conversations.add_widget",
    "conversations.change_widget",
)

ROLES: dict[str, tuple[str, ...]] = {
    SUPPORT: (
        "conversations.view_conversation",
        "conversations.read_conversation_text",
        "conversations.view_customer_identity",
        "conversations.add_verdict",
        "conversations.add_note",
        "conversations.add_promptcase",
        "conversations.add_revocation",
        "conversations.close_teammessage",
    ),
    EDITORS: (
        "conversations.view_conversation",
        "conversations.read_conversation_text",
        "conversations.view_prompttemplate",
        "conversations.add_prompttemplate",
        "conversations.change_prompttemplate",
        "conversations.publish_promptversion",
        "conversations.revert_promptversion",
        "conversations.view_promptschedule",
        "conversations.test_promptversion",
        "conversations.add_promptcase",
        "conversations.view_sent",
        *_SETTINGS_OF_WIDGETS,
    ),
    OPERATORS: (
        "conversations.view_conversation",
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
        "gateway.view_alertrule",
        "gateway.change_alertrule",
        "gateway.view_alertrecipient",
        "gateway.add_alertrecipient",
        "gateway.change_alertrecipient",
        "gateway.delete_alertrecipient",
        "gateway.view_call",
        "gateway.view_process",
        "gateway.view_job",
        "axes.view_accesslog",
        "factor.view_factorevent",
        *_SETTINGS_OF_WIDGETS,
    ),
    DATA_PROTECTION: (
        "conversations.view_conversation",
        "conversations.read_conversation_text",
        "conversations.view_customer_identity",
        "conversations.export_conversation",
        "conversations.hold_conversation",
        "conversations.view_customer",
        "conversations.export_customer",
        "conversations.erase_customer",
        "conversations.view_datadeed",
        "conversations.view_reading",
    ),
}


def role_name(group: Group) -> str:
    """Return a role's name in the reader's language; a group that others made keeps its own."""
    return gettext(group.name) if group.name in ROLES else group.name


def roles_ensure(**_signal: Any) -> None:
    """Create the four groups and set their permissions; running it again changes nothing.

    It runs after every migrate, so a new page reaches its role with the upgrade that brings
    it. Whoever wants other rights makes a group of another name: these four belong to us.
    """
    for app in ("conversations", "gateway", "axes", "factor"):
        # On a first migrate we may be called before Django has made the permissions.
        create_permissions(apps.get_app_config(app), verbosity=0)
    known = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in Permission.objects.select_related("content_type")
    }
    for name, permissions in ROLES.items():
        group, _created = Group.objects.get_or_create(name=name)
        group.permissions.set([known[permission] for permission in permissions])
