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
    if name == "app_list":
        return ["gateway"]
    if name == "view_on_site":
        return [1, 1]
    special: dict[str, list[object]] = {
        "conversations_conversation_sent": [world.conversation.pk, 2],
        "auth_user_resetfactor": [world.guarded.pk],
        "conversations_reportfile": ["total"],
        "conversations_widget_preview_new": [],
        "conversations_conversation_verdict": [world.conversation.pk, 1],
        "conversations_conversation_case": [world.conversation.pk, 6],
        "conversations_conversation_closeteam": [world.conversation.pk, 1],
        "conversations_widget_retiresecret": [world.widget.pk, world.signing_secret.pk],
        "conversations_prompttemplate_case": [world.template.pk, world.case.pk],
        "conversations_prompttemplate_case_add": [world.template.pk],
        "conversations_prompttemplate_case_delete": [world.template.pk, world.case.pk],
        "conversations_prompttemplate_run": [world.template.pk, world.run.pk],
        "conversations_prompttemplate_run_begin": [world.template.pk],
        "conversations_prompttemplate_run_stop": [world.template.pk, world.run.pk],
        "conversations_prompttemplate_revert": [world.template.pk, 1],
        "conversations_prompttemplate_schedule_cancel": [world.template.pk, world.schedule.pk],
        "conversations_prompttemplate_schedule_version": [world.template.pk, 1],
        "conversations_prompttemplate_split_begin": [world.template.pk],
        "conversations_prompttemplate_split_end": [world.template.pk],
        "conversations_prompttemplate_version": [world.template.pk, 1],
    }
    if name in special:
        return special[name]
    model, _, page = name.rpartition("_")
    if name == "auth_user_password_change":
        return [objects["auth_user"]]
    if (
        page in {"changelist", "add", "next", "saveview", "dropview", "import", "exportlist"}
        or model not in objects
    ):
        return []
    return [objects[model]]
