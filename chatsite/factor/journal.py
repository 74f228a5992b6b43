"""What became of second factors, noted for whoever runs the site; old entries are forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from axes.helpers import get_client_session_hash
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils import timezone

from chatsite.factor.models import FactorDeed, FactorEvent
from chatsite.logins import login_address


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a deed came from.

    Args:
        address: Of the browser, or of its line; None for the command line.
    """

    address: str | None = None


NOWHERE = Origin()


def origin_of(request: HttpRequest) -> Origin:
    """Return where a request came from."""
    return Origin(login_address(request))


def note(
    deed: FactorDeed, *, user: User | None = None, by_name: str = "", origin: Origin = NOWHERE
) -> None:
    """Note a deed.

    Args:
        deed: What happened.
        user: To whose factor; None: to the requirement.
        by_name: Who did it, if it was somebody else.
        origin: From where.
    """
    FactorEvent.objects.create(
        at=timezone.now(),
        deed=deed,
        user=user,
        username=user.get_username() if user else "",
        by_name=by_name,
        address=origin.address,
    )


def note_passed(request: HttpRequest, user: User, deed: FactorDeed) -> None:
    """Note which factor a login was completed with, once the session has its last name."""
    FactorEvent.objects.create(
        at=timezone.now(),
        deed=deed,
        user=user,
        username=user.get_username(),
        address=login_address(request),
        session_hash=get_client_session_hash(request),
    )


def events_forget(now: datetime) -> int:
    """Forget events that are older than ``LOGIN_LOG_DAYS``, and return how many there were."""
    before = now - timedelta(days=settings.LOGIN_LOG_DAYS)
    return int(FactorEvent.objects.filter(at__lt=before).delete()[0])
