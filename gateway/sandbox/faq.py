"""A prompt to passages: which lines of a system prompt are facts a customer may be told.

Editors write facts in many shapes, and all of these are understood: ``Q:`` and ``A:`` lines
(also 问 and 答), headings, a question followed by its answer, "Label: fact", lists and plain
sentences. Sentences that tell the bot how to behave are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

_HEADING = re.compile(r"#{1,6}\s+(?P<topic>.+)")
_BULLET = re.compile(r"(?:[-*•·]|\d{1,2}[.)、])\s+")
_QUESTION = re.compile(
    r"\W*(?:q(?:uestion)?|问题?)\s*\d*\s*[:：][*_]*\s*(?P<topic>.+)", re.IGNORECASE
)
_ANSWER = re.compile(
    r"\W*(?:a(?:nswer)?|答案?|回答)\s*\d*\s*[:：][*_]*\s*(?P<text>.+)", re.IGNORECASE
)
_QUESTION_THEN_TEXT = re.compile(
    r"[*_]*(?P<topic>[^?？]{2,200}[?？])[*_\s]+(?:(?:A|答)[:：]\s*)?(?P<text>\w.*)"
)
# One thing asked in several ways, as editors do to be found: no part of it is the answer.
_ONLY_QUESTIONS = re.compile(r"(?:[^.!?。！？]+[?？][*_\s]*)+")
_LABEL = re.compile(r"[*_]*(?P<topic>[^:：.。]{2,60})[:：](?!\d)[*_]*\s*(?P<text>.*)")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])")
_ORDER = re.compile(
    r"(?:you are|you're|you (?:must|should|may|can)|you can(?:not|'t)|"
    r"your (?:task|job|role|answers?|name|tone)|"
    r"answer|reply|respond|be (?:\w+|brief)\b|keep (?:it|your|answers|replies)|never|always|"
    r"do not|don't|use (?:the|only|plain|short|simple|markdown)|speak|write (?:in|short|brief)|"
    r"say (?:so|that|you)|stay|greet|refer|"
    r"if (?:the|a) (?:customer|user|visitor|question|answer|faq|text|list)|"
    r"if (?:they|asked|unsure|something)|"
    r"if you (?:do not|don't|cannot|can't|are (?:not sure|unsure))|"
    r"when (?:the|a) (?:customer|user|visitor)|only|avoid|make sure|help (?:the|customers)|"
    r"below|here (?:is|are)|the following|today is|"
    r"你是|你的|你(?:要|应|只|必须)|回答|不要|如果(?:顾客|客户|用户|不|你)|务必|始终|保持|"
    r"请(?:用|只|根据|简|保持|友好|以)|用.{0,8}回答|只|以下|当(?:顾客|客户|用户))",
    re.IGNORECASE,
)
_PERSONA = re.compile(
    r"(?:you are|you're)\s+(?P<en>[^.\n]{2,160})|你是(?P<zh>[^。\n]{2,80})", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Passage:
    """Something a customer may be told, and what it is about."""

    topic: str
    text: str


def persona(prompt: str, *, chinese: bool) -> str | None:
    """Return who the prompt says the bot is, in that language, without the final stop."""
    for found in _PERSONA.finditer(prompt):
        name = found["zh" if chinese else "en"]
        if name:
            return name.strip(" ,，*_")
    return None


@lru_cache(maxsize=16)
def passages(prompt: str) -> tuple[Passage, ...]:
    """Return the facts of a system prompt, in its order."""
    return tuple(_Reader().read(prompt))


class _Reader:
    """Reads a prompt line by line; holds the passage that is still open."""

    def __init__(self) -> None:
        self._heading = ""
        self._topic = ""  # of the open passage; empty when none is open
        self._lines: list[str] = []
        self._is_section = False  # a section ends at the next heading, not at an empty line

    def read(self, prompt: str) -> Iterator[Passage]:
        for line in prompt.splitlines():
            yield from self._line(line.strip())
        yield from self._close()

    def _line(self, line: str) -> Iterator[Passage]:
        if heading := _HEADING.fullmatch(line):
            yield from self._close()
            self._heading = _plain(heading["topic"])
            if self._heading.endswith(("?", "？")):
                self._open(self._heading, is_section=True)
        elif question := _QUESTION.fullmatch(line):
            yield from self._close()
            yield from self._asked(question["topic"])
        elif answer := _ANSWER.fullmatch(line):
            self._lines.append(answer["text"])
        elif self._topic and not self._is_next(line):
            if line or self._is_section:
                self._lines.append(line)
            elif self._lines:
                yield from self._close()
        else:
            yield from self._close()
            yield from self._free(line)

    def _is_next(self, line: str) -> bool:
        """Whether a line, inside an open passage, begins another one."""
        return bool(self._lines) and _plain(line).endswith(("?", "？"))

    def _asked(self, question: str) -> Iterator[Passage]:
        both = _QUESTION_THEN_TEXT.fullmatch(question)
        if both and not _ONLY_QUESTIONS.fullmatch(question):
            yield Passage(_plain(both["topic"]), both["text"])
        else:
            self._open(_plain(question))

    def _free(self, line: str) -> Iterator[Passage]:
        line = _BULLET.sub("", line, count=1)
        if not line:
            return
        if _plain(line).endswith(("?", "？")) or _QUESTION_THEN_TEXT.fullmatch(line):
            yield from self._asked(line)
            return
        fact = " ".join(part for part in _SENTENCE_END.split(line) if not _ORDER.match(part))
        label = _LABEL.fullmatch(fact)
        if label and not label["text"]:
            self._open(_plain(label["topic"]))
        elif fact:
            yield Passage(label["topic"] if label else self._heading, fact)

    def _open(self, topic: str, *, is_section: bool = False) -> None:
        self._topic, self._is_section = topic, is_section

    def _close(self) -> Iterator[Passage]:
        text = "\n".join(self._lines).strip()
        if text:
            yield Passage(self._topic or self._heading, text)
        self._topic, self._lines, self._is_section = "", [], False


def _plain(text: str) -> str:
    return text.strip(" *_#")
