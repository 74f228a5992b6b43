"""One provider: its connections, its ring of keys and the line of callers in front of it."""

from __future__ import annotations

import asyncio

from gateway.engine.addresses import base_url_fault
from gateway.engine.config import Clocks, ProviderConfig
from gateway.engine.errors import (
    AddressBlockedError,
    GatewayError,
    InvalidRequestError,
    NoKeyError,
)
from gateway.engine.exchange import Exchange, Order
from gateway.engine.keys import BenchPolicy, KeyRing, KeyStore, Pick
from gateway.engine.line import Later, Line
from gateway.engine.providers import (
    DIALECTS,
    Dialect,
    completions_url,
    dialect_without,
    request_body,
    request_headers,
)
from gateway.engine.pump import Pump
from gateway.engine.telemetry import KeyChange, Observers
from gateway.engine.types import Finished, Target, TextDelta, texts_join
from gateway.engine.wire import Wire

_MAX_ADAPTATIONS = 2


class RetiredError(Exception):
    """The provider was reconfigured while a call waited for it; look it up again."""


class Answer:
    """An answer that has begun: its first words are here."""

    def __init__(
        self,
        upstream: Upstream,
        target: Target,
        pick: Pick,
        pump: Pump[TextDelta | Finished],
        head: list[TextDelta | Finished],
    ) -> None:
        self._upstream = upstream
        self._pick = pick
        self._pump = pump
        self._head = head
        self.target = target
        self.key_label = pick.key.config.label

    async def batch(self) -> list[TextDelta | Finished]:
        """Return the next pieces, or an empty list after the last.

        Raises:
            GatewayError: The answer broke off.
        """
        if self._head:
            head, self._head = self._head, []
            return texts_join(head)
        try:
            return texts_join(await self._pump.batch())
        except GatewayError as error:
            await self._upstream.note_failure(self._pick, error)
            raise

    async def aclose(self) -> None:
        """Close the upstream socket, unless the answer is over and the socket can serve again."""
        try:
            if not self._pump.has_finished:
                await self._pump.aclose()
        finally:
            # A caller may be cancelled twice; the pump then ends by itself.
            self._upstream.put_back(self._pick)


