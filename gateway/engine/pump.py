"""A task that produces and a reader that consumes, joined by a bounded buffer and by clocks.

The task alone owns what it opens (a request and its response), so that neither a reader who goes
away nor one who is cancelled can leave it half-closed; and only the task is cancelled when a clock
runs out, so that nobody mistakes a timeout for a cancellation from outside.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from typing import Final, Generic, TypeVar

from gateway.engine.errors import DeadlineExceededError, GatewayError, StreamBrokenError

T = TypeVar("T")

BUFFERED_ITEMS: Final = 256


class Watch:
    """One timer for many clocks: each sign of life moves it, moving it costs next to nothing.

    Args:
        deadline: The time of the event loop that no sign of life can move.
        expired: Called once, when a clock has run out.
    """

    def __init__(self, deadline: float, expired: Callable[[GatewayError], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._deadline = deadline
        self._expired = expired
        self._due = deadline
        self._error: Callable[[], GatewayError] = _too_late
        self._timer = self._loop.call_at(deadline, self._check)

    def expect(self, seconds: float, error: Callable[[], GatewayError]) -> None:
        """Run out with what ``error`` makes unless something is heard within so many seconds."""
        self._error = error
        self.heard(seconds)
        if self._timer.when() > self._due:
            self._arm()

    def heard(self, seconds: float) -> None:
        """Note a sign of life: the clock that runs starts afresh."""
        self._due = self._loop.time() + seconds

    def rest(self) -> None:
        """Let only the deadline run: the reader is slow, not the provider."""
        self._due = self._deadline

    def stop(self) -> None:
        """Run out no more."""
        self._timer.cancel()

    def _arm(self) -> None:
        self._timer.cancel()
        self._timer = self._loop.call_at(min(self._due, self._deadline), self._check)

    def _check(self) -> None:
        now = self._loop.time()
        if now >= self._deadline:
            self._expired(_too_late())
        elif now >= self._due:
            self._expired(self._error())
        else:
            self._arm()


def _too_late() -> GatewayError:
    return DeadlineExceededError("the answer took too long")


class Pump(Generic[T]):
    """Runs ``produce`` in a task of its own and hands over what it puts.

    Args:
        produce: Gets the pump, puts items, and closes whatever it opened on every way out.
        deadline: The time of the event loop at which the producer is stopped for good.
        gather_seconds: How long the reader sleeps after one batch, unless the buffer is full or
            everything has come: waking it, and whoever it tells, costs more than one more item.
    """

    def __init__(
        self,
        produce: Callable[[Pump[T]], Awaitable[None]],
        *,
        deadline: float,
        gather_seconds: float = 0.0,
    ) -> None:
        self._items: list[T] = []
        self._error: BaseException | None = None
        self._reader: asyncio.Future[None] | None = None
        self._room: asyncio.Future[None] | None = None
        self._loop = asyncio.get_running_loop()
        self._ended = False
        self._gather_seconds = gather_seconds
        self._sleeps_until = -math.inf
        self._alarm: asyncio.TimerHandle | None = None
        self._expiry: GatewayError | None = None
        self.watch = Watch(deadline, self._expire)
        self._task = self._loop.create_task(self._run(produce))

    def put(self, *items: T) -> None:
        """Hand items over; ``room`` is how a producer waits for a slow reader."""
        self._items += items
        if self.is_full or self._loop.time() >= self._sleeps_until:
            self._wake()
        elif self._alarm is None:
            self._alarm = self._loop.call_at(self._sleeps_until, self._wake)

    def finish(self) -> None:
        """Say that no more items come, while the producer may still have to tidy up."""
        self._ended = True
        self._wake()

    @property
    def is_full(self) -> bool:
        """Whether the producer should wait for ``room`` before it reads on."""
        return len(self._items) >= BUFFERED_ITEMS

    async def room(self) -> None:
        """Wait until the reader has taken what there is."""
        if self._items:
            self._room = self._loop.create_future()
            await self._room

    async def batch(self) -> list[T]:
        """Return the next items, or an empty list after the last.

        Raises:
            Exception: What the producer raised, once its items have been taken.
        """
        while not self._items:
            if self._error is not None:
                raise self._error
            if self._ended:
                return []
            self._reader = self._loop.create_future()
            await self._reader
        items, self._items = self._items, []
        self._sleeps_until = self._loop.time() + self._gather_seconds
        if self._room is not None and not self._room.done():
            self._room.set_result(None)
        return items

    async def aclose(self) -> None:
        """Stop the producer and wait until it has closed what it opened."""
        if not self._task.done():
            self._task.cancel()
            await asyncio.wait((self._task,))

    @property
    def is_running(self) -> bool:
        """Whether the producer still has something open."""
        return not self._task.done()

    @property
    def has_finished(self) -> bool:
        """Whether the last item was put; the producer may still be tidying up."""
        return self._ended

    def when_done(self, callback: Callable[[], None]) -> None:
        """Call back once the producer has closed everything."""
        self._task.add_done_callback(lambda _: callback())

    def _wake(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    def _expire(self, error: GatewayError) -> None:
        self._expiry = error
        self._task.cancel()

    async def _run(self, produce: Callable[[Pump[T]], Awaitable[None]]) -> None:
        try:
            await produce(self)
        except asyncio.CancelledError:
            self._error = self._expiry or StreamBrokenError("the call was stopped", retryable=False)
        except Exception as error:  # noqa: BLE001  # the reader gets it, whatever it is
            self._error = error
        finally:
            self.watch.stop()
            self._ended = True
            self._wake()
