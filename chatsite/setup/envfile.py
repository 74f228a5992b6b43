"""Changing a ``.env`` without losing what people have written into it."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path

_NAME = re.compile(r"(?:export )?(?P<name>[A-Za-z_][A-Za-z_0-9]*)=")
_PLAIN = re.compile(r"[^\s'\"\\]+")


def line_write(name: str, value: str) -> str:
    """Return the line that sets a variable to a value, whatever characters are in it.

    Raises:
        ValueError: The value has a line break.
    """
    if len(value.splitlines()) > 1 or value.endswith(("\n", "\r")):
        raise ValueError(f"{name} has a line break")
    if not value or _PLAIN.fullmatch(value):
        return f"{name}={value}"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'{name}="{escaped}"'


def text_merge(text: str, values: Mapping[str, str]) -> str:
    """Return a file's text with these values in it, and everything else as it was.

    Args:
        text: The file as it is; empty if there is none.
        values: By name; a variable that is set already is set anew in its own line.
    """
    left = dict(values)
    lines = []
    for line in text.splitlines():
        found = _NAME.match(line)
        name = found["name"] if found else ""
        lines.append(line_write(name, left.pop(name)) if name in left else line)
    if left and lines and lines[-1]:
        lines.append("")
    lines += [line_write(name, value) for name, value in left.items()]
    return "\n".join([*lines, ""])


def file_write(path: Path, text: str) -> None:
    """Put a text in a file's place in one step, so that its owner alone can read it.

    Raises:
        OSError: It cannot be written; what was there is still there.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
