"""What a website signs is believed for an hour at the most, and nothing else ever is."""

from __future__ import annotations

import json
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.errors import (
    IdentityExpiredError,
    IdentityInvalidError,
    IdentityNotYetValidError,
    UnverifiedError,
)
from conversations.identity.claims import Claims
from conversations.identity.jwt import identity_verify
from tests.conversations.identity.website import HEADER, encode, part, signed, token_make

SECRET = "kS3cret-of-the-widget-0123456789"
OTHER = "another-secret-0123456789-abcdef"
NOW = 1_800_000_000
KEY = "shop-key"
BASE64URL = string.ascii_letters + string.digits + "-_"


def verify(token: str, *secrets: str, now: float = NOW) -> Claims:
    return identity_verify(token, secrets or (SECRET,), audience=KEY, now_seconds=now)


def make(**claims: Any) -> str:
    return token_make(SECRET, **{"sub": "7", "exp": NOW + 600, **claims})


def hint(token: str, *secrets: str) -> str:
    with pytest.raises(IdentityInvalidError) as refused:
        verify(token, *secrets)
    return refused.value.hint


def test_a_signed_token_names_its_customer() -> None:
    token = make(name=" Ada \n Lovelace ", email="ada@x.example", attributes={"plan": "gold"})
    assert verify(token) == Claims("7", "Ada Lovelace", "ada@x.example", {"plan": "gold"})


def test_what_is_not_said_is_unknown() -> None:
    assert verify(make()) == Claims("7")


def test_two_secrets_are_valid_at_a_time() -> None:
    assert verify(make(), OTHER, SECRET) == verify(make(), SECRET, OTHER) == Claims("7")


def test_a_retired_secret_signs_nothing() -> None:
    assert "last four" in hint(make(), OTHER)


def test_a_widget_without_a_secret_believes_nobody() -> None:
    with pytest.raises(IdentityInvalidError) as refused:
        identity_verify(make(), (), audience=KEY, now_seconds=NOW)
    assert "no signing secret" in refused.value.hint


def test_an_empty_secret_would_not_open_the_door() -> None:
    with pytest.raises(IdentityInvalidError):
        verify(token_make("", sub="7", exp=NOW + 600))


@given(st.data())
def test_every_changed_character_is_noticed(data: st.DataObject) -> None:
    token = make(name="Ada")
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from(BASE64URL + ".=").filter(lambda sign: sign != token[place]))
    with pytest.raises(UnverifiedError):
        verify(token[:place] + other + token[place + 1 :])


@given(st.text(max_size=80))
def test_no_text_is_a_token_by_chance(text: str) -> None:
    with pytest.raises(IdentityInvalidError):
        verify(text)


@given(st.lists(st.text(BASE64URL, max_size=30), min_size=3, max_size=3))
def test_no_three_parts_are_a_token_by_chance(parts: list[str]) -> None:
    with pytest.raises(IdentityInvalidError):
        verify(".".join(parts))


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=10), inner),
        max_leaves=8,
    )
)
def test_a_signed_payload_of_any_kind_is_read_or_refused(payload: Any) -> None:
    body = encode(json.dumps(payload).encode())
    with pytest.raises(IdentityInvalidError):
        verify(signed(f"{part(HEADER)}.{body}", SECRET))


@pytest.mark.parametrize(
    "algorithm",
    ["none", "NONE", "", "hs256", "HS384", "HS512", "RS256", "ES256", None, 1, ["HS256"]],
)
def test_the_token_does_not_choose_the_algorithm(algorithm: Any) -> None:
    token = token_make(SECRET, {"alg": algorithm}, sub="7", exp=NOW + 600)
    assert '"alg"' in hint(token)


def test_an_unsigned_token_is_refused() -> None:
    head, body, _ = make().split(".")
    assert hint(f"{part({'alg': 'none'})}.{body}.")
    assert hint(f"{head}.{body}.")


