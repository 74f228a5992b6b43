"""The commands that a page of docs/ has its reader type, in their order."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_BLOCK = re.compile(r"^(?P<indent> *)```\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)
_OPENING = re.compile(r"^for |<<(?P<word>[A-Z]+)")


def commands_read(page: str, heading: str) -> list[str]:
    """Return the commands below a heading, up to the next one of its level.

    Args:
        page: A file's name in docs/.
        heading: Without its marks.
    """
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    _, found, rest = text.partition(f"\n## {heading}\n")
    assert found, heading
    commands = []
    for block in _BLOCK.finditer(rest.partition("\n## ")[0]):
        commands += _joined(
            [line.removeprefix(block["indent"]) for line in block["text"].splitlines()]
        )
    return commands


def _joined(lines: list[str]) -> list[str]:
    """Return whole commands: what ends in a backslash, a loop and a here-document go on below."""
    whole: list[str] = []
    end = ""
    for line in lines:
        if end or (whole and whole[-1].endswith("\\")):
            whole[-1] += f"\n{line}"
        else:
            whole.append(line)
            opening = _OPENING.search(line)
            end = (opening["word"] or "done") if opening else ""
        if line == end:
            end = ""
    return whole
