"""A judge's question to a verdict: a plain rule in the place of a model's understanding.

The rule looks for words, and its reason says which. So a demo and a test see cases pass and
fail as the prompt changes, and nobody takes it for insight.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateway.sandbox.answers import Turn, is_unknowing
from gateway.sandbox.words import is_chinese, terms

REASON_WORDS = 60  # characters of a quotation that a reason repeats
ENOUGH = 0.5  # of the rubric's telling words, where it quotes none

_FORM = re.compile(r"^(?P<token>\S+) YES <", re.MULTILINE)
_QUOTED = re.compile('“([^”]+)”|„([^“”]+)[“”]|「([^」]+)」|«([^»]+)»|"([^"]+)"')
_SENTENCE_END = re.compile(r"[.!?。！？;；\n]|\bbut\b|但", re.IGNORECASE)
_NOT = re.compile(
    r"\b(?:not|never|no|nor|without|cannot|avoids?)\b|n['\u2019]t\b|不|没|勿", re.IGNORECASE
)
_MARKS = re.compile(r"[*_`#>\s]+")
_ABOUT_ANSWERS = frozenset(
    term.form
    for term in terms(
        "answer reply response customer says mentions names contains 回答 答案 提到 说明"
    )
)


@dataclass(frozen=True, slots=True)
class _Reasons:
    """Why, in one language."""

    unknowing: str
    missing: str
    forbidden: str
    found: str
    kept: str
    few: str
    many: str
    negated: str


_ENGLISH = _Reasons(
    unknowing="The answer says that it does not know.",
    missing="The answer does not say “{words}”.",
    forbidden="The answer says “{words}”.",
    found="The answer says “{words}”.",
    kept="The answer does not say what it must not.",
    few="Of the rubric's words the answer has only: {words}.",
    many="Of the rubric's words the answer has: {words}.",
    negated="The sandbox is no model: put what must not be said in quotation marks.",
)
_CHINESE = _Reasons(
    unknowing="回答表示不知道。",
    missing="回答里没有“{words}”。",
    forbidden="回答里有“{words}”。",
    found="回答里有“{words}”。",
    kept="回答里没有不该说的话。",
    few="评判标准里的词，回答只有：{words}。",
    many="评判标准里的词，回答有：{words}。",
    negated="沙盒不是模型：请用引号标出不能说的话。",
)


def verdict(chat: Sequence[Turn]) -> str | None:
    """Return the line a judge is asked for; None if this is no judge's question.

    Words in quotation marks must stand in the answer, or must not where the sentence before
    them says "not". A rubric that wants no quoted words fails an answer that says it does not
    know; one without quotation marks passes if half of its telling words are in the answer.
    """
    form = next((_FORM.search(turn.content) for turn in chat if turn.role == "system"), None)
    evidence = _evidence(chat[-1].content) if form and chat[-1].role == "user" else None
    if form is None or evidence is None:
        return None
    is_passed, why = _judge(*evidence)
    return f"{form['token']} {'YES' if is_passed else 'NO'} {why}"


def _evidence(text: str) -> tuple[str, str] | None:
    """Return the answer and the rubric; None if the text is no judge's evidence."""
    try:
        evidence = json.loads(text)
    except ValueError:
        return None
    match evidence:
        case {"conversation": list(), "answer": str(answer), "rubric": str(rubric)}:
            return answer, rubric
    return None


def _judge(answer: str, rubric: str) -> tuple[bool, str]:
    reasons = _CHINESE if is_chinese(rubric) else _ENGLISH
    said = _plain(answer)
    quoted = list(_quotations(rubric))
    for words, is_wanted in quoted:
        if (_plain(words) in said) is not is_wanted:
            fault = reasons.missing if is_wanted else reasons.forbidden
            return False, fault.format(words=_short(words))
    wanted = [words for words, is_wanted in quoted if is_wanted]
    if wanted:
        return True, reasons.found.format(words=_short(wanted[0]))
    if is_unknowing(answer):
        return False, reasons.unknowing
    return (True, reasons.kept) if quoted else _overlap(answer, rubric, reasons)


def _quotations(rubric: str) -> Iterator[tuple[str, bool]]:
    """Yield what stands in quotation marks, and whether it is wanted."""
    is_wanted, after = True, 0
    for found in _QUOTED.finditer(rubric):
        lead = _SENTENCE_END.split(rubric[after : found.start()])
        # A second quotation of one sentence is wanted as the first is: not “a” or “b”.
        is_wanted = not _NOT.search(lead[-1]) and (is_wanted or len(lead) > 1)
        after = found.end()
        yield next(filter(None, found.groups())), is_wanted


def _overlap(answer: str, rubric: str, reasons: _Reasons) -> tuple[bool, str]:
    if _NOT.search(rubric):
        return False, reasons.negated
    wanted = [term for term in terms(rubric) if term.form not in _ABOUT_ANSWERS]
    said = {term.form for term in terms(answer)}
    found = [term.form for term in wanted if term.form in said]
    is_enough = bool(found) and len(found) >= ENOUGH * len(wanted)
    reason = reasons.many if is_enough else reasons.few
    return is_enough, reason.format(words=", ".join(found) or "—")


def _plain(text: str) -> str:
    return _MARKS.sub(" ", text.casefold()).strip()


def _short(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= REASON_WORDS else f"{line[:REASON_WORDS]}…"
