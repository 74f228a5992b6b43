from __future__ import annotations

import base64
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from gateway import vault

CANARY = "sk-canary-7f3a9c-do-not-print"
PLACE = {"purpose": "api-key", "owner": "provider:1", "host": "https://api.example.com/v1"}


def master_key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


@given(secret=st.text(), owner=st.text(), host=st.text())
def test_what_is_sealed_opens_again_and_shows_nothing(secret: str, owner: str, host: str) -> None:
    sealed = vault.seal(secret, purpose="p", owner=owner, host=host)
    assert vault.unseal(sealed, purpose="p", owner=owner, host=host) == secret
    assert len(secret) < 6 or secret not in sealed


def test_the_same_secret_never_seals_alike() -> None:
    assert vault.seal(CANARY, **PLACE) != vault.seal(CANARY, **PLACE)


@pytest.mark.parametrize("changed", ["purpose", "owner", "host"])
def test_a_moved_secret_does_not_open(changed: str) -> None:
    sealed = vault.seal(CANARY, **PLACE)
    with pytest.raises(vault.MovedSecretError) as caught:
        vault.unseal(sealed, **{**PLACE, changed: "elsewhere"})
    assert CANARY not in repr(caught.value)


def test_words_cannot_slip_from_one_part_of_the_binding_into_another() -> None:
    sealed = vault.seal(CANARY, purpose="a", owner="bc", host="d")
    with pytest.raises(vault.MovedSecretError):
        vault.unseal(sealed, purpose="ab", owner="c", host="d")


@given(place=st.integers(min_value=0, max_value=200), bit=st.integers(0, 7))
def test_a_damaged_secret_does_not_open(place: int, bit: int) -> None:
    sealed = vault.seal(CANARY, **PLACE).encode()
    place %= len(sealed)
    damaged = sealed[:place] + bytes([sealed[place] ^ (1 << bit)]) + sealed[place + 1 :]
    with pytest.raises(vault.VaultError):
        vault.unseal(damaged.decode("latin-1"), **PLACE)


def test_the_first_master_key_seals_and_all_of_them_open(settings: Settings) -> None:
    old, new = master_key(), master_key()
    settings.MASTER_KEYS = [old]
    sealed_before = vault.seal(CANARY, **PLACE)
    settings.MASTER_KEYS = [new, old]
    sealed_after = vault.seal(CANARY, **PLACE)
    assert vault.unseal(sealed_before, **PLACE) == CANARY
    settings.MASTER_KEYS = [new]
    assert vault.unseal(sealed_after, **PLACE) == CANARY
    with pytest.raises(vault.WrongMasterKeyError):
        vault.unseal(sealed_before, **PLACE)


def test_without_a_master_key_it_fails_and_says_why(settings: Settings) -> None:
    settings.MASTER_KEYS = []
    with pytest.raises(vault.MissingMasterKeyError, match="MASTER_KEYS is empty"):
        vault.seal(CANARY, **PLACE)


@pytest.mark.parametrize(
    "entry", ["", "short", "not base64 !", base64.b64encode(b"16 bytes are few")]
)
def test_a_malformed_master_key_is_named_by_its_place_alone(settings: Settings, entry: str) -> None:
    settings.MASTER_KEYS = [master_key(), str(entry)]
    with pytest.raises(vault.InvalidMasterKeyError, match="Entry 2") as caught:
        vault.seal(CANARY, **PLACE)
    assert not entry or str(entry) not in str(caught.value)


def test_master_keys_may_be_written_safe_for_addresses(settings: Settings) -> None:
    key = b"\xfb\xff" * 16
    settings.MASTER_KEYS = [base64.b64encode(key).decode()]
    sealed = vault.seal(CANARY, **PLACE)
    settings.MASTER_KEYS = [base64.urlsafe_b64encode(key).decode()]
    assert vault.unseal(sealed, **PLACE) == CANARY


def test_a_fingerprint_is_steady_short_and_no_part_of_the_secret(settings: Settings) -> None:
    name = vault.fingerprint(CANARY)
    assert name == vault.fingerprint(CANARY)
    assert name != vault.fingerprint(CANARY + "!")
    assert len(name) == 9
    assert name[:4] not in CANARY
    settings.MASTER_KEYS = [master_key()]
    assert name != vault.fingerprint(CANARY)
