"""Made-up customers, so that the demo's dashboard lives: they ask, wait, leave, meet faults.

They ask the sandbox alone, whose words cost nothing, and at most ``MOST_AT_ONCE`` of them at a
time. They call the gateway directly: no conversation of theirs is kept.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import math
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from uuid import uuid4

from django.db import DatabaseError

from chatsite.demo.seed import INSTRUCTIONS, QUESTIONS
from conversations.widget.selectors import widget_first
from gateway.db import db
from gateway.engine.errors import GatewayError
from gateway.engine.types import CacheRule, ChatMessage, ChatRequest, Priority, Role, Target
from gateway.runtime import gateway
from gateway.selectors import SANDBOX, default_route

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 8
PAUSE_SECONDS = 0.6
WAVE_SECONDS = 600.0  # busy and quiet times take turns
BATCH_SHARE, REPEATED_SHARE, LEAVE_SHARE = 0.1, 0.15, 0.03
# Most of what goes wrong at a provider is right a moment later, and the next attempt succeeds. The
# rest is too rare for an alert. Nothing here takes a key out of service for good.
PASSING_SHARE, LASTING_SHARE = 0.07, 0.015
PASSING = ("once 503", "once 429 retry-after 1", "once reset before headers", "once 504")
LASTING = ("503", "400", "cut 4", "no finish marker")


@asynccontextmanager
async def traffic() -> AsyncGenerator[None, None]:
    """Have made-up customers ask until the end."""
    task = asyncio.create_task(
        Crowd().ask_for_ever(), name="demo-traffic", context=contextvars.Context()
    )
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


class Crowd:
    """All made-up customers together.

    Args:
        rand: Where their whims come from.
        sleep: How they wait.
    """

    def __init__(
        self,
        rand: random.Random | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._rand = rand or random.Random()  # noqa: S311  # whims, not secrets
        self._sleep = sleep
        self._asking: set[asyncio.Task[None]] = set()

    async def ask_for_ever(self) -> None:
        """Begin one question after another; while all are busy, wait for one of them."""
        try:
            while True:
                await self._sleep(pause_seconds(time.time(), self._rand.random()))
                if len(self._asking) >= MOST_AT_ONCE:
                    await asyncio.wait(self._asking, return_when=asyncio.FIRST_COMPLETED)
                task = asyncio.create_task(self.ask())
                self._asking.add(task)
                task.add_done_callback(self._asking.discard)
        finally:
            for task in self._asking:
                task.cancel()

    async def ask(self) -> None:
        """Ask one question, and listen to the end or for a while."""
        with suppress(GatewayError, DatabaseError):  # the dashboard tells of it
            route, labels = await db(_place)
            if not route:
                return
            words_heard = self._rand.randint(1, 12) if self._rand.random() < LEAVE_SHARE else 0
            through = await gateway()
            async with aclosing(through.stream(self.request(route, labels))) as answer:
                async for _ in answer:
                    words_heard -= 1
                    if words_heard == 0:
                        break

    def request(self, route: tuple[Target, ...], labels: dict[str, str]) -> ChatRequest:
        """Return what one of them wants, now and then with a fault to come."""
        is_batch = self._rand.random() < BATCH_SHARE
        is_repeated = self._rand.random() < REPEATED_SHARE
        question = self._rand.choice(QUESTIONS)
        if fault := self._fault():
            question, is_repeated = f"/fault {fault}", False
        return ChatRequest(
            messages=(
                ChatMessage(Role.SYSTEM, INSTRUCTIONS.read_text(encoding="utf-8")),
                ChatMessage(Role.USER, question),
            ),
            route=route,
            priority=Priority.BATCH if is_batch else Priority.CHAT,
            labels={**labels, "customer": str(uuid4())},
            cache=CacheRule("demo-traffic", 60.0) if is_repeated else None,
        )

    def _fault(self) -> str:
        luck = self._rand.random()
        if luck < LASTING_SHARE:
            return self._rand.choice(LASTING)
        return self._rand.choice(PASSING) if luck < LASTING_SHARE + PASSING_SHARE else ""


def pause_seconds(now: float, rand: float) -> float:
    """Return how long until the next question: shorter and longer in waves, never regular.

    Args:
        now: Seconds since the epoch.
        rand: From 0 up to 1.
    """
    wave = 1 + 0.6 * math.sin(2 * math.pi * now / WAVE_SECONDS)
    return PAUSE_SECONDS / wave * -math.log(1 - rand)


def _place() -> tuple[tuple[Target, ...], dict[str, str]]:
    """Return whom to ask, and for whom; nobody where the default is not the sandbox."""
    route = tuple(target for target in default_route() if target.provider == SANDBOX)
    widget = widget_first()
    if widget is None:
        return route, {}
    version = widget.prompt_template.live_id
    return route, {"widget": str(widget.pk), "prompt_version": str(version or "")}
