"""Every address of the admin, found by asking its URL configuration."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib import admin
from django.urls import URLPattern, URLResolver, reverse

from tests.admin_world import World

# Pages of a model that are about none of its objects.
WITHOUT_ONE = {"changelist", "add", "next", "saveview", "dropview", "import", "exportlist"}


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
    special, objects = _special(world), _objects(world)
    if name in special:
        return special[name]
    model, _, page = name.rpartition("_")
    if page in WITHOUT_ONE or model not in objects:
        return []
    return [objects[model]]


def _objects(world: World) -> dict[str, object]:
    """Return the object that the pages of each model are about."""
    return {
        "conversations_conversation": world.conversation.pk,
        "conversations_reading": world.reading.pk,
        "conversations_customer": world.customer.pk,
        "conversations_datadeed": world.deed.pk,
        "conversations_widget": world.widget.pk,
        "conversations_prompttemplate": world.template.pk,
        "conversations_promptschedule": world.schedule.pk,
        "gateway_provider": world.provider.pk,
        "gateway_apikey": world.key.pk,
        "gateway_limit": world.limit.pk,
        "gateway_budget": world.budget.pk,
        "gateway_price": world.price.pk,
        "gateway_alertrule": world.alert.pk,
        "gateway_alertrecipient": world.recipient.pk,
        "gateway_call": world.call.pk,
        "gateway_process": world.process.pk,
        "gateway_job": world.job.pk,
        "auth_user": world.people["support"].pk,
        "auth_group": world.group.pk,
        "axes_accesslog": world.login.pk,
        "factor_factorevent": world.factor_event.pk,
    }


def _special(world: World) -> dict[str, list[object]]:
    """Return what pages are about that are about more, or less, than one such object."""
    conversation, widget, template = world.conversation.pk, world.widget.pk, world.template.pk
    return {
        "app_list": ["gateway"],
        "view_on_site": [1, 1],
        "auth_user_password_change": [world.people["support"].pk],
        "auth_user_resetfactor": [world.guarded.pk],
        "conversations_conversation_case": [conversation, 6],
        "conversations_conversation_closeteam": [conversation, 1],
        "conversations_conversation_sent": [conversation, 2],
        "conversations_conversation_verdict": [conversation, 1],
        "conversations_prompttemplate_case": [template, world.case.pk],
        "conversations_prompttemplate_case_add": [template],
        "conversations_prompttemplate_case_delete": [template, world.case.pk],
        "conversations_prompttemplate_revert": [template, 1],
        "conversations_prompttemplate_run": [template, world.run.pk],
        "conversations_prompttemplate_run_begin": [template],
        "conversations_prompttemplate_run_stop": [template, world.run.pk],
        "conversations_prompttemplate_schedule_cancel": [template, world.schedule.pk],
        "conversations_prompttemplate_schedule_version": [template, 1],
        "conversations_prompttemplate_split_begin": [template],
        "conversations_prompttemplate_split_end": [template],
        "conversations_prompttemplate_version": [template, 1],
        "conversations_reportfile": ["total"],
        "conversations_widget_preview_new": [],
        "conversations_widget_retiresecret": [widget, world.signing_secret.pk],
    }
