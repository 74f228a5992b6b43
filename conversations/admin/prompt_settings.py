"""A prompt's settings in words, for people who compare them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.prompts.compare import Comparison
from conversations.prompts.content import PromptContent

LABELS: Mapping[str, str | Promise] = {
    "variables": gettext_lazy("Variables"),
    "route": gettext_lazy("Provider and model"),
    "temperature": gettext_lazy("Temperature"),
    "max_output_tokens": gettext_lazy("Longest answer, in tokens"),
    "history_tokens": gettext_lazy("History budget, in tokens"),
    "may_cache": gettext_lazy("Repeat answers to repeated questions"),
}


def settings_of(content: PromptContent) -> list[tuple[str | Promise, str]]:
    """Return each setting's label and value in words."""
    fields = content.as_fields()
    return [(label, setting_text(name, fields[name])) for name, label in LABELS.items()]


def setting_changes(comparison: Comparison) -> list[tuple[str | Promise, str, str]]:
    """Return label, old and new value, in words, of each setting that differs."""
    return [
        (
            LABELS[change.name],
            setting_text(change.name, change.before),
            setting_text(change.name, change.after),
        )
        for change in comparison.settings
    ]


def setting_text(name: str, value: Any) -> str:
    """Return a setting's value in words."""
    if name == "variables":
        return "\n".join(map(_variable_text, value)) or _("none")
    if name == "route":
        return _route_text(value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return _("the provider's own") if value is None else str(value)


def _variable_text(variable: Mapping[str, Any]) -> str:
    parts = [f"{{{{{variable.get('name', '')}}}}}"]
    if variable.get("required"):
        parts.append(_("required"))
    if variable.get("default"):
        parts.append(_("default “%(text)s”") % {"text": variable["default"]})
    if variable.get("sample"):
        parts.append(_("sample “%(text)s”") % {"text": variable["sample"]})
    return ", ".join(parts)


def _route_text(route: Sequence[Sequence[str]]) -> str:
    return "\n".join(" / ".join(hop) for hop in route) or _("the site's default")
