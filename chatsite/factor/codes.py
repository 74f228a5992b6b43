"""The arithmetic of second factors: pure, with the clock handed in.

Codes of an app are RFC 6238's with SHA-1, six digits and 30 seconds, the one dialect that every
authenticator app speaks. Recovery codes are ours.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
import unicodedata
from datetime import timedelta
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.views.decorators.debug import sensitive_variables

DIGITS: Final = 6
STEP_SECONDS: Final = 30
DRIFT_STEPS: Final = 1  # each way: RFC 6238 5.2 recommends one for the network's delay
SECRET_BYTES: Final = 20  # RFC 4226 4: 160 bits are recommended

RECOVERY_CODES: Final = 10
FEW_CODES: Final = 3
# Without i, l, o and u: what is read from paper is read wrongly least.
_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_MEANT: Final = str.maketrans("ilo", "110", "- \t")
# 80 bits: nobody finds one from its plain hash, so that needs neither a key nor to be slow.
_LENGTH: Final = 16
_GROUP: Final = 4

FREE_FAILURES: Final = 5
_FIRST_WAIT: Final = timedelta(minutes=15)
_LONGEST_WAIT: Final = timedelta(days=1)
_DOUBLINGS: Final = 7  # from then on it is the longest anyway


def secret_make() -> str:
    """Return a fresh secret in base32, as apps take it."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def secret_grouped(secret: str) -> str:
    """Return a secret in groups of four, for whoever types it."""
    return " ".join(secret[at : at + _GROUP] for at in range(0, len(secret), _GROUP))


@sensitive_variables()
def secret_uri(secret: str, *, account: str, issuer: str) -> str:
    """Return what a QR code holds: the secret, and what an app calls it.

    Args:
        secret: In base32.
        account: Whose it is, as they log in.
        issuer: Which site it opens.
    """
    return _totp(secret).get_provisioning_uri(account, issuer)


@sensitive_variables()
def step_match(secret: str, code: str, seconds: float) -> int | None:
    """Return the time step in which an app shows this code, or None if it does in none.

    Args:
        secret: In base32.
        code: As it was typed; spaces do not count, nor does the width of digits.
        seconds: What time it is, since 1970.
    """
    # A keyboard for Chinese may write full-width digits.
    typed = "".join(unicodedata.normalize("NFKC", code).split())
    totp, now = _totp(secret), int(seconds // STEP_SECONDS)
    for step in sorted(range(now - DRIFT_STEPS, now + DRIFT_STEPS + 1), key=lambda s: abs(s - now)):
        try:
            totp.verify(typed.encode(), step * STEP_SECONDS)
        except InvalidToken:
            continue
        return step
    return None


@sensitive_variables()
def code_now(secret: str, seconds: float) -> str:
    """Return the code that an app shows at a time."""
    return _totp(secret).generate(seconds).decode()


@sensitive_variables()
def recovery_make() -> list[str]:
    """Return fresh recovery codes, as they are shown."""
    codes = [
        "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH)) for _ in range(RECOVERY_CODES)
    ]
    return ["-".join(code[at : at + _GROUP] for at in range(0, _LENGTH, _GROUP)) for code in codes]


@sensitive_variables()
def recovery_digest(user_pk: int, code: str) -> str:
    """Return what is kept of a recovery code: a hash, different for each person.

    Args:
        user_pk: Whose it is.
        code: As it was typed: case, dashes and spaces do not count, nor does l for 1 or o for 0.
    """
    meant = code.strip().lower().translate(_MEANT)
    return hashlib.sha256(f"chatsite recovery {user_pk} {meant}".encode()).hexdigest()


def wait_after(failures: int) -> timedelta:
    """Return how long an account takes no app's code after so many wrong ones in a row.

    Five are free, then it is a quarter of an hour, doubled each time up to a day: whoever has
    the password alone guesses one code a day out of a million, of which three are right.
    """
    if failures < FREE_FAILURES:
        return timedelta(0)
    doubled = 1 << min(failures - FREE_FAILURES, _DOUBLINGS)
    return min(_FIRST_WAIT * doubled, _LONGEST_WAIT)


def _totp(secret: str) -> TOTP:
    try:
        key = base64.b32decode(secret)
    except binascii.Error:
        raise ValueError("The secret is not in base32.") from None
    return TOTP(key, DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303  # HMAC-SHA-1 is what apps speak
