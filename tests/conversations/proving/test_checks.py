"""Checks look at an answer and say yes or no, and never yes when unsure."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.case_errors import InvalidCheckError
from conversations.proving.checks import (
    CheckKind,
    Verdict,
    check_answer,
    check_validate,
    checks_validate,
)
from conversations.proving.languages import LANGUAGES, language_of
from conversations.proving.patterns import SlowPatternError, pattern_fault, pattern_search
from conversations.proving.words import is_refusal, text_contains, text_plain, words_count

WORDS = st.text("abcdefg ,.", min_size=1).filter(str.strip)


def verdict(kind: str, text: str, answer: str) -> Verdict:
    found = check_answer({"kind": kind, "text": text}, answer)
    assert found is not None
    return found


@given(before=WORDS, wanted=WORDS, after=WORDS)
def test_what_is_in_an_answer_is_found_and_never_found_missing(
    before: str, wanted: str, after: str
) -> None:
    answer = f"{before}{wanted.upper()}{after}"
    assert verdict("contains", wanted, answer).is_passed
    assert not verdict("lacks", wanted, answer).is_passed


@given(answer=WORDS)
def test_containing_and_lacking_are_opposites(answer: str) -> None:
    assert verdict("contains", "zebra", answer).is_passed is False
    assert verdict("lacks", "zebra", answer).is_passed is True


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        ("Parcels arrive in **2 to 4 working days**.", "in 2 to 4 working days."),
        ("See [our returns](https://shop.example/returns).", "our returns"),
        ("Tom &amp; Ann", "Tom & Ann"),
        ("It costs\n€4.90", "costs €4.90"),
        ("**bold**", "**bold**"),
        ("\uff26\uff32\uff25\uff25 shipping", "free SHIPPING"),
    ],
)
def test_words_are_found_through_markdown_lines_and_case(answer: str, wanted: str) -> None:
    assert text_contains(answer, wanted)


def test_a_customer_reads_no_marks() -> None:
    assert text_plain("# A\n\n**b** `c` <d>") == "A\n\nb c <d>".replace("\n\n", "\n")


@pytest.mark.parametrize("kind", [kind for kind in CheckKind if kind is not CheckKind.JUDGED])
def test_an_empty_answer_passes_nothing(kind: CheckKind) -> None:
    text = {"language": "en", "most_words": "5"}.get(kind.value, "x")
    assert verdict(kind.value, text, " \n") == Verdict(is_passed=False)


def test_a_judge_is_somebody_else() -> None:
    assert check_answer({"kind": "judged", "text": "Kind."}, "Yes.") is None


@given(count=st.integers(0, 60))
def test_latin_words_are_counted_by_blanks(count: int) -> None:
    assert words_count("word " * count) == count


@given(count=st.integers(0, 60))
def test_chinese_is_counted_by_characters(count: int) -> None:
    assert words_count("配送，" * count) == 2 * count


@pytest.mark.parametrize(
    ("text", "count"),
    [("don't", 1), ("€4.90", 1), ("2 到 4 天", 4), ("iPhone手机", 3), ("— …", 0), ("a-b c", 2)],
)
def test_words_are_counted_as_people_count(text: str, count: int) -> None:
    assert words_count(text) == count


def test_at_most_means_that_as_many_are_allowed() -> None:
    assert verdict("most_words", "2", "two words") == Verdict(is_passed=True, note="2")
    assert verdict("most_words", "1", "two words") == Verdict(is_passed=False, note="2")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("You can return anything within 30 days, and it is free for you.", "en"),
        ("您可以在30天内退货，欧洲境内免费。", "zh"),
        ("Harbour & Pine 的运费是 €4.90。", "zh"),
        ("送料は無料です。お気軽にお問い合わせください。", "ja"),
        ("배송은 2일에서 4일 걸립니다.", "ko"),
        ("Sie können alles innerhalb von 30 Tagen zurückgeben, und es ist kostenlos.", "de"),
        ("Vous pouvez retourner les articles dans les 30 jours, et c'est gratuit.", "fr"),
        ("Puede devolver el artículo en un plazo de 30 días y es gratis para usted.", "es"),
        ("Può restituire gli articoli entro 30 giorni e il reso è gratuito per lei.", "it"),
        ("Você pode devolver os artigos em 30 dias e não paga nada por isso.", "pt"),
        ("U kunt het artikel binnen 30 dagen terugsturen en dat is gratis voor u.", "nl"),
        ("你好！ `the and of to is are` https://the.and.of.to/is/are", "zh"),
        ("Hello", ""),
        ("the und der has", ""),  # as much English as German
        ("", ""),
        ("Добро пожаловать и спасибо", ""),
        ("12 + 30 = 42", ""),
    ],
)
def test_a_language_is_told_or_said_to_be_unknown(text: str, language: str) -> None:
    assert language_of(text) == language
    assert language in (*LANGUAGES, "")


def test_an_unknown_language_never_passes() -> None:
    assert verdict("language", "en", "Hello") == Verdict(is_passed=False, note="")
    assert verdict("language", "zh", "可以退货。") == Verdict(is_passed=True, note="zh")


@pytest.mark.parametrize(
    "answer",
    [
        "I'm sorry, I cannot look into orders.",
        "I\u2019m afraid I can\u2019t help with that.",
        "We do not have information about that.",
        "I am sorry, I have not been told anything about that, and I would rather not guess.",
        "抱歉，我手上没有这方面的资料，不想随便猜测。",
        "这个问题我无法回答。",
    ],
)
def test_a_refusal_is_known_by_its_words(answer: str) -> None:
    assert is_refusal(answer)


@pytest.mark.parametrize(
    "answer",
    ["Yes, we can.", "Delivery costs €4.90.", "可以寄到中国。", "You can always return it."],
)
def test_an_answer_is_no_refusal(answer: str) -> None:
    assert not is_refusal(answer)


@pytest.mark.parametrize(
    ("pattern", "text", "is_found"),
    [
        (r"\bfree\b", "It is FREE.", True),
        (r"^free", "It is\nfree.", True),
        (r"€\d+\.\d{2}(?!\d)", "€4.90", True),
        ("退货", "可以退货", True),
        ("no", "yes", False),
        (".", "\ud83d\ude00"[:1], True),
    ],
)
def test_an_expression_is_searched_in_any_case_line_by_line(
    pattern: str, text: str, is_found: object
) -> None:
    assert pattern_search(pattern, text) is is_found


def test_an_expression_that_takes_for_ever_is_ended_and_passes_nothing() -> None:
    evil = {"kind": "matches", "text": "^(a+)+$"}
    assert pattern_fault("^(a+)+$") == ""
    with pytest.raises(SlowPatternError):
        pattern_search("^(a+)+$", "a" * 40 + "!")
    found = check_answer(evil, "a" * 40 + "!")
    assert found == Verdict(is_passed=False, is_unclear=True)


def test_only_the_beginning_of_a_huge_text_is_searched() -> None:
    assert not pattern_search("end", "x" * 40_000 + "end")
    assert pattern_search("end", "x" * 39_997 + "end")


@pytest.mark.parametrize(
    ("check", "words"),
    [
        ({"kind": "guess", "text": "x"}, "kind"),
        ({"kind": "contains", "text": "  "}, "look for"),
        ({"kind": "contains", "text": "x" * 2001}, "2000"),
        ({"kind": "language", "text": "xx"}, "zh, ja, ko"),
        ({"kind": "most_words", "text": "many"}, "number"),
        ({"kind": "most_words", "text": "0"}, "number"),
        ({"kind": "most_words", "text": "10001"}, "number"),
        ({"kind": "matches", "text": "("}, "makes no sense"),
        ({"kind": "matches", "text": "x" * 301}, "300"),
        ({"kind": "judged", "text": ""}, "look for"),
    ],
)
def test_a_check_without_sense_is_refused_with_the_reason(
    check: dict[str, Any], words: str
) -> None:
    with pytest.raises(InvalidCheckError) as refusal:
        check_validate(check)
    assert words in str(refusal.value.explanation)


def test_checks_with_sense_are_taken() -> None:
    check_validate({"kind": "refuses", "text": ""})
    check_validate({"kind": "most_words", "text": "10000"})
    check_validate({"kind": "matches", "text": "x" * 300})
    checks_validate([{"kind": "language", "text": "zh"}] * 20)


def test_a_case_has_between_one_and_twenty_checks() -> None:
    with pytest.raises(InvalidCheckError):
        checks_validate([])
    with pytest.raises(InvalidCheckError):
        checks_validate([{"kind": "refuses"}] * 21)
