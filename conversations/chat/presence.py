"""Who is here, in this process, so that what ends a stay reaches sockets that are open already."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from conversations.errors import ConversationError
from conversations.identity.admission import Admission, identity_required
from conversations.identity.revocations import revocations_since
from conversations.models import Widget
from gateway.db import db

LOOK_SECONDS = 5.0

End = Callable[[ConversationError | None], None]
# Other hosts' clocks write the moments: looking back further than to the last look is harmless.
LOOK_BACK = timedelta(minutes=1)


class Presence:
    """The stays of a process."""

    def __init__(self) -> None:
        self._stays: dict[object, tuple[Admission, End]] = {}

    def enter(self, admission: Admission, end: End) -> Callable[[], None]:
        """Remember a stay, and return what to call when it is over.

        Args:
            admission: Who came in.
            end: Called once if the stay ends, with what they are told; None for what is said
                of a token or session that is over.
        """
        ticket = object()
        self._stays[ticket] = (admission, end)

        def leave() -> None:
            self._stays.pop(ticket, None)

        return leave

    def heed(self, revoked: Mapping[UUID, datetime]) -> None:
        """End the stays that these revocations end."""
        self._end(lambda admission: admission.is_ended_by(revoked), None)

    def shut(self, widgets: Collection[int]) -> None:
        """End the stays that nobody vouches for on these widgets."""
        self._end(lambda admission: admission.is_shut_out_of(widgets), identity_required())

    def _end(self, is_over: Callable[[Admission], bool], error: ConversationError | None) -> None:
        ended = [ticket for ticket, (admission, _) in self._stays.items() if is_over(admission)]
        for ticket in ended:
            _, end = self._stays.pop(ticket)
            end(error)

    @property
    def open_widgets(self) -> set[int]:
        """The widgets on which somebody is whom nobody vouches for."""
        stays = self._stays.values()
        return {admission.owner.widget for admission, _ in stays if admission.session is None}

    @property
    def is_empty(self) -> bool:
        """Whether nobody is here."""
        return not self._stays


presence = Presence()


async def endings_heed() -> None:
    """Ask the database, once for all sockets of this process, whose stay is over."""
    if presence.is_empty:
        return
    revoked, verified_only = await db(_endings, presence.open_widgets)
    presence.heed(revoked)
    presence.shut(verified_only)


def _endings(widgets: set[int]) -> tuple[dict[UUID, datetime], set[int]]:
    shut = Widget.objects.filter(pk__in=widgets, is_verified_only=True).values_list("pk", flat=True)
    return revocations_since(timezone.now() - LOOK_BACK), set(shut)
