"""The widget's scripts and styles as browsers get them: one file each, of readable sources.

There is no build step: a process reads the sources once. The panel's modules become one module
(over HTTP/1.1 two dozen requests would cost more than their bytes), its style sheets one sheet.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders

from conversations.widget.compact import (
    Rename,
    script_compact,
    style_compact,
    variables_short,
    variables_shorten,
)
from conversations.widget.names import names_shorten

_NAMES = r"\{\s*\w+(?:,\s*\w+)*,?\s*\}"
_IMPORT = re.compile(rf'^import {_NAMES} from "\./(?P<name>[\w-]+\.js)";\n', re.MULTILINE)
_DECLARATION = r"(?:async )?(?:function|class|const|let) (?P<name>\w+)"
_EXPORT = re.compile(rf"^export (?={_DECLARATION})", re.MULTILINE)
_UNKNOWN_FORM = re.compile(
    r"^(?:import\b|export\b(?! default (?:class|function) )|(?:const|let) [\[{]).*", re.MULTILINE
)
_TOP_LEVEL = re.compile(rf"^(?:export (?:default )?)?{_DECLARATION}", re.MULTILINE)


# Those of what comes later as well: they cost less here than each by itself.
STYLES = (
    "chat.css",
    "log.css",
    "composer.css",
    "surroundings.css",
    "prose.css",
    "dialog.css",
    "aside.css",
    "team.css",
)


class BundleError(Exception):
    """The modules cannot become one: a name stands twice, or an import is of another form."""


@dataclass(frozen=True)
class Script:
    """A script or a style sheet, and the name of its content."""

    source: bytes
    digest: str


def script_bundle(entry: str, read: Callable[[str], str], rename: Rename = names_shorten) -> str:
    """Return a module and all it imports as one module, each after what it needs.

    Args:
        entry: The file name of the module to begin with.
        read: Returns the source of a module by its file name.
        rename: Gives its tokens shorter names, see ``script_compact``.

    Raises:
        BundleError: Two modules declare one name at their top level, one takes something apart
            there, or imports or exports in a form other than
            ``import { name } from "./file.js";`` and ``export <declaration>``; only the class or
            function that ``export default`` names is exported by the whole.
    """
    parts: dict[str, str] = {}
    _collect(entry, read, parts)
    owners: dict[str, str] = {}
    for file, source in parts.items():
        for match in _TOP_LEVEL.finditer(source):
            other = owners.setdefault(match["name"], file)
            if other != file:
                raise BundleError(f"{match['name']} stands in {other} and in {file}")
    bundle = "".join(_EXPORT.sub("", _IMPORT.sub("", source)) for source in parts.values())
    if odd := _UNKNOWN_FORM.search(bundle):
        raise BundleError(f"not a form this bundler knows: {odd[0]}")
    return script_compact(bundle, rename)


def _collect(file: str, read: Callable[[str], str], parts: dict[str, str]) -> None:
    if file in parts:
        return
    source = read(file)
    for match in _IMPORT.finditer(source):
        _collect(match["name"], read, parts)
    parts[file] = source


def source_read(file: str) -> str:
    """Return one of the widget's sources by its file name."""
    return Path(str(finders.find(f"widget/{file}"))).read_text(encoding="utf-8")


def script_named(source: str) -> Script:
    """Return a script and the name of its content."""
    content = source.encode()
    return Script(content, hashlib.sha256(content).hexdigest()[:16])


@cache
def _loader() -> Script:
    return script_named(f'(()=>{{"use strict";\n{script_bundle("loader.js", source_read)}}})();\n')


@cache
def _panel() -> Script:
    return script_named(script_bundle("panel.js", source_read))


@cache
def _launcher() -> str:
    return style_compact(source_read("launcher.css"))


@cache
def _styles() -> tuple[Script, dict[str, str]]:
    style = style_compact("".join(map(source_read, STYLES)))
    short = variables_short(style)
    return script_named(variables_shorten(style, short)), short


def script_loader() -> Script:
    """Return the script that websites embed."""
    if settings.DEBUG:
        _loader.cache_clear()
    return _loader()


def style_launcher() -> str:
    """Return the style sheet of the launcher, which the loader gets with the settings."""
    if settings.DEBUG:
        _launcher.cache_clear()
    return _launcher()


def script_panel() -> Script:
    """Return the panel's script."""
    if settings.DEBUG:
        _panel.cache_clear()
    return _panel()


def styles_panel() -> Script:
    """Return the panel's style sheet."""
    if settings.DEBUG:
        _styles.cache_clear()
    return _styles()[0]


def variables_panel(values: Mapping[str, str]) -> dict[str, str]:
    """Return what variables of the panel's style sheet are worth, by their names in it.

    Raises:
        KeyError: The sheet knows no such variable.
    """
    _, short = _styles()
    return {short[name]: value for name, value in values.items()}