def test_a_header_without_an_algorithm_is_refused() -> None:
    assert '"alg"' in hint(token_make(SECRET, {}, sub="7", exp=NOW + 600))


def test_extensions_that_must_be_understood_are_refused() -> None:
    header = {**HEADER, "crit": ["b64"], "b64": False}
    assert '"crit"' in hint(token_make(SECRET, header, sub="7", exp=NOW + 600))


def test_padding_white_space_and_stray_bits_are_refused() -> None:
    head, body, signature = make().split(".")
    last = BASE64_TWIN[signature[-1]]
    for twin in (f"{head}=.{body}.{signature}", f"{head}.{body}.{signature[:-1]}{last}"):
        assert "base64url" in hint(twin)
    assert hint(f"{head}.{body}.{signature}\n")
    assert hint(f" {head}.{body}.{signature}")


# 43 characters of base64 hold 258 bits, two more than a signature has.
BASE64_TWIN = {
    sign: (string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_")[place ^ 1]
    for place, sign in enumerate(
        string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
    )
}


def test_a_name_that_stands_there_twice_is_refused() -> None:
    body = encode(f'{{"sub": "7", "sub": "8", "exp": {NOW + 600}}}'.encode())
    assert "no JSON" in hint(signed(f"{part(HEADER)}.{body}", SECRET))


def test_a_token_too_long_is_not_even_read() -> None:
    assert "8192" in hint(make(name="x" * 9000))


def test_deeply_nested_json_is_refused() -> None:
    assert hint(f"{part(HEADER)}.{encode(b'[' * 5000)}.{'A' * 43}")


def test_it_is_believed_until_a_minute_after_its_end_by_our_clock() -> None:
    assert verify(make(exp=NOW - 59.5)).subject == "7"
    with pytest.raises(IdentityExpiredError) as refused:
        verify(make(exp=NOW - 60))
    assert "ended 60 s ago" in refused.value.hint


def test_the_hint_of_an_old_token_tells_when_it_was_made() -> None:
    with pytest.raises(IdentityExpiredError) as refused:
        verify(make(exp=NOW - 4000, iat=NOW - 7600))
    assert "made 7600 s ago" in refused.value.hint


def test_it_must_end_and_within_an_hour() -> None:
    assert "missing" in hint(token_make(SECRET, sub="7"))
    assert verify(make(exp=NOW + 3660)).subject == "7"
    assert "3661 s ahead" in hint(make(exp=NOW + 3661))


@pytest.mark.parametrize("name", ["iat", "nbf"])
def test_a_token_from_the_future_tells_whose_clock_is_ahead_by_how_much(name: str) -> None:
    assert verify(make(**{name: NOW + 60})).subject == "7"
    with pytest.raises(IdentityNotYetValidError) as refused:
        verify(make(exp=NOW + 4000, **{name: NOW + 400}))
    assert f'"{name}" lies 400 s ahead' in refused.value.hint
    assert "ahead of this site's clock" in refused.value.hint


@pytest.mark.parametrize("value", ["soon", True, [1], {}, float("nan"), float("inf"), -1, 10**30])
@pytest.mark.parametrize("name", ["exp", "iat", "nbf"])
def test_a_moment_is_a_number_of_seconds(name: str, value: Any) -> None:
    assert f'"{name}" must be a number' in hint(make(**{name: value}))


def test_the_audience_is_this_widget_if_it_is_named() -> None:
    assert verify(make(aud=KEY)) == verify(make(aud=["x", KEY])) == verify(make())
    for audience in ("other", "", ["other"], [], 1, {KEY: 1}):
        assert '"aud"' in hint(make(aud=audience))


def test_no_hint_and_no_error_holds_a_secret() -> None:
    for token in (make(exp=1), make(iat=NOW + 9999), make(sub=""), "x", make()[:-2] + "AA"):
        with pytest.raises(UnverifiedError) as refused:
            verify(token)
        assert SECRET not in f"{refused.value.hint} {refused.value!r} {refused.value.text}"
