"""The arithmetic, against the vectors of RFC 6238 and at the edges of what people type."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatsite.factor import codes

# RFC 6238, appendix B: the key of 20 bytes, and eight digits, of which ours are the last six.
KEY = base64.b32encode(b"12345678901234567890").decode()
VECTORS = [
    (59, "94287082"),
    (1111111109, "07081804"),
    (1111111111, "14050471"),
    (1234567890, "89005924"),
    (2000000000, "69279037"),
    (20000000000, "65353130"),
]


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_codes_are_those_of_the_rfc(seconds: int, code: str) -> None:
    assert codes.code_now(KEY, seconds) == code[2:]
    assert codes.step_match(KEY, code[2:], seconds) == seconds // 30


@pytest.mark.parametrize(("late", "steps"), [(-60, None), (-31, -1), (0, 0), (31, 1), (60, None)])
def test_a_clock_may_be_one_step_off_and_no_more(late: int, steps: int | None) -> None:
    now = 1_700_000_025  # in the middle of a step
    code = codes.code_now(KEY, now + late)
    step = codes.step_match(KEY, code, now)
    assert step == (None if steps is None else now // 30 + steps)


@pytest.mark.parametrize(
    "typed", ["287 082", " 287082 ", "287082\t", "\uff12\uff18\uff17\uff10\uff18\uff12"]
)
def test_spaces_do_not_count_nor_does_the_width_of_digits(typed: str) -> None:
    assert codes.step_match(KEY, typed, 59) == 1


@pytest.mark.parametrize(
    "typed",
    ["", "28708", "0287082", "28708x", "-87082", "\u0662\u0668\u0667\u0660\u0668\u0662"],
)
def test_what_is_no_code_is_none(typed: str) -> None:
    assert codes.step_match(KEY, typed, 59) is None


def test_a_secret_has_160_bits_and_is_never_the_same() -> None:
    made = {codes.secret_make() for _ in range(50)}
    assert len(made) == 50
    assert {len(base64.b32decode(secret)) for secret in made} == {20}


def test_an_app_is_told_the_secret_the_person_and_the_site() -> None:
    uri = codes.secret_uri(KEY, account="ann:b c", issuer="Chatsite chat.example.com")
    assert uri.startswith("otpauth://totp/Chatsite%20chat.example.com:ann%3Ab%20c?")
    assert f"secret={KEY}" in uri
    assert "digits=6" in uri
    assert "period=30" in uri


def test_there_are_ten_different_recovery_codes_of_80_bits() -> None:
    made = codes.recovery_make()
    assert len(set(made)) == 10
    for code in made:
        assert [len(part) for part in code.split("-")] == [4, 4, 4, 4]
        assert not set("ilou") & set(code)


def test_a_recovery_code_may_be_read_from_paper() -> None:
    kept = codes.recovery_digest(7, "abc0-1def-0123-4567")
    for typed in (" ABC0 1DEF 0123 4567 ", "abcoldef0i234567", "abc0-1def-0123-4567"):
        assert codes.recovery_digest(7, typed) == kept
    assert codes.recovery_digest(8, "abc0-1def-0123-4567") != kept
    assert "abc0" not in kept


def test_five_wrong_codes_are_free_then_each_costs_twice_the_time_up_to_a_day() -> None:
    waits = [codes.wait_after(failures) for failures in range(4, 14)]
    minutes = [wait // timedelta(minutes=1) for wait in waits]
    assert minutes == [0, 15, 30, 60, 120, 240, 480, 960, 1440, 1440]


@given(st.integers(0, 10**9))
def test_waiting_never_grows_shorter_with_failures(failures: int) -> None:
    assert codes.wait_after(failures) <= codes.wait_after(failures + 1)
