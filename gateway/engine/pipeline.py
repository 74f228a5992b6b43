"""The journey of a call, on one page: limit, key, call, first words, stream, settle, tell."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Iterable
from dataclasses import dataclass, field

from gateway.engine.call import Call
from gateway.engine.config import Clocks, ProviderConfig
from gateway.engine.errors import DeadlineExceededError, GatewayError, NoKeyError
from gateway.engine.keys import BenchPolicy, KeyHealth
from gateway.engine.retry import GiveUp, Retries, RetryBudget, RetryPolicy, TrySameKey
from gateway.engine.telemetry import Observer, Observers
from gateway.engine.types import (
    ChatRequest,
    Chunk,
    Completion,
    Finished,
    Started,
    Target,
    TextDelta,
)
from gateway.engine.upstream import Answer, KeyStore, LonelyKeys, Order, Upstream


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How patient and how stubborn the gateway is."""

    clocks: Clocks = field(default_factory=Clocks)
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    bench: BenchPolicy = field(default_factory=BenchPolicy)


class Gateway:
    """Answers chat requests through the providers it was given.

    It lives in one event loop and is made inside it.

    Args:
        providers: Who may be called, with their keys.
        keys: What processes tell each other about resting keys.
        observers: Who gets a record of each call and each change of a key.
        rand: A number from 0 up to 1; what jitter is made of.
    """

    def __init__(
        self,
        providers: Iterable[ProviderConfig],
        *,
        settings: Settings | None = None,
        keys: KeyStore | None = None,
        observers: Iterable[Observer] = (),
        rand: Callable[[], float] = random.random,
    ) -> None:
        self._settings = settings or Settings()
        self._keys = keys or LonelyKeys()
        self._observers = Observers(observers)
        self._rand = rand
        self._budget = RetryBudget()
        self._upstreams = {config.name: self._upstream(config) for config in providers}
        self._retired: set[Upstream] = set()

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        """Yield ``Started``, the answer's text piece by piece, and ``Finished``.

        Closing the generator closes the upstream socket. Whatever comes before ``Started`` is
        retried silently; nothing is after it.

        Raises:
            GatewayError: No complete answer came.
        """
        call = Call(request)
        try:
            answer = await self._first_words(call, stream=True)
            try:
                yield Started(answer.target, answer.key_label, call.attempts)
                while batch := await answer.batch():
                    for chunk in batch:
                        if isinstance(chunk, Finished):
                            call.finished(chunk)
                        yield chunk
            finally:
                await answer.aclose()
        except GatewayError as error:
            call.failed(error)
            raise
        finally:
            self._observers.call_ended(call.record())

    async def complete(self, request: ChatRequest) -> Completion:
        """Return a whole answer.

        Raises:
            GatewayError: No complete answer came.
        """
        call = Call(request)
        try:
            answer = await self._first_words(call, stream=False)
            try:
                return await self._whole(call, answer)
            finally:
                await answer.aclose()
        except GatewayError as error:
            call.failed(error)
            raise
        finally:
            self._observers.call_ended(call.record())

    async def reconfigure(self, providers: Iterable[ProviderConfig]) -> None:
        """Serve through these providers from now on; streams under way end in peace."""
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

    async def aclose(self) -> None:
        """Stop every stream and close every connection."""
        everyone = (*self._upstreams.values(), *self._retired)
        await asyncio.gather(*(upstream.aclose() for upstream in everyone))

    async def _first_words(self, call: Call, *, stream: bool) -> Answer:
        """Return the first answer that any target of the route begins, within the deadline."""
        self._budget.deposit()
        route = [target for target in call.request.route if target.provider in self._upstreams]
        failure: GatewayError = NoKeyError("no provider of the route is known")
        try:
            async with asyncio.timeout_at(call.deadline):
                for target in route:
                    try:
                        return await self._first_words_of(
                            target, call, stream=stream, is_last=target is route[-1]
                        )
                    except GatewayError as error:
                        if not error.reroutes:
                            raise
                        failure = error
        except TimeoutError:
            raise DeadlineExceededError("no answer began before the deadline") from None
        raise failure

    async def _first_words_of(
        self, target: Target, call: Call, *, stream: bool, is_last: bool
    ) -> Answer:
        """Try one target as often as the retry rule allows."""
        upstream = self._upstreams[target.provider]
        retries = Retries(self._settings.retry, self._budget, self._rand, len(upstream.ring))
        order = Order(
            request=call.request,
            target=target,
            call_id=call.id,
            deadline=call.deadline,
            stream=stream,
        )
        while True:
            pick = await upstream.take_key(call.request.priority, call.deadline, is_patient=is_last)
            call.attempt_begins()
            try:
                answer = await upstream.call(order, pick)
            except GatewayError as error:
                upstream.put_back(pick)
                call.attempt_failed(target, pick.key.config.label, error)
                decision = retries.decide(error, call.seconds_left)
                if isinstance(decision, GiveUp):
                    raise
            except BaseException:
                upstream.put_back(pick)
                raise
            else:
                call.started(target, answer.key_label, upstream.config.prices.get(target.model))
                return answer
            if isinstance(decision, TrySameKey):
                await asyncio.sleep(decision.wait_seconds)

    @staticmethod
    async def _whole(call: Call, answer: Answer) -> Completion:
        texts: list[str] = []
        while batch := await answer.batch():
            for chunk in batch:
                match chunk:
                    case TextDelta(text):
                        texts.append(text)
                    case Finished(reason, usage):
                        call.finished(chunk)
                        return Completion("".join(texts), answer.target, reason, usage)
        raise AssertionError  # pragma: no cover  # an answer ends with Finished or an error

    def _upstream(self, config: ProviderConfig) -> Upstream:
        return Upstream(
            config,
            clocks=self._settings.clocks,
            bench=self._settings.bench,
            keys=self._keys,
            observers=self._observers,
        )
