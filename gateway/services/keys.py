"""What operators do with keys.

Every change says since when and by whom, and is one conditional UPDATE: of two operators who
act at once, one wins and the other is told.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from gateway import vault
from gateway.errors import DuplicateKeyError, KeyStateError, LabelTakenError, SecretError
from gateway.models import ApiKey, Provider
from gateway.models.provider import KeyState

logger = logging.getLogger(__name__)

_SECRET = re.compile(r"[!-~]{1,4000}")  # what fits into a header, without spaces
# No call outlives its deadline; the rest is for clocks that disagree.
DRAIN_MARGIN = timedelta(seconds=30)

PAUSABLE = (KeyState.ACTIVE, KeyState.EXHAUSTED)
RESUMABLE = (KeyState.PAUSED, KeyState.EXHAUSTED, KeyState.REVOKED, KeyState.DRAINING)
RETIRABLE = tuple(state for state in KeyState if state != KeyState.RETIRED)


@sensitive_variables()  # all of them: atomic() passes the secret through a frame of its own
@transaction.atomic
def key_add(
    *,
    provider: Provider,
    label: str,
    secret: str,
    weight: int = 1,
    by: User | None = None,
) -> ApiKey:
    """Add a key to a provider; running gateways use it within two seconds.

    Raises:
        SecretError: That is no key, or the provider has it already.
        LabelTakenError: Another key of the provider has this label.
        VaultError: There is no usable master key.
    """
    secret = _secret(secret)
    names = vault.fingerprints(secret)
    twins = ApiKey.objects.filter(provider=provider, fingerprint__in=names)
    if twins.exclude(state=KeyState.RETIRED).exists():
        raise DuplicateKeyError
    key = ApiKey(
        provider=provider,
        label=label.strip(),
        sealed_secret=_sealed(secret, provider),
        fingerprint=names[0],
        weight=weight,
        created_by=by,
        state_by=by,
    )
    try:
        with transaction.atomic():
            key.save(force_insert=True)
    except IntegrityError:
        raise LabelTakenError from None
    logger.info("Key %s of %s was added by %s.", key.label, provider.slug, _who(by))
    return key


@sensitive_variables()  # all of them: atomic() passes the secret through a frame of its own
@transaction.atomic
def key_replace(*, key: ApiKey, secret: str, label: str = "", by: User | None = None) -> ApiKey:
    """Put a new secret in a key's place, and return the key that serves from now on.

    The old key takes no new calls, lets its running ones end, and is retired. A key that had
    to be entered again has nothing running: it takes the new secret itself.

    Args:
        key: The key that goes.
        secret: What comes instead.
        label: What the new key is called; the old label with the next number by default.
        by: Who does it.

    Raises:
        SecretError: That is no key, or the provider has it already.
        LabelTakenError: Another key of the provider has this label.
        KeyStateError: The key is retired, or has just changed.
        VaultError: There is no usable master key.
    """
    if key.state == KeyState.OUTDATED:
        return _key_enter_again(key=key, secret=secret, by=by)
    new = key_add(
        provider=key.provider,
        label=label or _next_label(key),
        secret=secret,
        weight=key.weight,
        by=by,
    )
    _key_move(key, RETIRABLE, KeyState.DRAINING, "replaced", by)
    return new


def key_pause(*, key: ApiKey, by: User | None = None) -> None:
    """Let a key rest until somebody resumes it; its running calls end.

    Raises:
        KeyStateError: The key does not serve.
    """
    _key_move(key, PAUSABLE, KeyState.PAUSED, "by_hand", by)


def key_resume(*, key: ApiKey, by: User | None = None) -> None:
    """Let a key serve again.

    Raises:
        KeyStateError: The key is retired, must be entered again, or serves already.
    """
    _key_move(key, RESUMABLE, KeyState.ACTIVE, "", by)


def key_retire(*, key: ApiKey, by: User | None = None) -> None:
    """End a key for good, and forget its secret; its row stays for the record.

    Raises:
        KeyStateError: The key is retired already.
    """
    _key_move(key, RETIRABLE, KeyState.RETIRED, "by_hand", by, sealed_secret="")


def keys_outdate(*, provider: Provider, by: User | None = None) -> None:
    """Forget the secrets of a provider's keys, since its address has changed.

    They would not open any more; somebody who has them must enter them again.
    """
    lost = ApiKey.objects.filter(provider=provider).exclude(state=KeyState.RETIRED)
    lost.update(sealed_secret="", **_now_in(KeyState.OUTDATED, "address_changed", by))


def keys_retire_drained(*, now: datetime | None = None) -> int:
    """Retire the keys whose last call must have ended, and return how many."""
    patience = timedelta(seconds=settings.GATEWAY_DEADLINE_SECONDS) + DRAIN_MARGIN
    drained = ApiKey.objects.filter(
        state=KeyState.DRAINING, state_since__lt=(now or timezone.now()) - patience
    )
    return drained.update(
        state=KeyState.RETIRED, state_since=now or timezone.now(), sealed_secret=""
    )


@sensitive_variables("secret")
def key_reseal(*, key: ApiKey) -> bool:
    """Seal a key's secret under the first master key, if it is not yet.

    Returns:
        Whether anything had to be done.

    Raises:
        VaultError: It does not open.
    """
    if not key.sealed_secret or vault.is_current(key.sealed_secret):
        return False
    place = vault.api_key_place(key.provider.pk, key.provider.base_url)
    secret = vault.unseal(key.sealed_secret, **place)
    # Unless somebody has replaced the secret meanwhile, under the new master key anyway.
    same = ApiKey.objects.filter(pk=key.pk, sealed_secret=key.sealed_secret)
    resealed = vault.seal(secret, **place)
    return same.update(sealed_secret=resealed, fingerprint=vault.fingerprint(secret)) == 1


@sensitive_variables("secret")
def _key_enter_again(*, key: ApiKey, secret: str, by: User | None) -> ApiKey:
    secret = _secret(secret)
    sealed = _sealed(secret, key.provider)
    name = vault.fingerprint(secret)
    _key_move(
        key, (KeyState.OUTDATED,), KeyState.ACTIVE, "", by, sealed_secret=sealed, fingerprint=name
    )
    return key


def _key_move(
    key: ApiKey,
    allowed: Collection[KeyState],
    state: KeyState,
    reason: str,
    by: User | None,
    **also: str,
) -> None:
    rows = ApiKey.objects.filter(pk=key.pk, state__in=allowed)
    if rows.exclude(state=state).update(**_now_in(state, reason, by), **also) != 1:
        raise KeyStateError
    key.refresh_from_db()
    logger.info("Key %s of %s is %s, by %s.", key.label, key.provider.slug, state, _who(by))


def _now_in(state: KeyState, reason: str, by: User | None) -> dict[str, object]:
    return {
        "state": state,
        "state_reason": reason,
        "state_since": timezone.now(),
        "state_by": by,
    }


@sensitive_variables("secret")
def _sealed(secret: str, provider: Provider) -> str:
    return vault.seal(secret, **vault.api_key_place(provider.pk, provider.base_url))


def _next_label(key: ApiKey) -> str:
    stem = re.sub(r" \d+\Z", "", key.label)[:75]
    taken = set(ApiKey.objects.filter(provider=key.provider).values_list("label", flat=True))
    number = 2
    while (label := f"{stem} {number}") in taken:
        number += 1
    return label


@sensitive_variables("secret")
def _secret(secret: str) -> str:
    secret = secret.strip()
    if not _SECRET.fullmatch(secret):
        raise SecretError
    return secret


def _who(by: User | None) -> str:
    return by.get_username() if by else "the site itself"
