"""Answers remembered: the same question of the same scope is answered without a call.

Only requests that carry a ``CacheRule`` take part. Two requests are the same when everything that
could change the answer is: scope, route, messages, temperature, length. The scope keeps what is
meant for one customer from another; the key is a hash, so that a store holds no question in clear.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from gateway.engine.types import CacheRule, ChatRequest, Finished, Target


@dataclass(frozen=True, slots=True)
class Remembered:
    """A complete answer.

    Args:
        texts: Its pieces, in the order they came.
    """

    target: Target
    texts: tuple[str, ...]
    finished: Finished

    @property
    def size(self) -> int:
        """About how many bytes of memory it takes."""
        return sum(len(text) * 4 + 64 for text in self.texts) + 512


class CacheStore(Protocol):
    """Where answers are remembered; a store that is down remembers nothing and never raises."""

    async def get(self, key: str) -> Remembered | None:
        """Return the answer kept under a key, unless its time is over."""
        ...

    async def put(self, key: str, answer: Remembered, ttl_seconds: float) -> None:
        """Keep an answer for so long."""
        ...


class MemoryCache:
    """Answers in this process's memory; the one longest unused goes first.

    Args:
        clock: Seconds that never run backwards.
        max_bytes: All answers together.
    """

    def __init__(self, clock: Callable[[], float], max_bytes: int = 32 * 1024 * 1024) -> None:
        self._clock = clock
        self._max_bytes = max_bytes
        self._answers: OrderedDict[str, tuple[float, Remembered]] = OrderedDict()
        self._bytes = 0

    async def get(self, key: str) -> Remembered | None:
        """Keep the promise of ``CacheStore``."""
        found = self._answers.get(key)
        if found is None:
            return None
        until, answer = found
        if self._clock() >= until:
            self._forget(key)
            return None
        self._answers.move_to_end(key)
        return answer

    async def put(self, key: str, answer: Remembered, ttl_seconds: float) -> None:
        """Keep the promise of ``CacheStore``; an answer larger than all the room is not kept."""
        if key in self._answers:
            self._forget(key)
        if answer.size > self._max_bytes:
            return
        self._answers[key] = (self._clock() + ttl_seconds, answer)
        self._bytes += answer.size
        while self._bytes > self._max_bytes:
            self._forget(next(iter(self._answers)))

    def _forget(self, key: str) -> None:
        _, answer = self._answers.pop(key)
        self._bytes -= answer.size


def cache_key(request: ChatRequest, rule: CacheRule) -> str:
    """Return the name under which the answer to a request is kept."""
    canonical = [
        1,  # the form's version
        rule.scope,
        [[target.provider, target.model] for target in request.route],
        [[message.role, message.content] for message in request.messages],
        request.temperature,
        request.max_output_tokens,
    ]
    text = json.dumps(canonical, ensure_ascii=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()
