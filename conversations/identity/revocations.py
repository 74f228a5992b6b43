"""Ending tokens before their time."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User

from conversations.errors import IdentityExpiredError, InvalidTokenError
from conversations.identity.tokens import Session
from conversations.models import Conversation, Revocation

_ENDED = "The session was ended: call setUser with a fresh token."


def token_subjects_revoke(
    *, subjects: Collection[UUID], now: datetime, by: User | None = None
) -> None:
    """End every token that names one of these visitors, sessions or customers.

    A visitor's and a session's are ended for good; a customer may come back with a new word of
    the website.
    """
    Revocation.objects.bulk_create(
        [Revocation(subject=subject, revoked_at=now, revoked_by=by) for subject in set(subjects)],
        update_conflicts=True,
        unique_fields=["subject"],
        update_fields=["revoked_at", "revoked_by"],
    )


def revocation_check(*, visitor: UUID | None, session: Session | None) -> None:
    """Make sure that neither the visitor nor the session was ended; one indexed read.

    Args:
        visitor: Whom a visitor's token names; None if there was none.
        session: What a session's token names; None if there was none.

    Raises:
        InvalidTokenError: The visitor's token was revoked.
        IdentityExpiredError: The session, or the customer's sessions of its time, were.
    """
    named = [visitor, *((session.id, session.customer) if session else ())]
    subjects = [subject for subject in named if subject is not None]
    if not subjects:
        return
    revoked = dict(
        Revocation.objects.filter(subject__in=subjects).values_list("subject", "revoked_at")
    )
    if visitor in revoked:
        raise InvalidTokenError
    if session and session.is_ended_by(revoked):
        raise IdentityExpiredError(_ENDED)


def revocation_of(conversation: Conversation) -> Revocation | None:
    """Return what last ended its owner's tokens, if anything has."""
    rows = Revocation.objects.select_related("revoked_by")
    return rows.filter(subject=conversation.owner_id).first()


def revocations_since(moment: datetime) -> dict[UUID, datetime]:
    """Return what was ended after a moment, by whom it names."""
    rows = Revocation.objects.filter(revoked_at__gte=moment)
    return dict(rows.values_list("subject", "revoked_at"))


def revocations_forget(now: datetime) -> int:
    """Forget revocations that are older than any token they could end; return how many."""
    longest = max(
        timedelta(days=settings.VISITOR_TOKEN_DAYS),
        timedelta(minutes=settings.SESSION_TOKEN_MINUTES),
    )
    old = Revocation.objects.filter(revoked_at__lt=now - longest - timedelta(days=1))
    return old.delete()[0]
