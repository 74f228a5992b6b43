"""The journey of a call, on one page: limit, key, call, first words, stream, settle, tell."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType

from gateway.engine.admission import Admission, Doorkeeper
from gateway.engine.budgets import Budgets
from gateway.engine.cache import CacheStore, MemoryCache
from gateway.engine.call import Call
from gateway.engine.config import Clocks, ProviderConfig
from gateway.engine.errors import (
    DeadlineExceededError,
    GatewayError,
    NoKeyError,
    RegionForbiddenError,
)
from gateway.engine.exchange import Order
from gateway.engine.keys import BenchPolicy, KeyHealth, KeyStore, LonelyKeys
from gateway.engine.limits import Limit, LimitStore, MemoryLimits
from gateway.engine.retry import GiveUp, Retries, RetryBudget, RetryPolicy, TrySameKey
from gateway.engine.routes import is_forbidden, route_allowed
from gateway.engine.sharing import Batches, Sharing
from gateway.engine.telemetry import Observer, Observers
from gateway.engine.types import (
    ChatRequest,
    Chunk,
    Completion,
    Started,
    Target,
    completion_of,
)
from gateway.engine.upstream import Answer, RetiredError, Upstream


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How patient and how stubborn the gateway is.

    Args:
        limits: What callers are allowed, by ``kind:name`` or, for all others of a kind, by kind
            (``widget:7``, ``address``); providers, models and keys carry their own.
        patience_seconds: How long a chat waits for one of these limits before it is told to
            come back.
    """

    clocks: Clocks = field(default_factory=Clocks)
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    bench: BenchPolicy = field(default_factory=BenchPolicy)
    limits: Mapping[str, Limit] = field(default_factory=lambda: MappingProxyType({}))
    patience_seconds: float = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """Where the gateway keeps what outlives a call; None is this process's memory.

    Args:
        limits: Buckets and running calls.
        keys: What processes tell each other about resting keys.
        cache: Answers remembered.
        budgets: The daily ones; None is no budget at all.
    """

    limits: LimitStore | None = None
    keys: KeyStore | None = None
    cache: CacheStore | None = None
    budgets: Budgets | None = None


