"""What operators do with keys.

Every change says since when and by whom, and is one conditional UPDATE: of two operators who
act at once, one wins and the other is told.
"""

from __future__ import annotations

import logging
import re
from datetime import date

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.views.decorators.debug import sensitive_variables

from gateway import vault
from gateway.audit import event_note
from gateway.errors import DuplicateKeyError, LabelTakenError, SecretError
from gateway.models import ApiKey, Provider
from gateway.models.event import KeyDeed
from gateway.models.provider import KeyState
from gateway.services.moves import key_move, now_in, who

logger = logging.getLogger(__name__)

_SECRET = re.compile(r"[!-~]{1,4000}")  # what fits into a header, without spaces

PAUSABLE = (KeyState.ACTIVE, KeyState.EXHAUSTED)
RESUMABLE = (KeyState.PAUSED, KeyState.EXHAUSTED, KeyState.REVOKED)
RETIRABLE = tuple(state for state in KeyState if state != KeyState.RETIRED)


@sensitive_variables()  # all of them: atomic() passes the secret through a frame of its own
@transaction.atomic
def key_add(
    *,
    provider: Provider,
    label: str,
    secret: str,
    weight: int = 1,
    expires_on: date | None = None,
    by: User | None = None,
) -> ApiKey:
    """Add a key to a provider; running gateways use it within two seconds.

    Raises:
        SecretError: That is no key, or the provider has it already.
        LabelTakenError: Another key of the provider has this label.
        VaultError: There is no usable master key.
    """
    secret = secret_check(secret, provider)
    key = ApiKey(
        provider=provider,
        label=label.strip(),
        sealed_secret=_sealed(secret, provider),
        fingerprint=vault.fingerprint(secret),
        weight=weight,
        expires_on=expires_on,
        created_by=by,
        state_by=by,
    )
    try:
        with transaction.atomic():
            key.save(force_insert=True)
    except IntegrityError:
        raise LabelTakenError from None
    event_note(KeyDeed.ADDED, provider=provider, key=key, by=by)
    logger.info("Key %s of %s was added by %s.", key.label, provider.slug, who(by))
    return key


def key_pause(*, key: ApiKey, by: User | None = None, why: str = "") -> None:
    """Let a key rest until somebody resumes it; its running calls end.

    Raises:
        KeyStateError: The key does not serve.
    """
    key_move(key, PAUSABLE, KeyState.PAUSED, KeyDeed.PAUSED, reason="by_hand", why=why, by=by)


def key_resume(*, key: ApiKey, by: User | None = None, why: str = "") -> None:
    """Let a key serve again.

    Raises:
        KeyStateError: The key is retired, must be entered again, or serves already.
    """
    key_move(key, RESUMABLE, KeyState.ACTIVE, KeyDeed.RESUMED, why=why, by=by)


def key_retire(*, key: ApiKey, by: User | None = None, why: str = "") -> None:
    """End a key for good, and forget its secret; its row stays for the record.

    Raises:
        KeyStateError: The key is retired already.
    """
    key_move(
        key,
        RETIRABLE,
        KeyState.RETIRED,
        KeyDeed.RETIRED,
        reason="by_hand",
        why=why,
        by=by,
        sealed_secret="",
    )


@transaction.atomic
def key_adjust(
    *, key: ApiKey, weight: int, expires_on: date | None, by: User | None = None
) -> ApiKey:
    """Give a key another share of the traffic, or another last day."""
    stored = ApiKey.objects.select_for_update().select_related("provider").get(pk=key.pk)
    wanted = {"weight": weight, "expires_on": expires_on}
    changed = {name: value for name, value in wanted.items() if getattr(stored, name) != value}
    if changed:
        ApiKey.objects.filter(pk=key.pk).update(**changed)
        said = ", ".join(f"{name}: {getattr(stored, name)} → {changed[name]}" for name in changed)
        event_note(KeyDeed.ADJUSTED, provider=stored.provider, key=stored, by=by, reason=said)
        stored.refresh_from_db()
    return stored


def key_view_note(*, key: ApiKey, by: User) -> None:
    """Note that somebody looked at a key's page."""
    event_note(KeyDeed.VIEWED, provider=key.provider, key=key, by=by)


@transaction.atomic
def keys_outdate(*, provider: Provider, by: User | None = None) -> None:
    """Forget the secrets of a provider's keys, since its address has changed.

    They would not open any more; somebody who has them must enter them again.
    """
    lost = ApiKey.objects.filter(provider=provider).exclude(state=KeyState.RETIRED)
    for key in lost:
        event_note(KeyDeed.OUTDATED, provider=provider, key=key, by=by, reason="address_changed")
    lost.update(sealed_secret="", **now_in(KeyState.OUTDATED, "address_changed", by))


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


@sensitive_variables()  # all of them: atomic() passes the secret through a frame of its own
def key_enter_again(*, key: ApiKey, secret: str, by: User | None = None) -> ApiKey:
    """Give a key its secret back, after its provider has moved.

    Raises:
        SecretError: That is no key.
        KeyStateError: The key has a secret, or has just changed.
        VaultError: There is no usable master key.
    """
    secret = secret_check(secret)
    key_move(
        key,
        (KeyState.OUTDATED,),
        KeyState.ACTIVE,
        KeyDeed.ENTERED,
        by=by,
        sealed_secret=_sealed(secret, key.provider),
        fingerprint=vault.fingerprint(secret),
    )
    return key


@sensitive_variables("secret")
def _sealed(secret: str, provider: Provider) -> str:
    return vault.seal(secret, **vault.api_key_place(provider.pk, provider.base_url))


@sensitive_variables("secret")
def secret_check(secret: str, provider: Provider | None = None) -> str:
    """Return a secret as it is sent, without what was copied around it.

    Raises:
        SecretError: It does not fit into a header, or that provider has it already.
        VaultError: There is a provider, and no usable master key.
    """
    secret = secret.strip()
    if not _SECRET.fullmatch(secret):
        raise SecretError
    if provider is not None:
        names = vault.fingerprints(secret)
        twins = ApiKey.objects.filter(provider=provider, fingerprint__in=names)
        if twins.exclude(state=KeyState.RETIRED).exists():
            raise DuplicateKeyError
    return secret
