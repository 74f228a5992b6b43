"""What the panel fetches when it is first needed: scripts with their markup and words.

Each is one file in each language, so that a customer who never needs it pays nothing, and one who
does waits once. What the panel has anyway it lends them, see ``later.js``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import override

from conversations.models import RatingReason
from conversations.widget.scripts import (
    BundleError,
    Script,
    script_bundle,
    script_named,
    source_read,
)
from conversations.widget.texts import aside_texts, team_texts

# What the panel lends, by the file in which a script finds it when it stands by itself.
LENT: Final[Mapping[str, str]] = {
    "dom.js": "element",
    "fill.js": "fill",
    "id.js": "messageId",
    "markup.js": "setServerHtml",
    "time.js": "timeLabel",
}
_IMPORT = re.compile(
    r'^import \{ ?(?P<names>[^}]*?),? ?\} from "\./(?P<file>[\w-]+\.js)";', re.MULTILINE
)


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
        return _script("aside", "Aside", html=html, texts=aside_texts())


@cache
def _team(locale: str) -> Script:
    with override(locale):
        return _script("team", "Team", texts=team_texts())


def _script(name: str, entry: str, **served: object) -> Script:
    """Return a module that makes the class ``entry`` of a file, with what is served to it.

    Raises:
        BundleError: It needs something of a file of the panel that the panel does not lend.
    """
    generated = {
        "made.js": _maker(name, entry),
        "served.js": f"export const served = {json.dumps(served, ensure_ascii=False)};\n",
        **{file: f"let {lent};\n" for file, lent in LENT.items()},
    }

    def read(file: str) -> str:
        source = generated.get(file) or source_read(file)
        for match in _IMPORT.finditer(source):
            if match["file"] in LENT and match["names"] != LENT[match["file"]]:
                raise BundleError(f"{file} needs {match['names']}, which the panel does not lend")
        return source

    return script_named(script_bundle("made.js", read))


def _maker(name: str, entry: str) -> str:
    """Return the module that takes what is lent, and makes what was asked for."""
    imports = "".join(f'import {{ {lent} }} from "./{file}";\n' for file, lent in LENT.items())
    takes = "".join(f"  {lent} = lent.{lent};\n" for lent in LENT.values())
    return (
        f'{imports}import {{ {entry} }} from "./{name}.js";\n'
        f"export default function make(given, lent) {{\n{takes}  return new {entry}(given);\n}}\n"
    )
