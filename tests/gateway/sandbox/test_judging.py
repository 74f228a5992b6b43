"""The sandbox's judge looks for words, says which, and judges nothing else."""

from __future__ import annotations

import json

import pytest

from gateway.sandbox.answers import Turn
from gateway.sandbox.judging import verdict

RULES = "You judge.\n\nReply with one line:\nVERDICT-0a1b YES <why>\nor\nVERDICT-0a1b NO <why>"
SORRY = "I am sorry, I have not been told anything about that, and I would rather not guess."


def judged(rubric: str, answer: str) -> str:
    evidence = {"conversation": [], "answer": answer, "rubric": rubric}
    said = verdict([Turn("system", RULES), Turn("user", json.dumps(evidence))])
    assert said is not None
    token, _, rest = said.partition(" ")
    assert token == "VERDICT-0a1b"
    assert "\n" not in rest
    return rest


@pytest.mark.parametrize(
    ("rubric", "answer", "says"),
    [
        ("It says “30 days”.", "Within **30  days**.", "YES The answer says “30 days”."),
        ('It says "30 days".', "Within 14 days.", "NO The answer does not say “30 days”."),
        ("It never says “free”.", "It is Free!", "NO The answer says “free”."),
        ("It doesn't say “free”.", "It costs 5.", "YES The answer does not say what it must not."),
        ("It does not say “a b” or “c d”.", "c d", "NO The answer says “c d”."),
        ("It says “a b” but not “c d”.", "a b", "YES The answer says “a b”."),
        ("It does not say “a b”. It says “c d”.", "c d", "YES The answer says “c d”."),
        ("It does not say “nonsense”.", SORRY, "NO The answer says that it does not know."),
        ("It says “not been told”.", SORRY, "YES The answer says “not been told”."),
        ("回答要说“30 天”。", "30 天内可以退货。", "YES 回答里有“30 天”。"),
        ("回答不能说“免费”。", "运费免费。", "NO 回答里有“免费”。"),
        (
            "The answer names the tracking link.",
            "Your tracking link is in our e-mail.",
            "YES Of the rubric's words the answer has: track, link.",
        ),
        (
            "The answer names the tracking link.",
            "Please wait.",
            "NO Of the rubric's words the answer has only: —.",
        ),
        (
            "It is not rude.",
            "Hello.",
            "NO The sandbox is no model: put what must not be said in quotation marks.",
        ),
    ],
)
def test_it_looks_for_words_and_says_which(rubric: str, answer: str, says: str) -> None:
    assert judged(rubric, answer) == says


def test_a_long_quotation_is_cut_in_the_reason() -> None:
    assert len(judged(f"It says “{'x' * 500}”.", "y")) < 120


@pytest.mark.parametrize(
    "chat",
    [
        [Turn("user", "Hello")],
        [Turn("system", "Be kind."), Turn("user", '{"answer": "a"}')],
        [Turn("system", RULES), Turn("user", "Hello")],
        [Turn("system", RULES), Turn("user", '{"conversation": 1, "answer": "", "rubric": ""}')],
        [Turn("system", RULES)],
    ],
)
def test_what_is_no_judges_question_is_left_to_the_answers(chat: list[Turn]) -> None:
    assert verdict(chat) is None
