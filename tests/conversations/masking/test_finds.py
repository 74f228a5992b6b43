from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.masking.finds import finds
from conversations.masking.folding import fold
from conversations.masking.placeholders import Kind
from tests.conversations.masking.corpus import FOUND, HARMLESS, MISSED, OVERDONE


def found_in(text: str) -> tuple[tuple[Kind, str], ...]:
    return tuple((kind, text[start:end]) for start, end, kind in finds(text))


@pytest.mark.parametrize(("text", "values"), FOUND, ids=[text for text, _ in FOUND])
def test_a_value_is_found_alone_and_among_other_words(
    text: str, values: tuple[tuple[Kind, str], ...]
) -> None:
    assert found_in(text) == values
    assert found_in(f"Hello, {text} - thanks") == values
    assert found_in(f"你好：{text}，谢谢") == values
    assert found_in(f"1\n{text}\n2") == values


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_personal_data_is_left_alone(text: str) -> None:
    assert found_in(text) == ()


@pytest.mark.parametrize("text", MISSED)
def test_what_is_known_to_be_missed_is_missed_still(text: str) -> None:
    """Whoever teaches it to be found moves the line, and mends docs/privacy.md."""
    assert found_in(text) == ()


@pytest.mark.parametrize("text", OVERDONE)
def test_what_is_known_to_be_overdone_is_masked(text: str) -> None:
    assert len(found_in(text)) == 1


@given(st.text())
def test_folding_moves_nothing(text: str) -> None:
    assert len(fold(text)) == len(text)


@given(st.integers(0, 10**15 - 1), st.sampled_from(["4", "51", "2221"]))
def test_luhn_lets_one_of_ten_last_digits_pass(number: int, issuer: str) -> None:
    first = f"{issuer}{number:015}"[:15]
    assert sum(len(finds(f"{first}{last}")) for last in range(10)) == 1


@given(st.integers(0, 10**18 - 1))
def test_an_iban_with_two_digits_exchanged_or_changed_is_none(account: int) -> None:
    digits = f"{account:018}"
    check = 98 - int(f"{digits}131400") % 97
    assert found_in(f"DE{check:02}{digits}") == ((Kind.IBAN, f"DE{check:02}{digits}"),)
    wrong = f"{(account + 1) % 10**18:018}"
    assert Kind.IBAN not in dict(found_in(f"DE{check:02}{wrong}"))


LONG = (
    *("a" * 60_000, "@" * 60_000, "a@" * 30_000, "1 " * 30_000, "+" * 60_000, "4 4 4 " * 10_000),
    *("DE89 " * 12_000, "a." * 30_000 + "@" + "a-" * 30_000, "[EMAIL-" * 9_000, "1-(" * 20_000),
)


@pytest.mark.parametrize("text", LONG, ids=[text[:6] for text in LONG])
def test_no_text_takes_long(text: str) -> None:
    began = time.process_time()
    finds(text)
    assert time.process_time() - began < 2
