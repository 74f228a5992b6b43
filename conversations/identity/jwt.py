"""The website's word, as a JSON Web Token under HMAC-SHA256 and nothing else. Pure.

The algorithm is ours to choose, never the token's: whatever else its header names is refused
before anything is computed, so neither ``none`` nor a public key can stand for a secret.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from django.views.decorators.debug import sensitive_variables

from conversations.errors import (
    IdentityExpiredError,
    IdentityInvalidError,
    IdentityNotYetValidError,
)
from conversations.identity.claims import Claims, claims_read

ALGORITHM = "HS256"
TOKEN_CHARACTERS = 8192
# How far two clocks may differ before anybody is told.
SKEW_SECONDS = 60
LIFETIME_SECONDS = 3600

_MALFORMED = "This is no JWT: three parts of base64url without padding, joined by dots."


@sensitive_variables("secrets")
def identity_verify(
    token: str, secrets: Sequence[str], *, audience: str, now_seconds: float
) -> Claims:
    """Return what a token says of the customer, once it is proved.

    Args:
        token: The JWT as the website has made it.
        secrets: The widget's valid secrets; any of them may have signed.
        audience: The widget's public key; ``aud`` must name it if it is there.
        now_seconds: Seconds since 1970.

    Raises:
        IdentityInvalidError: It is malformed, not signed with one of the secrets, or says what
            no customer can be.
        IdentityExpiredError: Its ``exp`` has passed.
        IdentityNotYetValidError: Its ``iat`` or ``nbf`` lies ahead.
    """
    head, body, signature = _parts(token)
    if not secrets:
        raise IdentityInvalidError("This widget has no signing secret yet: add one in the admin.")
    _header_check(_object(head))
    signed = f"{head}.{body}".encode()
    if not _is_signed(signed, _decoded(signature), secrets):
        raise IdentityInvalidError(
            "The signature fits none of this widget's valid secrets: compare their last four "
            "characters with the admin's, and sign with HS256 over the secret's own text."
        )
    payload = _object(body)
    _audience_check(payload.get("aud"), audience)
    _times_check(payload, now_seconds)
    return claims_read(payload)


def _parts(token: str) -> tuple[str, str, str]:
    if len(token) > TOKEN_CHARACTERS:
        raise IdentityInvalidError(f"The token has more than {TOKEN_CHARACTERS} characters.")
    match token.split("."):
        case [head, body, signature]:
            return head, body, signature
    raise IdentityInvalidError(_MALFORMED)


def _decoded(part: str) -> bytes:
    try:
        raw = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise IdentityInvalidError(_MALFORMED) from error
    # Only the one spelling that an encoder gives: no padding of its own, no stray last bits.
    if base64.urlsafe_b64encode(raw).rstrip(b"=") != part.encode():
        raise IdentityInvalidError(_MALFORMED)
    return raw


def _object(part: str) -> Mapping[str, Any]:
    try:
        value = json.loads(_decoded(part), object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise IdentityInvalidError("A part of the token is no JSON.") from error
    if not isinstance(value, dict):
        raise IdentityInvalidError("A part of the token is no JSON object.")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # Two readers could each believe another one of two values with the same name.
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("a name stands there twice")
    return dict(pairs)


def _header_check(header: Mapping[str, Any]) -> None:
    if header.get("alg") != ALGORITHM:
        raise IdentityInvalidError(f'The header\'s "alg" must be "{ALGORITHM}", nothing else.')
    if "crit" in header:
        raise IdentityInvalidError('The header has "crit", which this site does not speak.')


@sensitive_variables("secrets", "secret")
def _is_signed(signed: bytes, signature: bytes, secrets: Sequence[str]) -> bool:
    is_signed = False
    for secret in secrets:  # all of them, so that time does not tell which one fits
        expected = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
        is_signed |= hmac.compare_digest(expected, signature)
    return is_signed


def _audience_check(named: Any, audience: str) -> None:
    wanted = named if isinstance(named, list) else [named]
    if named is not None and audience not in wanted:
        raise IdentityInvalidError(
            f'"aud" names another widget: it must be "{audience}", or not be there.'
        )


def _times_check(payload: Mapping[str, Any], now: float) -> None:
    expires, issued, begins = (_moment(payload, name) for name in ("exp", "iat", "nbf"))
    if expires is None:
        raise IdentityInvalidError('"exp" is missing: say when the token ends.')
    for name, moment in (("iat", issued), ("nbf", begins)):
        if moment is not None and moment > now + SKEW_SECONDS:
            raise IdentityNotYetValidError(
                f'"{name}" lies {moment - now:.0f} s ahead: the clock of the server that made '
                "this token is ahead of this site's clock by as much. Set both by NTP."
            )
    if now >= expires + SKEW_SECONDS:
        raise IdentityExpiredError(_expired_hint(expires, issued, now))
    if expires > now + LIFETIME_SECONDS + SKEW_SECONDS:
        raise IdentityInvalidError(
            f'"exp" lies {expires - now:.0f} s ahead; {LIFETIME_SECONDS} s are the most.'
        )


def _expired_hint(expires: float, issued: float | None, now: float) -> str:
    made = "" if issued is None else f", and it was made {now - issued:.0f} s ago"
    return (
        f"The token ended {now - expires:.0f} s ago by this site's clock{made}. Make a new one "
        "for each page, and give setUser a refresh function; if it is new, the clock of the "
        "server that made it is behind by at least as much."
    )


def _moment(payload: Mapping[str, Any], name: str) -> float | None:
    value = payload.get(name)
    if value is None:
        return None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or not 0 <= value < 2**53:
        raise IdentityInvalidError(f'"{name}" must be a number of seconds since 1970.')
    return float(value)
