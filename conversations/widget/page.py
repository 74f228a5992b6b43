"""What the chat's page is made of: the owner's words, the colours, and the JSON for its script."""

from __future__ import annotations

import json
from typing import Any, Final

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from conversations.models import Widget
from conversations.widget.colours import panel_colours
from conversations.widget.presence import Presence, presence_at
from conversations.widget.scripts import Script, script_panel, variables_panel
from conversations.widget.served import script_aside, script_team
from conversations.widget.texts import panel_texts
from conversations.widget.wording import Wording, wording_of

# Which colours the page and the browser's own parts take; as in theme.js.
SCHEMES = {"light": "light", "dark": "dark", "auto": "light dark"}


def chat_context(
    widget: Widget, locale: str, scheme: str, hosts: tuple[str, ...]
) -> dict[str, Any]:
    """Return the context of ``widget/chat.html``, in the active language.

    Args:
        widget: Whose chat it is; it need not be saved.
        locale: The active language.
        scheme: ``light``, ``dark`` or ``auto``.
        hosts: The origins that may frame the page and talk to it; none if it stands by itself.
    """
    wording = wording_of(widget, locale)
    presence = presence_at(widget.hours, wording.away, timezone.now())
    return {
        "widget": widget,
        "wording": wording,
        "scheme_colours": SCHEMES[scheme],
        "script": script_panel().digest,
        "island": {
            "key": widget.public_key,
            "origin": settings.SITE_ORIGIN,
            "aside": _served("widget-aside", script_aside(locale), locale),
            "socket": f"{socket_origin()}/ws/chat/{widget.public_key}/",
            "hosts": hosts,
            "colours": variables_panel(
                panel_colours(widget.accent, widget.accent_dark or widget.accent)
            ),
            "presence": _presence(presence),
            "locale": locale,
            "maxCharacters": settings.MESSAGE_MAX_CHARACTERS,
            "texts": panel_texts(),
            **(_team(wording, locale) if widget.team_offers else {}),
        },
    }


def _team(wording: Wording, locale: str) -> dict[str, str]:
    address = _served("widget-team-script", script_team(locale), locale)
    return {"team": address, "offer": wording.team}


def socket_origin() -> str:
    """Return the site's origin as websockets write it."""
    return settings.SITE_ORIGIN.replace("http", "ws", 1)


def _served(name: str, script: Script, locale: str) -> str:
    return f"{reverse(name, args=[script.digest])}?locale={locale}"


def _presence(presence: Presence) -> dict[str, object]:
    changes = [(int(moment.timestamp() * 1000), text) for moment, text in presence.changes]
    return {"text": presence.text, "changes": changes}


# What would end the element, or be read as a character of HTML; JSON knows them by number too.
_ESCAPES: Final = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def island_element(island: dict[str, Any]) -> SafeString:
    """Return the element with what the page's script must know, as ``json_script`` would.

    Its characters stay as they are: escaped, Chinese would be twice as long.
    """
    text = json.dumps(island, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES)
    return format_html(
        '<script id="chatsite" type="application/json">{}</script>',
        mark_safe(text),  # noqa: S308 - nothing in it can end the element
    )
