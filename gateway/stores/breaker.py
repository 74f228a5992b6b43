"""A breaker in front of Redis: what does not answer soon is left alone for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from redis.exceptions import RedisError

T = TypeVar("T")


class AwayError(Exception):
    """Redis is down, or slow, or was so a moment ago."""


class Breaker:
    """Asks as long as answers come.

    Args:
        clock: Seconds that never run backwards.
        timeout_seconds: How long a chat waits for an answer.
        rest_seconds: How long nobody asks after that.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        timeout_seconds: float = 0.25,
        rest_seconds: float = 5.0,
    ) -> None:
        self._clock = clock
        self._timeout_seconds = timeout_seconds
        self._rest_seconds = rest_seconds
        self._ask_again_at = 0.0

    async def ask(self, question: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return what Redis answers.

        Raises:
            AwayError: It does not, or nobody asks now.
        """
        if self._clock() < self._ask_again_at:
            raise AwayError
        try:
            async with asyncio.timeout(self._timeout_seconds):
                return await question()
        except (RedisError, OSError, TimeoutError):
            self._ask_again_at = self._clock() + self._rest_seconds
            raise AwayError from None
