"""A prompt's settings in words, for people who compare them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf.locale import LANG_INFO
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.prompts.compare import Comparison
from conversations.prompts.content import PromptContent
from conversations.prompts.sources import BY_ATTRIBUTE, Source, source_of
from conversations.prompts.variables import VariableType

LABELS: Mapping[str, str | Promise] = {
    "examples": gettext_lazy("Examples"),
    "variables": gettext_lazy("Variables"),
    "route": gettext_lazy("Provider and model"),
    "temperature": gettext_lazy("Temperature"),
    "max_output_tokens": gettext_lazy("Longest answer, in tokens"),
    "history_tokens": gettext_lazy("History budget, in tokens"),
    "may_cache": gettext_lazy("Repeat answers to repeated questions"),
}

TYPES: Mapping[str, str | Promise] = {
    VariableType.TEXT.value: gettext_lazy("any text"),
    VariableType.NUMBER.value: gettext_lazy("number"),
    VariableType.CHOICE.value: gettext_lazy("one of a list"),
}

SOURCES: Mapping[str, str | Promise] = {
    Source.FIXED.value: gettext_lazy("nobody: the default"),
    Source.CUSTOMER_LANGUAGE.value: gettext_lazy("customer: language"),
    Source.CUSTOMER_ATTRIBUTE.value: gettext_lazy("customer: attribute"),
    Source.PAGE_ADDRESS.value: gettext_lazy("page: address"),
    Source.PAGE_ATTRIBUTE.value: gettext_lazy("page: attribute"),
    Source.WIDGET_NAME.value: gettext_lazy("widget: name"),
    Source.TODAY.value: gettext_lazy("time: date"),
    Source.TIME.value: gettext_lazy("time: clock"),
    Source.WEEKDAY.value: gettext_lazy("time: day of the week"),
}


def settings_of(content: PromptContent) -> list[tuple[str | Promise, str]]:
    """Return each setting's label and value in words."""
    fields = content.as_fields()
    translated = [
        (_label("examples", language), setting_text("examples", words["examples"]))
        for language, words in fields["translations"].items()
        if words["examples"]
    ]
    shared = [(label, setting_text(name, fields[name])) for name, label in LABELS.items()]
    return shared[:1] + translated + shared[1:]


def setting_changes(comparison: Comparison) -> list[tuple[str | Promise, str, str]]:
    """Return label, old and new value, in words, of each setting that differs."""
    return [
        (
            _label(change.name, change.language),
            setting_text(change.name, change.before),
            setting_text(change.name, change.after),
        )
        for change in comparison.settings
    ]


def setting_text(name: str, value: Any) -> str:
    """Return a setting's value in words."""
    if name == "variables":
        return "\n".join(map(_variable_text, value)) or _("none")
    if name == "examples":
        return "\n\n".join(map(_example_text, value)) or _("none")
    if name == "route":
        return _route_text(value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return _("the provider's own") if value is None else str(value)


def language_name(code: str) -> str:
    """Return a language as its speakers call it, with its tag."""
    known = LANG_INFO.get(code, {})
    return f"{known['name_local']} ({code})" if "name_local" in known else code


def _label(name: str, language: str) -> str | Promise:
    return f"{LABELS[name]} · {language_name(language)}" if language else LABELS[name]


def _variable_text(variable: Mapping[str, Any]) -> str:
    parts = [f"{{{{{variable.get('name', '')}}}}}"]
    if variable.get("type") == VariableType.CHOICE:
        parts.append(_("one of %(choices)s") % {"choices": " / ".join(variable["choices"])})
    elif variable.get("type") == VariableType.NUMBER:
        parts.append(str(TYPES[VariableType.NUMBER]))
    source = source_of(variable)
    if source in BY_ATTRIBUTE:
        parts.append(f"{SOURCES[source]} “{variable['attribute']}”")
    elif source is not Source.FIXED:
        parts.append(str(SOURCES[source]))
    if variable.get("required"):
        parts.append(_("required"))
    if variable.get("default"):
        parts.append(_("default “%(text)s”") % {"text": variable["default"]})
    if variable.get("sample"):
        parts.append(_("sample “%(text)s”") % {"text": variable["sample"]})
    return ", ".join(parts)


def _example_text(example: Mapping[str, str]) -> str:
    return f"{_('Customer')}: {example['customer']}\n{_('Answer')}: {example['answer']}"


def _route_text(route: Sequence[Sequence[str]]) -> str:
    return "\n".join(" / ".join(hop) for hop in route) or _("the site's default")
