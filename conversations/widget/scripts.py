"""The widget's scripts as browsers get them: one file each, made from readable modules.

There is no build step: a process reads the sources once. The panel's modules become one module
(over HTTP/1.1 two dozen requests would cost more than their bytes), without comments.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders

_NAMES = r"\{\s*\w+(?:,\s*\w+)*,?\s*\}"
_IMPORT = re.compile(rf'^import {_NAMES} from "\./(?P<name>[\w-]+\.js)";\n', re.MULTILINE)
_DECLARATION = r"(?:async )?(?:function|class|const|let) (?P<name>\w+)"
_EXPORT = re.compile(rf"^export (?={_DECLARATION})", re.MULTILINE)
_MODULE_SYNTAX = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)
_TOP_LEVEL = re.compile(rf"^(?:export )?{_DECLARATION}", re.MULTILINE)
_COMMENT = re.compile(r"^[ \t]*(?:/\*.*?\*/|//[^\n]*)[ \t]*\n", re.MULTILINE | re.DOTALL)
_INDENT = re.compile(r"^\s+", re.MULTILINE)


class BundleError(Exception):
    """The modules cannot become one: a name stands twice, or an import is of another form."""


@dataclass(frozen=True)
class Script:
    """A script and the name of its content."""

    source: bytes
    digest: str


def script_compact(source: str) -> str:
    """Return a script without its whole-line comments, its indentation and its blank lines."""
    return _INDENT.sub("", _COMMENT.sub("", source))


def script_bundle(entry: str, read: Callable[[str], str]) -> str:
    """Return a module and all it imports as one module, each after what it needs.

    Args:
        entry: The file name of the module to begin with.
        read: Returns the source of a module by its file name.

    Raises:
        BundleError: Two modules declare one name at their top level, or a module imports or
            exports in a form other than ``import { name } from "./file.js";`` and
            ``export <declaration>``.
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
    if odd := _MODULE_SYNTAX.search(bundle):
        raise BundleError(f"not a form this bundler knows: {odd[0]}")
    return script_compact(bundle)


def _collect(file: str, read: Callable[[str], str], parts: dict[str, str]) -> None:
    if file in parts:
        return
    source = read(file)
    for match in _IMPORT.finditer(source):
        _collect(match["name"], read, parts)
    parts[file] = source


def _read(file: str) -> str:
    return Path(str(finders.find(f"widget/{file}"))).read_text(encoding="utf-8")


def _script(source: str) -> Script:
    content = source.encode()
    return Script(content, hashlib.sha256(content).hexdigest()[:16])


@cache
def _loader() -> Script:
    return _script(script_compact(_read("loader.js")))


@cache
def _panel() -> Script:
    return _script(script_bundle("panel.js", _read))


def script_loader() -> Script:
    """Return the script that websites embed."""
    if settings.DEBUG:
        _loader.cache_clear()
    return _loader()


def script_panel() -> Script:
    """Return the panel's script."""
    if settings.DEBUG:
        _panel.cache_clear()
    return _panel()
