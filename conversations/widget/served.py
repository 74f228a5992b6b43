"""What the panel fetches when it is first needed: scripts with their markup, styles and words.

Each is one file in each language, so that a customer who never needs it pays nothing, and one who
does waits once.
"""

from __future__ import annotations

import json
from functools import cache

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import override

from conversations.models import RatingReason
from conversations.widget.compact import style_compact
from conversations.widget.scripts import Script, script_bundle, script_named, source_read
from conversations.widget.texts import aside_texts, team_texts


def script_aside(locale: str) -> Script:
    """Return the script of what is seldom needed, in one of the site's languages."""
    if settings.DEBUG:
        _aside.cache_clear()
    return _aside(locale)


def script_team(locale: str) -> Script:
    """Return the script of the way to a person, in one of the site's languages."""
    if settings.DEBUG:
        _team.cache_clear()
    return _team(locale)


@cache
def _aside(locale: str) -> Script:
    with override(locale):
        html = render_to_string("widget/aside.html", {"reasons": RatingReason.choices})
        return _script("aside", html=html, texts=aside_texts())


@cache
def _team(locale: str) -> Script:
    with override(locale):
        return _script("team", texts=team_texts())


def _script(name: str, **served: object) -> Script:
    """Return a module with its style sheet and what else is served to it as ``served.js``."""
    served["style"] = style_compact("".join(map(source_read, ("dialog.css", f"{name}.css"))))
    module = f"export const served = {json.dumps(served, ensure_ascii=False, sort_keys=True)};\n"

    def read(file: str) -> str:
        return module if file == "served.js" else source_read(file)

    return script_named(script_bundle(f"{name}.js", read))
