"""What a widget's owner lets it say, in the customer's language or in the one for all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conversations.models import Widget

QUESTIONS_SHOWN = 4
# The name of each text, with the length it may have; for questions that of each line.
LIMITS: Mapping[str, int] = {
    "title": 80,
    "greeting": 500,
    "questions": 120,
    "placeholder": 80,
    "label": 30,
    "away": 120,
    "team": 200,
}


@dataclass(frozen=True, slots=True)
class Wording:
    """An owner's words in one language; "" where the site has words of its own.

    Args:
        title: The chat's name, in its header.
        greeting: What stands there before anything was said.
        questions: What a customer may ask with one click, a handful at the most.
        placeholder: What stands in the empty field.
        label: What stands beside the launcher's icon.
        away: What the header says outside office hours.
        team: What offers to leave a message for the team.
    """

    title: str
    greeting: str
    questions: tuple[str, ...]
    placeholder: str
    label: str
    away: str
    team: str


def wording_of(widget: Widget, locale: str) -> Wording:
    """Return the widget's words in a language; those for every language where it has none.

    Args:
        widget: Whose words they are.
        locale: One of the site's languages, as in ``zh-hans``.
    """
    own = _own(widget.texts, locale)
    return Wording(
        title=_text(own, "title") or widget.name,
        greeting=_text(own, "greeting") or widget.greeting,
        questions=_lines(own.get("questions")) or _lines(widget.suggested_questions),
        placeholder=_text(own, "placeholder") or widget.placeholder,
        label=_text(own, "label") or widget.launcher_label,
        away=_text(own, "away") or widget.away_text,
        team=_text(own, "team") or widget.team_text,
    )


def texts_are_fit(texts: Any) -> bool:
    """Tell whether texts by language can be kept: known names, in bounds, none of them empty."""
    return isinstance(texts, dict) and all(
        isinstance(own, dict) and all(_is_fit(name, text) for name, text in own.items())
        for own in texts.values()
    )


def _is_fit(name: str, text: Any) -> bool:
    if name == "questions":
        return isinstance(text, list) and all(_is_line(line, LIMITS[name]) for line in text)
    return name in LIMITS and _is_line(text, LIMITS[name])


def _is_line(text: Any, limit: int) -> bool:
    return isinstance(text, str) and 0 < len(text) <= limit


def _own(texts: Any, locale: str) -> Mapping[str, Any]:
    """Return the texts of a language; a regional one inherits those of its language."""
    known = texts if isinstance(texts, dict) else {}
    own: dict[str, Any] = {}
    for name in (locale.partition("-")[0], locale):
        entry = known.get(name)
        own |= entry if isinstance(entry, dict) else {}
    return own


def _text(own: Mapping[str, Any], name: str) -> str:
    value = own.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def _lines(value: Any) -> tuple[str, ...]:
    items = value if isinstance(value, list) else []
    texts = (item.strip() for item in items if isinstance(item, str))
    return tuple(text for text in texts if text)[:QUESTIONS_SHOWN]
