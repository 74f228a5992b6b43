"""Every address of the admin, found by asking its URL configuration."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib import admin
from django.urls import URLPattern, URLResolver, reverse

from tests.admin_world import World


def address_names() -> list[str]:
    """Return the name of every address; one without a name only leads on to another."""
    return sorted(name for name in _names(admin.site.urls[0]) if name)


def _names(patterns: list[URLPattern | URLResolver]) -> Iterator[str | None]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _names(pattern.url_patterns)
        else:
            yield pattern.name


def address(name: str, world: World) -> str:
    """Return the address of this name, about the world's one object of its kind."""
    return reverse(f"admin:{name}", args=_arguments(name, world))


def _arguments(name: str, world: World) -> list[object]:
    objects: dict[str, object] = {
        "conversations_conversation": world.conversation.pk,
        "conversations_widget": world.widget.pk,
        "conversations_prompttemplate": world.template.pk,
        "gateway_provider": world.provider.pk,
        "gateway_apikey": world.key.pk,
        "gateway_limit": world.limit.pk,
        "gateway_budget": world.budget.pk,
        "gateway_price": world.price.pk,
        "gateway_call": world.call.pk,
        "gateway_process": world.process.pk,
        "gateway_job": world.job.pk,
        "auth_user": world.people["support"].pk,
        "auth_group": world.group.pk,
    }
    if name == "app_list":
        return ["gateway"]
    if name == "view_on_site":
        return [1, 1]
    model, _, page = name.rpartition("_")
    if name == "auth_user_password_change":
        return [objects["auth_user"]]
    if page in {"changelist", "add"} or model not in objects:
        return []
    return [objects[model], 1] if page in {"version", "revert"} else [objects[model]]
