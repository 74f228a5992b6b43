"""What differs between two versions, word by word, settings included: values in, values out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
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
# Lines on either side of a change that show where it is, and how many others are worth hiding.
FOLD_AROUND = 3
FOLD_FROM = 6


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
        language: The translation it belongs to; empty for what all languages share.
    """

    name: str
    before: Any
    after: Any
    language: str = ""


@dataclass(frozen=True, slots=True)
class TranslationChange:
    """A translation whose instructions differ, appear or go."""

    language: str
    instructions: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that differs between two contents."""

    instructions: tuple[Stretch, ...]
    settings: tuple[SettingChange, ...]
    translations: tuple[TranslationChange, ...] = ()

    @property
    def is_same(self) -> bool:
        """Whether nothing differs at all."""
        return (
            not self.settings
            and not self.translations
            and all(stretch.change is Change.KEPT for stretch in self.instructions)
        )


@dataclass(frozen=True, slots=True)
class Fold:
    """A stretch as it is shown: of a long one that was kept, only what is beside a change.

    Args:
        change: What became of it.
        head: What is shown first, line ends included.
        hidden: The lines that are shown when they are asked for; empty for none.
        tail: What is shown last.
    """

    change: Change
    head: str
    hidden: str = ""
    tail: str = ""

    @property
    def lines(self) -> int:
        """How many lines are hidden."""
        return len(self.hidden.splitlines())


def stretches_fold(stretches: Sequence[Stretch]) -> list[Fold]:
    """Return the stretches with what was kept far from any change hidden."""
    last = len(stretches) - 1
    return [
        _fold(stretch.text, head=FOLD_AROUND * (at > 0), tail=FOLD_AROUND * (at < last))
        if stretch.change is Change.KEPT
        else Fold(stretch.change, stretch.text)
        for at, stretch in enumerate(stretches)
    ]


def _fold(text: str, *, head: int, tail: int) -> Fold:
    lines = text.splitlines(keepends=True)
    end = len(lines) - tail
    if end - head < FOLD_FROM:
        return Fold(Change.KEPT, text)
    shown, hidden, rest = lines[:head], lines[head:end], lines[end:]
    return Fold(Change.KEPT, "".join(shown), "".join(hidden), "".join(rest))


def contents_compare(before: PromptContent, after: PromptContent) -> Comparison:
    """Return what differs, instructions word by word in every language."""
    old, new = before.as_fields(), after.as_fields()
    old_words, new_words = old.pop("translations"), new.pop("translations")
    languages = sorted({*old_words, *new_words})
    shared = [SettingChange(name, old[name], new[name]) for name in old if name != "instructions"]
    translated = [
        SettingChange(
            "examples",
            _of(old_words, language, "examples"),
            _of(new_words, language, "examples"),
            language,
        )
        for language in languages
    ]
    return Comparison(
        instructions=tuple(_stretches(old["instructions"], new["instructions"])),
        settings=tuple(s for s in [*shared, *translated] if s.before != s.after),
        translations=tuple(
            TranslationChange(language, tuple(_stretches(earlier, later)))
            for language in languages
            if (earlier := _of(old_words, language, "instructions"))
            != (later := _of(new_words, language, "instructions"))
        ),
    )


def _of(translations: Mapping[str, Mapping[str, Any]], language: str, name: str) -> Any:
    return translations.get(language, {}).get(name) or ([] if name == "examples" else "")


def text_compare(before: str, after: str) -> tuple[Stretch, ...]:
    """Return what differs between two texts, word by word."""
    return tuple(_stretches(before, after))


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