class Gateway:
    """Answers chat requests through the providers it was given.

    It lives in one event loop and is made inside it.

    Args:
        providers: Who may be called, with their keys.
        settings: How patient and how stubborn to be.
        stores: Where to keep what outlives a call.
        observers: Who gets a record of each call and each change of a key.
        rand: A number from 0 up to 1; what jitter is made of.
    """

    def __init__(
        self,
        providers: Iterable[ProviderConfig],
        *,
        settings: Settings | None = None,
        stores: Stores | None = None,
        observers: Iterable[Observer] = (),
        rand: Callable[[], float] = random.random,
    ) -> None:
        loop = asyncio.get_running_loop()
        self._settings = settings = settings or Settings()
        stores = stores or Stores()
        self._keys = stores.keys or LonelyKeys()
        self._observers = Observers(observers)
        self._rand = rand
        self._budget = RetryBudget()
        self._door = Doorkeeper(
            stores.limits or MemoryLimits(loop.time),
            settings.limits,
            stores.budgets,
            settings.patience_seconds,
        )
        self._sharing = Sharing(
            stores.cache or MemoryCache(loop.time),
            self._observers,
        )
        self._upstreams = {config.name: self._upstream(config) for config in providers}
        self._retired: set[Upstream] = set()

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        """Yield ``Started``, the answer's text piece by piece, and ``Finished``.

        Closing the generator closes the upstream socket. Whatever comes before ``Started`` is
        retried silently; nothing is after it.

        Raises:
            GatewayError: No complete answer came.
        """
        async with aclosing(self._batches(request, stream=True)) as batches:
            async for batch in batches:
                for chunk in batch:
                    yield chunk

    async def complete(self, request: ChatRequest) -> Completion:
        """Return a whole answer.

        Raises:
            GatewayError: No complete answer came.
        """
        chunks: list[Chunk] = []
        async with aclosing(self._batches(request, stream=False)) as batches:
            async for batch in batches:
                chunks += batch
        return completion_of(chunks)

    def _batches(self, request: ChatRequest, *, stream: bool) -> Batches:
        call = partial(self._call, request, stream=stream)
        if request.cache is None:
            return call()
        return self._sharing.batches(request, request.cache, call)

    async def _call(self, request: ChatRequest, *, stream: bool) -> Batches:
        """Make a call: first words, the rest of the stream, settlement, record."""
        call = Call(request)
        try:
            answer, admission = await self._first_words(call, stream=stream)
            try:
                yield [Started(answer.target, answer.key_label, call.attempts)]
                while batch := await answer.batch():
                    call.heard(batch)
                    yield batch
            finally:
                self._door.settle(admission, call.spent.total_tokens, call.spent_cost)
                await answer.aclose()
        except GatewayError as error:
            call.failed(error)
            raise
        finally:
            self._observers.call_ended(call.record())

    async def _first_words(self, call: Call, *, stream: bool) -> tuple[Answer, Admission]:
        """Return the first answer that any target of the route begins, within the deadline."""
        self._budget.deposit()
        regions = {name: upstream.config.region for name, upstream in self._upstreams.items()}
        route = route_allowed(call.request.route, regions, call.request.forbidden_regions)
        failure: GatewayError = NoKeyError("no provider of the route could be tried")
        try:
            async with call.first_words_timer:
                for target in route:
                    is_last = target is route[-1]
                    try:
                        return await self._try_target(target, call, stream=stream, is_last=is_last)
                    except GatewayError as error:
                        if not error.reroutes:
                            raise
                        failure = error
        except TimeoutError:
            raise DeadlineExceededError("no answer began before the deadline") from None
        raise failure

    async def _try_target(
        self, target: Target, call: Call, *, stream: bool, is_last: bool
    ) -> tuple[Answer, Admission]:
        """Try one target as often as the retry rule allows."""
        retries = Retries(self._settings.retry, self._budget, self._rand)
        while True:
            upstream = self._upstreams.get(target.provider)
            if upstream is None:
                raise NoKeyError("the provider is gone")
            if is_forbidden(upstream.config.region, call.request.forbidden_regions):
                raise RegionForbiddenError("the provider has moved to a forbidden region")
            try:
                admission = await self._door.admit(call, target, upstream, is_patient=is_last)
            except RetiredError:
                continue
            call.attempt_begins()
            order = Order(call.request, target, call.id, call.deadline, stream)
            try:
                answer = await upstream.call(order, admission.pick)
            except BaseException as error:
                upstream.put_back(admission.pick)
                if not isinstance(error, GatewayError):
                    # Cancelled: the provider may well charge for what it was thinking about.
                    self._door.settle(admission, call.spent.total_tokens, None)
                    raise
                self._door.settle(admission, 0, None)
                call.attempt_failed(target, admission.pick.key.config.label, error)
                decision = retries.decide(error, call.seconds_left, len(upstream.ring))
                if isinstance(decision, GiveUp):
                    raise
            else:
                call.started(target, answer.key_label, upstream.config.prices.get(target.model))
                return answer, admission
            if isinstance(decision, TrySameKey):
                await asyncio.sleep(decision.wait_seconds)

    async def reconfigure(
        self, providers: Iterable[ProviderConfig], limits: Mapping[str, Limit] | None = None
    ) -> None:
        """Serve through these providers from now on; streams under way end in peace.

        Args:
            providers: All of them; those that are missing are retired.
            limits: What callers are allowed from now on; None leaves it as it is.
        """
        if limits is not None:
            self._door.table = limits
        wanted = {config.name: config for config in providers}
        for name, upstream in list(self._upstreams.items()):
            config = wanted.get(name)
            if config is not None and config.has_same_wire(upstream.config):
                upstream.reconfigure(config)
                del wanted[name]
            else:
                del self._upstreams[name]
                self._retired.add(upstream)
                await upstream.retire()
        self._upstreams.update({name: self._upstream(config) for name, config in wanted.items()})
        self._retired = {upstream for upstream in self._retired if upstream.streams}

    def key_health(self) -> dict[str, list[KeyHealth]]:
        """Return what an operator sees of the keys, by provider."""
        now = asyncio.get_running_loop().time()
        return {name: upstream.ring.health(now) for name, upstream in self._upstreams.items()}

    def rest_key(self, provider: str, key_id: str, seconds: float, reason: str) -> None:
        """Rest a key because another process learned that it should."""
        upstream = self._upstreams.get(provider)
        if upstream is not None:
            upstream.ring.cool(key_id, seconds, reason, asyncio.get_running_loop().time())

    async def aclose(self) -> None:
        """Stop every stream and close every connection."""
        everyone = (*self._upstreams.values(), *self._retired)
        await asyncio.gather(*(upstream.aclose() for upstream in everyone))

    def _upstream(self, config: ProviderConfig) -> Upstream:
        return Upstream(
            config,
            clocks=self._settings.clocks,
            bench=self._settings.bench,
            keys=self._keys,
            observers=self._observers,
        )
