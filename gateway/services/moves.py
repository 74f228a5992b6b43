"""A key's way from state to state, each step with its event."""

from __future__ import annotations

import logging
from collections.abc import Collection

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from gateway.audit import event_note
from gateway.errors import KeyStateError
from gateway.models import ApiKey
from gateway.models.event import KeyDeed
from gateway.models.provider import KeyState

logger = logging.getLogger("gateway.services")


@transaction.atomic
def key_move(
    key: ApiKey,
    allowed: Collection[KeyState],
    state: KeyState,
    deed: KeyDeed,
    *,
    reason: str = "",
    why: str = "",
    by: User | None = None,
    **also: object,
) -> None:
    """Move a key by one conditional UPDATE, and note the deed.

    Args:
        key: Refreshed when it has moved.
        allowed: The states it may come from.
        state: Where it goes.
        deed: What the audit calls it.
        reason: A code that is kept with the state.
        why: A person's words for the audit.
        by: Who does it.
        also: What else changes in the row.

    Raises:
        KeyStateError: It is not in one of those states, or is there already.
    """
    rows = ApiKey.objects.filter(pk=key.pk, state__in=allowed)
    if rows.exclude(state=state).update(**now_in(state, reason, by), **also) != 1:
        raise KeyStateError
    key.refresh_from_db()
    event_note(deed, provider=key.provider, key=key, by=by, reason=why or reason)
    logger.info("Key %s of %s is %s, by %s.", key.label, key.provider.slug, state, who(by))


def now_in(state: KeyState, reason: str, by: User | None) -> dict[str, object]:
    """Return the columns that say in which state a key is from now on."""
    return {
        "state": state,
        "state_reason": reason,
        "state_since": timezone.now(),
        "state_by": by,
    }


def who(by: User | None) -> str:
    """Return a person's name for the log."""
    return by.get_username() if by else "the site itself"
