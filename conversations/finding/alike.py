"""First messages that ask about the same, put together by their words; pure.

Counting, not understanding: two questions belong together if they share enough of their terms,
which for Chinese are pairs of characters. It is the same every time, and needs no model.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from conversations.finding.words import is_dense, terms_of

K = TypeVar("K", bound=Hashable)

# Of their terms, this share must be common to two questions; twice what is common, by all.
ENOUGH = 0.5
MOST_TERMS = 24
# Words that stand in questions about anything.
_EMPTY = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "at",
        "be",
        "but",
        "can",
        "could",
        "do",
        "does",
        "for",
        "from",
        "have",
        "hello",
        "help",
        "hey",
        "hi",
        "how",
        "i",
        "in",
        "is",
        "it",
        "me",
        "my",
        "of",
        "on",
        "or",
        "please",
        "thank",
        "thanks",
        "that",
        "the",
        "this",
        "to",
        "we",
        "what",
        "when",
        "where",
        "which",
        "who",
        "why",
        "will",
        "with",
        "would",
        "you",
        "your",
        "你好",
        "您好",
        "请问",
        "吗",
        "呢",
        "的",
        "了",
        "吧",
        "啊",
        "谢谢",
        "什么",
        "怎么",
        "我的",
        "我想",
        "可以",
    ]
)


@dataclass(frozen=True, slots=True)
class Group(Generic[K]):
    """Questions that belong together.

    Args:
        question: The first of them that was given, which the others resemble.
        keys: Which ones they are, in the order in which they were given.
    """

    question: str
    keys: list[K]


def groups_of(questions: Iterable[tuple[K, str]]) -> list[Group[K]]:
    """Return the questions in groups, the largest first; each question is in one group at most.

    Each joins the group whose first question it resembles most, or begins one. A question without
    words is left out. Memory and time are bounded by the number of questions, so who calls bounds
    that.

    Args:
        questions: Pairs of a key and a text.
    """
    groups: list[Group[K]] = []
    sizes: list[int] = []
    begun: dict[frozenset[str], int] = {}
    holders: dict[str, list[int]] = defaultdict(list)
    for key, question in questions:
        terms = question_terms(question)
        if not terms:
            continue
        place = begun.get(terms)
        if place is None:
            place = _nearest(terms, sizes, holders)
        if place is None:
            place = len(groups)
            groups.append(Group(question, []))
            sizes.append(len(terms))
            for term in terms:
                holders[term].append(place)
        begun.setdefault(terms, place)
        groups[place].keys.append(key)
    return sorted(groups, key=lambda group: -len(group.keys))


def group_with(groups: Sequence[Group[K]], key: K) -> Group[K] | None:
    """Return the group that a question is in."""
    return next((group for group in groups if key in group.keys), None)


def question_terms(question: str) -> frozenset[str]:
    """Return the terms that say what a question is about; of empty words alone, these."""
    terms = terms_of(question)[:MOST_TERMS]
    # The last character of a Chinese run says nothing that the pair before it does not.
    pairs = [
        term
        for before, term in zip(["", *terms], terms, strict=False)
        if not (len(term) == 1 and is_dense(term) and before.endswith(term))
    ]
    return frozenset(pairs).difference(_EMPTY) or frozenset(pairs)


def _nearest(
    terms: frozenset[str], sizes: Sequence[int], holders: dict[str, list[int]]
) -> int | None:
    shared = Counter(place for term in terms for place in holders.get(term, ()))
    best, most = None, 0.0
    for place, count in shared.items():
        share = 2 * count / (len(terms) + sizes[place])
        if share >= ENOUGH and (share > most or (share == most and place < (best or 0))):
            best, most = place, share
    return best
