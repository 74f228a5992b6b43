"""The one place that writes down what was done to keys."""

from __future__ import annotations

from django.contrib.auth.models import User

from gateway.models import ApiKey, KeyEvent, Provider
from gateway.models.event import KeyDeed


def event_note(
    deed: KeyDeed,
    *,
    provider: Provider,
    key: ApiKey | None = None,
    by: User | None = None,
    reason: str = "",
) -> None:
    """Note a deed; call it in the transaction of the deed itself.

    Args:
        deed: What was done.
        provider: Whose key it is.
        key: Which key; None if it was never taken in.
        by: Who did it; None for the site itself.
        reason: A code or a person's words, never a secret or a provider's words.
    """
    KeyEvent.objects.create(
        provider=provider, key=key, by=by, deed=deed, reason=" ".join(reason.split())[:200]
    )
