"""Secrets at rest: AES-GCM under a list of master keys, bound to what they are for.

A sealed secret reads ``v1.<master key's id>.<nonce and ciphertext>``. Purpose, owner and host
are authenticated with it: copied to another provider's row, or kept after the provider's
address has changed, it does not open.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import os
from collections.abc import Sequence
from functools import lru_cache
from typing import TypedDict

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.views.decorators.debug import sensitive_variables

VERSION = "v1"
KEY_BYTES = 32
NONCE_BYTES = 12  # what AES-GCM is specified with


class Place(TypedDict):
    """What a secret is bound to: what it is for, whose it is, and where it may be sent."""

    purpose: str
    owner: str
    host: str


def api_key_place(provider_id: int, base_url: str) -> Place:
    """Return where an API key belongs: to one provider at one address."""
    return Place(purpose="api-key", owner=f"provider:{provider_id}", host=base_url)


def proxy_place(provider_id: int, proxy_url: str) -> Place:
    """Return where a proxy's password belongs: to one provider's way through one proxy."""
    return Place(purpose="proxy-password", owner=f"provider:{provider_id}", host=proxy_url)


class VaultError(Exception):
    """A secret cannot be sealed or opened; the message never holds any of it."""


class MissingMasterKeyError(VaultError):
    """``MASTER_KEYS`` is empty, so there is nothing to seal or open with."""


class InvalidMasterKeyError(VaultError):
    """An entry of ``MASTER_KEYS`` is not 32 bytes in base64."""


class WrongMasterKeyError(VaultError):
    """The secret was sealed under a master key that is not in ``MASTER_KEYS``."""


class MovedSecretError(VaultError):
    """The secret was sealed for another purpose, owner or host, or it was damaged."""


@sensitive_variables()
def seal(secret: str, *, purpose: str, owner: str, host: str) -> str:
    """Return a secret sealed under the first master key.

    Args:
        secret: What nobody may read.
        purpose: What it is for, as in ``api-key``.
        owner: Whose it is, as in ``provider:3``.
        host: Where it may be sent, as in ``https://api.example.com/v1``.

    Raises:
        MissingMasterKeyError: There is no master key.
        InvalidMasterKeyError: A master key is malformed.
    """
    key = _master_keys()[0]
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, secret.encode(), _binding(purpose, owner, host))
    return f"{VERSION}.{_key_id(key)}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"


@sensitive_variables()
def unseal(sealed: str, *, purpose: str, owner: str, host: str) -> str:
    """Return the secret that was sealed for the same purpose, owner and host.

    Raises:
        MissingMasterKeyError: There is no master key.
        InvalidMasterKeyError: A master key is malformed.
        WrongMasterKeyError: Its master key is not in the list.
        MovedSecretError: It was sealed for something else, or it was damaged.
    """
    version, key_id, content = _parts(sealed)
    if version != VERSION:
        raise MovedSecretError("The sealed secret has no known format.")
    key = next((key for key in _master_keys() if _key_id(key) == key_id), None)
    if key is None:
        raise WrongMasterKeyError(f"No entry of MASTER_KEYS has the id {key_id}.")
    binding = _binding(purpose, owner, host)
    try:
        return AESGCM(key).decrypt(content[:NONCE_BYTES], content[NONCE_BYTES:], binding).decode()
    except (InvalidTag, ValueError):
        raise MovedSecretError(
            "The secret was sealed for another purpose, owner or host, or it was damaged."
        ) from None


def is_current(sealed: str) -> bool:
    """Return whether a secret is sealed under the first master key.

    Raises:
        MissingMasterKeyError: There is no master key.
        InvalidMasterKeyError: A master key is malformed.
    """
    return _parts(sealed)[:2] == (VERSION, _key_id(_master_keys()[0]))


@sensitive_variables()
def fingerprint(secret: str) -> str:
    """Return a short name by which people tell secrets apart, and which tells nothing of them.

    It is keyed, so that nobody can try out secrets against it without the first master key.

    Raises:
        MissingMasterKeyError: There is no master key.
        InvalidMasterKeyError: A master key is malformed.
    """
    return fingerprints(secret)[0]


@sensitive_variables()
def fingerprints(secret: str) -> tuple[str, ...]:
    """Return the names that a secret has, or had, under each master key, the first one's first.

    Raises:
        MissingMasterKeyError: There is no master key.
        InvalidMasterKeyError: A master key is malformed.
    """
    names = []
    # Not a generator expression: its frame would hold the secret, and no decorator reaches it.
    for key in _master_keys():
        names.append(_fingerprint(secret, key))  # noqa: PERF401  # for that very reason
    return tuple(names)


@sensitive_variables()
def _fingerprint(secret: str, key: bytes) -> str:
    keyed = hmac.new(_derived(key, "fingerprint"), secret.encode(), hashlib.sha256)
    digits = keyed.hexdigest()
    return f"{digits[:4]}-{digits[4:8]}"


def _parts(sealed: str) -> tuple[str, str, bytes]:
    version, _, rest = sealed.partition(".")
    key_id, _, content = rest.partition(".")
    try:
        return version, key_id, base64.b64decode(content, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return "", key_id, b""


def _binding(purpose: str, owner: str, host: str) -> bytes:
    # As JSON, since joined strings could be cut elsewhere and mean the same.
    return json.dumps([VERSION, purpose, owner, host]).encode()


@sensitive_variables()
def _master_keys() -> tuple[bytes, ...]:
    return _parsed(tuple(settings.MASTER_KEYS))


@lru_cache(maxsize=8)
@sensitive_variables()
def _parsed(entries: Sequence[str]) -> tuple[bytes, ...]:
    if not entries:
        raise MissingMasterKeyError("MASTER_KEYS is empty: no secret can be sealed or opened.")
    return tuple(_decoded(place, entry) for place, entry in enumerate(entries, start=1))


@sensitive_variables()
def _decoded(place: int, entry: str) -> bytes:
    try:
        key = base64.b64decode(entry.translate(str.maketrans("-_", "+/")), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise InvalidMasterKeyError(f"Entry {place} of MASTER_KEYS is not 32 bytes in base64.")
    return key


@sensitive_variables()
def _key_id(key: bytes) -> str:
    return _derived(key, "id").hex()[:8]


@sensitive_variables()
def _derived(key: bytes, use: str) -> bytes:
    return hmac.new(key, f"chatsite {use}".encode(), hashlib.sha256).digest()
