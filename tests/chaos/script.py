"""What the upstream says to a question: a pure function, so that everybody knows the answer."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

# Words that break when somebody counts bytes, code points or UTF-16 units wrongly.
VOCABULARY = (
    *("order", "parcel", "harbour", "pine", "tomorrow", "refund", "size", "warranty"),
    *(
        "naïve",
        "Grüße",
        "façade",
        "🧭",
        "👩‍👩‍👧",
        "\U0001d4b3",
        "订单",
        "退款",
        "e\u0301",
        "🇳🇴",
        "**soon**",
        "`A-1`",
    ),
)
PARAGRAPH_WORDS = 12
HELD_BACK_WORDS = 20
_QUESTION = re.compile(
    r"(?P<canary>\w+), say (?P<words>\d+) words, one each (?P<pace>\d+) ms(?P<wait>, and wait)?"
)


@dataclass(frozen=True, slots=True)
class Line:
    """What is asked for: so many words, one each so many milliseconds, with a canary in them.

    A line that waits holds its last words back until the upstream is released.
    """

    canary: str
    words: int
    pace_ms: int
    waits: bool = False

    @property
    def question(self) -> str:
        """The customer's words that ask for it."""
        wait = ", and wait" if self.waits else ""
        return f"{self.canary}, say {self.words} words, one each {self.pace_ms} ms{wait}"

    @property
    def pieces(self) -> list[str]:
        """The answer, in the pieces that it is said in; the canary is in every paragraph."""
        choice = random.Random(self.question)
        spoken = []
        for number in range(self.words):
            opens = number % PARAGRAPH_WORDS == 0
            word = self.canary if opens else choice.choice(VOCABULARY)
            spoken.append(("\n\n" if opens and number else " " if number else "") + word)
        return spoken

    @property
    def answer(self) -> str:
        """Everything that is said."""
        return "".join(self.pieces)


def line_make(rng: random.Random, words: int, pace_ms: int, *, waits: bool = False) -> Line:
    """Return a line that nobody else has."""
    return Line(f"c{rng.getrandbits(48):012x}", words, pace_ms, waits)


def line_read(question: str) -> Line:
    """Return the line that a question asks for.

    Raises:
        ValueError: It asks for none.
    """
    found = _QUESTION.fullmatch(question)
    if not found:
        raise ValueError(f"no line: {question!r}")
    return Line(found["canary"], int(found["words"]), int(found["pace"]), bool(found["wait"]))
