"""What the launcher is told before it draws itself: one small answer that browsers cache."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse

from conversations.models import Widget
from conversations.widget.colours import text_on
from conversations.widget.scripts import style_launcher
from conversations.widget.texts import launcher_texts
from conversations.widget.wording import wording_of

# The icons of the launcher, as the path of a square of 24 units: closed, and open.
SHAPES = {
    "chat": "M12 4c-5 0-9 3.4-9 7.6 0 2.3 1.2 4.4 3.2 5.8L5.5 20.5l3.7-1.6"
    "c.9.2 1.8.3 2.8.3 5 0 9-3.4 9-7.6S17 4 12 4z",
    "down": "m6 9 6 6 6-6",
}
SCHEMES = ("light", "dark")


def launcher_look(widget: Widget, locale: str) -> dict[str, Any]:
    """Return everything the launcher needs, in the active language."""
    wording = wording_of(widget, locale)
    return {
        "origin": settings.SITE_ORIGIN,
        "locale": locale,
        "panel": reverse("widget-panel", args=[widget.public_key]),
        "position": widget.launcher_position,
        "isHidden": widget.launcher_hidden,
        "colours": launcher_colours(widget),
        "texts": {**launcher_texts(wording.title), "label": wording.label},
        "shapes": SHAPES,
        "style": style_launcher(),
    }


def launcher_colours(widget: Widget) -> dict[str, str]:
    """Return the accents and what reads on them, as the variables of ``launcher.css``."""
    dark = widget.accent_dark or widget.accent
    return {
        "--accent-light": widget.accent,
        "--on-accent-light": text_on(widget.accent),
        "--accent-dark": dark,
        "--on-accent-dark": text_on(dark),
    }


def refusal_hint(code: str, key: str, origin: str) -> str:
    """Return what the developer of the embedding page should put right; never translated."""
    return {
        "unknown_widget": f'no active widget has the key "{key}". Copy the snippet again.',
        "origin_not_allowed": f'{origin} is not among the allowed origins of widget "{key}". '
        "Add exactly this origin in the admin.",
    }[code]


def scheme_near(wanted: str) -> str:
    """Return the colours that are asked for: ``light``, ``dark``, or ``auto``."""
    return wanted if wanted in SCHEMES else "auto"