class Upstream:
    """A provider as the pipeline sees it.

    Args:
        config: What the operator decided.
        clocks: How long each stage may take.
        bench: When keys rest.
        keys: What processes tell each other about keys.
        observers: Who wants to know when a key changes for good.
    """

    def __init__(
        self,
        config: ProviderConfig,
        *,
        clocks: Clocks,
        bench: BenchPolicy,
        keys: KeyStore,
        observers: Observers,
    ) -> None:
        self.config = config
        self.ring = KeyRing(bench)
        self.ring.update(config.keys)
        self._clocks = clocks
        self._keys = keys
        self._observers = observers
        self._loop = asyncio.get_running_loop()
        self._line = Line()
        self._learned: dict[str, Dialect] = {}
        self._pumps: set[Pump[TextDelta | Finished]] = set()
        self._streams = 0
        self._is_retired = False
        self._closing: asyncio.Task[None] | None = None
        self._fault = base_url_fault(config.base_url, allow_private=config.allow_private)
        self._wire = Wire(
            pool=config.pool,
            connect_seconds=clocks.connect,
            proxy_url=config.proxy_url,
            allow_private=config.allow_private,
        )

    @property
    def streams(self) -> int:
        """How many calls are under way."""
        return self._streams

    def reconfigure(self, config: ProviderConfig) -> None:
        """Take new keys, prices and limits; the connections stay."""
        self.config = config
        self.ring.update(config.keys)
        self._line.changed()

    async def take_key(self, priority: int, deadline: float, *, is_patient: bool) -> Pick:
        """Return a key that may serve now, after standing in line for it if need be.

        Args:
            priority: The lower number goes first.
            deadline: Of the call, on the event loop's clock.
            is_patient: Whether to wait for a key to recover, or only for a free connection.

        Raises:
            NoKeyError: No key will serve before the deadline.
            RetiredError: The provider takes no more calls.
        """

        async def attempt() -> Pick | Later:
            if self._is_retired:
                raise RetiredError
            now = self._loop.time()
            if self._streams >= self.config.pool.connections:
                return Later()
            pick = self.ring.pick(now)
            if pick is None:
                return self._later(now, deadline, is_patient=is_patient)
            if pick.is_probe and not await self._may_probe(pick):
                return Later(self._loop.time() + self.ring.policy.cool_seconds)
            self._streams += 1
            return pick

        if self._fault is not None:
            raise AddressBlockedError(f"the base URL cannot be called: {self._fault}")
        return await self._line.join(priority, attempt)

    async def call(self, order: Order, pick: Pick) -> Answer:
        """Send a request and return its answer once the first words are here.

        A provider that complains about a parameter is asked again without it, and remembered.

        Raises:
            GatewayError: No answer began; the ring knows.
        """
        for adaptations_left in reversed(range(_MAX_ADAPTATIONS + 1)):
            try:
                answer = await self._begin(order, pick)
            except InvalidRequestError as complaint:
                adapted = dialect_without(self._dialect(order.target.model), complaint)
                if adapted is None or not adaptations_left:
                    await self.note_failure(pick, complaint)
                    raise
                self._learned[order.target.model] = adapted
            except GatewayError as error:
                await self.note_failure(pick, error)
                raise
            else:
                self.ring.succeeded(pick)
                if pick.is_probe:
                    self._keys.probe_end(pick.key.config.id)
                self._line.changed()
                return answer
        raise AssertionError  # pragma: no cover  # the last round returns or raises

    def put_back(self, pick: Pick) -> None:
        """End the use of a key and of a connection."""
        self.ring.put_back(pick)
        self._freed()

    def put_back_unused(self, pick: Pick, until: float) -> None:
        """Take a key back that our own limits hold until a time."""
        self.ring.unused(pick, until)
        self._freed()

    async def note_failure(self, pick: Pick, error: GatewayError) -> None:
        """Tell the ring, the other processes and the observers how an attempt failed."""
        key = pick.key
        now = self._loop.time()
        was_resting_until = key.cooling_until or 0.0
        standing = self.ring.failed(pick, error, now)
        self._line.changed()
        if standing is not None:
            self._observers.key_changed(
                KeyChange(
                    provider=self.config.name,
                    key_id=key.config.id,
                    key_label=key.config.label,
                    standing=standing,
                    reason=error.code,
                )
            )
        elif (until := key.cooling_until or 0.0) > max(now, was_resting_until):
            await self._keys.rest_share(key.config.id, until - now, error.code)
        if pick.is_probe:
            self._keys.probe_end(key.config.id)

    async def retire(self) -> None:
        """Take no more calls, and close the connections when the last stream has ended."""
        self._is_retired = True
        self._line.changed()
        if not self._streams:
            await self._wire.aclose()

    async def aclose(self) -> None:
        """Stop every stream and close every connection."""
        self._is_retired = True
        await asyncio.gather(*(pump.aclose() for pump in self._pumps))
        await self._wire.aclose()

    async def _begin(self, order: Order, pick: Pick) -> Answer:
        dialect = self._dialect(order.target.model)
        exchange = Exchange(
            wire=self._wire,
            dialect=dialect,
            clocks=self._clocks,
            url=completions_url(self.config.base_url, order.target.model),
            request_headers=request_headers(
                dialect, pick.key.config.secret.reveal(), order.call_id, stream=order.stream
            ),
            body=request_body(dialect, order.request, order.target.model, stream=order.stream),
            stream=order.stream,
        )
        pump: Pump[TextDelta | Finished] = Pump(
            exchange.run, deadline=order.deadline, gather_seconds=self._clocks.gather
        )
        self._pumps.add(pump)
        pump.when_done(lambda: self._pumps.discard(pump))
        try:
            head = await pump.batch()
        except BaseException:
            await pump.aclose()
            raise
        finally:
            pick.key.pace.learn(exchange.headers, pick.key.streams, self._loop.time())
        return Answer(self, order.target, pick, pump, head)

    def _dialect(self, model: str) -> Dialect:
        return self._learned.get(model) or DIALECTS[self.config.dialect]

    async def _may_probe(self, pick: Pick) -> bool:
        seconds = self.ring.policy.probe_seconds
        try:
            if await self._keys.probe_claim(pick.key.config.id, seconds):
                return True
        except BaseException:
            self.ring.put_back(pick)
            raise
        # Another process probes; it shares a failure, and its success shows in our own try.
        self.ring.unused(pick, self._loop.time() + self.ring.policy.cool_seconds)
        return False

    def _later(self, now: float, deadline: float, *, is_patient: bool) -> Later:
        at = self.ring.ready_at(now)
        if is_patient and self.ring.is_probing(now):
            return Later(at)
        if at is None:
            raise NoKeyError("no key of this provider is accepted, or somebody must act")
        if at >= deadline or not is_patient:
            raise NoKeyError("every key of this provider is resting", retry_after=at - now)
        return Later(at)

    def _freed(self) -> None:
        self._streams -= 1
        self._line.changed()
        if self._is_retired and not self._streams:
            self._closing = self._loop.create_task(self._wire.aclose())
