"""A rotation: the new key takes over, the old one finishes what it says and is retired."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from gateway.drain import drain_of
from gateway.errors import KeyStateError
from gateway.models import ApiKey
from gateway.models.event import KeyDeed
from gateway.models.provider import KeyState
from gateway.services.keys import PAUSABLE, RETIRABLE, key_add, key_enter_again
from gateway.services.moves import key_move

# No call outlives its deadline; the rest is for clocks that disagree.
DRAIN_MARGIN = timedelta(seconds=30)


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
        return key_enter_again(key=key, secret=secret, by=by)
    new = key_add(
        provider=key.provider,
        label=label or _next_label(key),
        secret=secret,
        weight=key.weight,
        by=by,
    )
    key_move(
        key,
        RETIRABLE,
        KeyState.DRAINING,
        KeyDeed.REPLACED,
        reason="replaced",
        why=f"→ {new.label}",
        by=by,
        successor=new,
    )
    return new


@transaction.atomic
def rotation_call_off(*, key: ApiKey, by: User | None = None, why: str = "") -> None:
    """Let a draining key serve again, and its successor rest.

    Raises:
        KeyStateError: The key does not drain any more.
    """
    new = key.successor
    key_move(
        key,
        (KeyState.DRAINING,),
        KeyState.ACTIVE,
        KeyDeed.CALLED_OFF,
        why=why,
        by=by,
        successor=None,
    )
    if new is not None:
        with suppress(KeyStateError):  # it rests already, or somebody retired it
            key_move(new, PAUSABLE, KeyState.PAUSED, KeyDeed.PAUSED, reason="called_off", by=by)


def keys_retire_drained(*, now: datetime | None = None) -> int:
    """Retire the keys that fell silent in every process, and return how many.

    Where a process was not heard of, its calls' deadline decides.
    """
    now = now or timezone.now()
    patience = timedelta(seconds=settings.GATEWAY_DEADLINE_SECONDS) + DRAIN_MARGIN
    retired = 0
    for key in ApiKey.objects.filter(state=KeyState.DRAINING).select_related("provider"):
        if key.state_since < now - patience or drain_of(key, now).is_over:
            with suppress(KeyStateError):  # somebody has just called it off
                key_move(
                    key,
                    (KeyState.DRAINING,),
                    KeyState.RETIRED,
                    KeyDeed.RETIRED,
                    reason="drained",
                    sealed_secret="",
                )
                retired += 1
    return retired


def _next_label(key: ApiKey) -> str:
    stem = re.sub(r" \d+\Z", "", key.label)[:75]
    taken = set(ApiKey.objects.filter(provider=key.provider).values_list("label", flat=True))
    number = 2
    while (label := f"{stem} {number}") in taken:
        number += 1
    return label
