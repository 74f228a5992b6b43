"""How much one visitor or customer, one address and one socket may ask for.

Messages are counted by all processes together, sockets and frames by each for itself.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Awaitable, Callable

from django.conf import settings

from conversations.errors import TooManyError, TooManySocketsError
from gateway.engine.limits import Charge, Denied, Limit, LimitStore, MemoryLimits, Rate
from gateway.runtime import shared_limits

# Nobody types faster; it bounds what a socket can make us read from the database.
FRAMES = Rate(per_second=10.0, capacity=100.0)
# For the team, of one address in an hour: each one writes an e-mail, and whoever wants to fill a
# mailbox can be a new visitor each time.
LETTERS = Rate(per_second=30 / 3600, capacity=30.0)
SOCKET_SECONDS = 2 * 86_400.0  # longer than the server lets any socket live
SOCKETS_RETRY_SECONDS = 10.0
IPV6_SITE_BITS = 64  # what one customer's line has at least


class Turnstile:
    """Lets in what is within the limits.

    Args:
        own: This process's counts.
        shared: Returns the counts of all processes, if there are several.

    Attributes:
        sockets: How many are open in this process.
    """

    def __init__(
        self,
        own: LimitStore,
        shared: Callable[[], Awaitable[LimitStore | None]] = shared_limits,
    ) -> None:
        self._own = own
        self._shared = shared
        self.sockets = 0

    async def message_admit(self, owner: object, address: str) -> None:
        """Count a message, or another attempt at an answer.

        Raises:
            TooManyError: It is one too many; the error says when to come back.
        """
        charges = [_messages("chat-visitor", str(owner), settings.VISITOR_MESSAGES_PER_MINUTE)]
        if address:
            charges.append(_messages("chat-address", address, settings.ADDRESS_MESSAGES_PER_MINUTE))
        await self._admit(charges)

    async def letter_admit(self, address: str) -> None:
        """Count a message for the team.

        Raises:
            TooManyError: It is one too many of this address; the error says when to come back.
        """
        charge = Charge(f"team-address:{address}", Limit(requests=LETTERS))
        await self._admit([charge] if address else [])

    async def socket_admit(self, address: str) -> Callable[[], None]:
        """Count a socket, and return what to call when it is gone.

        Raises:
            TooManySocketsError: The address has too many open.
        """
        limit = Limit(concurrency=settings.ADDRESS_SOCKETS)
        charges = [Charge(f"sockets:{address}", limit)] if address else []
        lease = await self._own.reserve(charges, 0, SOCKET_SECONDS)
        if isinstance(lease, Denied):
            raise TooManySocketsError(retry_after=SOCKETS_RETRY_SECONDS)
        self.sockets += 1

        def leave() -> None:
            self.sockets -= 1
            self._own.settle(lease, None)

        return leave

    async def _admit(self, charges: list[Charge]) -> None:
        store = await self._shared() or self._own
        outcome = await store.reserve(charges, 0, 0)
        if isinstance(outcome, Denied):
            raise TooManyError(retry_after=_seconds(outcome.retry_after))


class FrameRate:
    """A bucket for the frames of one socket.

    Args:
        clock: Seconds that never run backwards.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._level = FRAMES.capacity
        self._at = clock()

    def admit(self) -> None:
        """Count a frame.

        Raises:
            TooManyError: It is one too many; the error says when to come back.
        """
        now = self._clock()
        self._level = min(FRAMES.capacity, self._level + (now - self._at) * FRAMES.per_second)
        self._at = now
        if self._level < 1:
            raise TooManyError(retry_after=_seconds((1 - self._level) / FRAMES.per_second))
        self._level -= 1


def address_of(client: tuple[str, int] | list[object] | None) -> str:
    """Return whom an address stands for: itself, or an IPv6 customer's whole network.

    Args:
        client: As in the ASGI scope; the server puts a trusted proxy's word there.

    Returns:
        The address; "" if it says nothing, as a loopback address does: it is a proxy's, or ours.
    """
    try:
        address = ipaddress.ip_address(str(client[0]) if client else "")
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or address
    if address.is_loopback:
        return ""
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, IPV6_SITE_BITS), strict=False))
    return str(address)


def _messages(kind: str, name: str, per_minute: float) -> Charge:
    return Charge(f"{kind}:{name}", Limit(requests=Rate.per_minute(per_minute)))


def _seconds(seconds: float | None) -> float:
    # Rounded up, so that whoever comes back then is not too early.
    return 1.0 if seconds is None else float(int(seconds * 10) + 1) / 10


turnstile = Turnstile(MemoryLimits(time.monotonic))
