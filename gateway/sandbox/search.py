"""The passages that fit a question: rare words count more, and words of the topic count twice."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

from gateway.sandbox.faq import Passage
from gateway.sandbox.words import Term, is_chinese, terms

# Found by trying a shop's FAQ: below it answers become guesses, above it honest ones get lost.
FIT = 0.27
ALSO_FIT = 1.3  # a second passage must be about it; mentioning it is not enough
TOPIC_FACTOR = 2.0
CONCEPT_FACTOR = 0.8  # "delivery" for "shipping" is nearly as good as the word itself
EARLIER_FACTOR = 0.4  # what the turn before was about, for "and to Canada?"
FOLLOW_UP_TERMS = 2
FOREIGN_FACTOR = 0.5
INTENT_FACTOR = 1.5  # what a shop does tells more than what it sells
COVER_FACTOR = 0.1  # between equals, the topic of which more was asked for

_JOINED = re.compile(r"\b(?:and|also)\b|[?;？；，].*\w|还|另外|以及", re.IGNORECASE)


class Index:
    """The passages of one prompt, ready to be searched."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._passages = passages
        self._topics = [_forms(passage.topic) for passage in passages]
        self._texts = [_forms(passage.text) for passage in passages]
        self._spread = Counter(
            form
            for topic, text in zip(self._topics, self._texts, strict=True)
            for form in topic | text
        )

    def find(self, question: str, *, earlier: str = "") -> tuple[Passage, ...]:
        """Return the passages that answer a question, the best first; none is an answer too.

        Args:
            question: What the customer says now.
            earlier: What the customer said before; a short question leans on it.
        """
        asked = terms(question)
        weights = {term: self._weight(term) for term in asked}
        if len(asked) <= FOLLOW_UP_TERMS:
            for term in terms(earlier):
                weights.setdefault(term, self._weight(term) * EARLIER_FACTOR)
        found: list[int] = []
        while len(found) < _parts(question) and asked:
            best = self._best(weights, chinese=is_chinese(question), but=found)
            if best is None:
                break
            found.append(best)
            # A second passage must answer what the first left open, in the question itself.
            rest = [term for term in asked if not self._says(best, term)]
            weights, asked = {term: weights[term] for term in rest}, tuple(rest)
        return tuple(self._passages[place] for place in found)

    def _best(self, weights: dict[Term, float], *, chinese: bool, but: Sequence[int]) -> int | None:
        whole = sum(weights.values())
        scores = {
            place: self._score(place, weights, chinese=chinese)
            for place in range(len(self._passages))
            if place not in but
        }
        best = max(scores, key=scores.__getitem__, default=None)
        fit = ALSO_FIT if but else FIT
        return best if best is not None and whole and scores[best] >= fit * whole else None

    def _score(self, place: int, weights: dict[Term, float], *, chinese: bool) -> float:
        score = 0.0
        for term, weight in weights.items():
            score += weight * max(
                TOPIC_FACTOR * _likeness(term, self._topics[place]),
                _likeness(term, self._texts[place]),
            )
        forms = {form for term in weights for form in (term.form, f"~{term.concept}")}
        topic = self._topics[place]
        score *= 1 + COVER_FACTOR * len(topic & forms) / (len(topic) or 1)
        is_same_language = is_chinese(self._passages[place].text) == chinese
        return score * (1.0 if is_same_language else FOREIGN_FACTOR)

    def _says(self, place: int, term: Term) -> bool:
        topic = self._topics[place]
        return term.form in topic | self._texts[place] or f"~{term.concept}" in topic

    def _weight(self, term: Term) -> float:
        """How much a term tells: seldom said tells more; a word no passage knows tells most."""
        known = self._spread[term.form] or self._spread[f"~{term.concept}"]
        weight = math.log(1 + len(self._passages) / (known or 1))
        return weight * INTENT_FACTOR if term.concept else weight


def _parts(question: str) -> int:
    """Return how many passages a question may need: two, if it asks for one thing and another."""
    return 2 if _JOINED.search(question) else 1


def _forms(text: str) -> frozenset[str]:
    found = terms(text)
    return frozenset(
        [term.form for term in found] + [f"~{term.concept}" for term in found if term.concept]
    )


def _likeness(term: Term, forms: frozenset[str]) -> float:
    if term.form in forms:
        return 1.0
    return CONCEPT_FACTOR if term.concept and f"~{term.concept}" in forms else 0.0
