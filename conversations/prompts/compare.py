"""What differs between two versions, word by word, settings included: values in, values out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import Enum
from typing import Any

from conversations.prompts.content import PromptContent

# A run of letters of a script with spaces is a word; a Chinese, Japanese or Korean character
# is a word of its own; so is each run of blanks and each sign.
_WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]"
    r"|[^\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]+"
    r"|\s+|[^\w\s]"
)


class Change(Enum):
    """What became of a stretch of text."""

    KEPT = "kept"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Words in a row that share a fate."""

    change: Change
    text: str


@dataclass(frozen=True, slots=True)
class SettingChange:
    """A setting that differs.

    Args:
        name: The field's name in ``PromptContent``.
        before: Its value in the earlier content.
        after: Its value in the later content.
    """

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that differs between two contents."""

    instructions: tuple[Stretch, ...]
    settings: tuple[SettingChange, ...]

    @property
    def is_same(self) -> bool:
        """Whether nothing differs at all."""
        return not self.settings and all(
            stretch.change is Change.KEPT for stretch in self.instructions
        )


def contents_compare(before: PromptContent, after: PromptContent) -> Comparison:
    """Return what differs, instructions word by word."""
    old, new = before.as_fields(), after.as_fields()
    return Comparison(
        instructions=tuple(_stretches(old.pop("instructions"), new.pop("instructions"))),
        settings=tuple(
            SettingChange(name, old[name], new[name]) for name in old if old[name] != new[name]
        ),
    )


def _stretches(before: str, after: str) -> Iterator[Stretch]:
    old, new = _WORD.findall(before), _WORD.findall(after)
    matcher = SequenceMatcher(a=old, b=new, autojunk=False)
    for tag, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if tag == "equal":
            yield Stretch(Change.KEPT, "".join(old[old_from:old_to]))
            continue
        if old_from < old_to:
            yield Stretch(Change.REMOVED, "".join(old[old_from:old_to]))
        if new_from < new_to:
            yield Stretch(Change.ADDED, "".join(new[new_from:new_to]))
