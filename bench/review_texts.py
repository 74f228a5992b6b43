"""What made-up customers and the bot say, for ``bench.review``, and what it is found by.

Texts are drawn from a store of some thousand, so that cutting them into words takes seconds; the
database indexes every one of them all the same. Some words are planted, each in a known share of
the texts of its language, and one of each language in a handful of messages.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, NamedTuple

from django.db import connection

from conversations.finding.index import question_digest
from conversations.finding.words import terms_of
from conversations.models.terms import as_tsvector

STORE = 4_000
ENGLISH = {"order": 0.2, "refund": 0.02}
CHINESE = {"的": 0.6, "退款": 0.05, "退款政策": 0.005}
# About in how many messages of a million the last text of each store stands.
HANDFUL = 60
RARE = {"en": "One zeppelin, please.", "zh-hans": "我要一个飞艇模型，龘。"}
SYLLABLES = "ba co du el fin gar hul im jo kel lun mor nap ol pra qui ros sta tul ven wix yor"
HAN = [chr(code) for code in range(0x4E00, 0x4E00 + 1_500)]


class Text(NamedTuple):
    """A text of the store, with what it is found by."""

    text: str
    terms: Any
    digest: int | None


def text_draw(rng: random.Random, store: list[Text]) -> Text:
    """Return one of a store's texts, now and then the rare one."""
    if rng.random() < HANDFUL / 500_000:
        return store[-1]
    return store[rng.randrange(len(store) - 1)]


def store_make(
    rng: random.Random,
    make: Callable[[random.Random, list[str], int], str],
    planted: dict[str, float],
    rare: str,
) -> list[Text]:
    """Return a store of texts in one language, with these words planted in them."""
    texts = [
        make(rng, [word for word, share in planted.items() if rng.random() < share], length)
        for length in [10, 40] * (STORE // 2)
    ]
    return [_text(text) for text in [*texts, rare]]


def _text(text: str) -> Text:
    terms = terms_of(text)
    written = " ".join(terms) if connection.vendor == "sqlite" else as_tsvector(terms)
    return Text(text, written, question_digest(terms))


def english(rng: random.Random, planted: list[str], length: int) -> str:
    """Return made-up English with some planted words."""
    syllables = SYLLABLES.split()
    words = [
        "".join(rng.choice(syllables) for _ in range(rng.randint(1, 3)))
        for _ in range(rng.randint(length // 2, length))
    ]
    for word in planted:
        words.insert(rng.randrange(len(words)), word)
    return " ".join(words).capitalize() + "."


def chinese(rng: random.Random, planted: list[str], length: int) -> str:
    """Return made-up Chinese with some planted words."""
    characters = [
        HAN[int(len(HAN) * rng.random() ** 3)] for _ in range(rng.randint(length, 2 * length))
    ]
    for word in planted:
        characters.insert(rng.randrange(len(characters)), word)
    return "".join(characters) + "。"
