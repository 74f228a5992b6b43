"""The engine as a contestant, with everything on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.engine.config import KeyConfig, Pool, ProviderConfig, Secret
from gateway.engine.limits import Limit, Rate
from gateway.engine.pipeline import Gateway, Settings
from gateway.engine.types import (
    CacheRule,
    ChatMessage,
    ChatRequest,
    Finished,
    Role,
    Target,
    Usage,
)


class Telemetry:
    """An observer that only counts."""

    calls = 0

    def call_ended(self, record: object) -> None:  # noqa: ARG002  # counting is enough
        """Count it."""
        self.calls += 1

    def key_changed(self, change: object) -> None:
        """Fail: nothing here may bench a key."""
        raise AssertionError(change)


def gateway_of(url: str, connections: int, observers: Sequence[Any] | None) -> Gateway:
    """Return a gateway with three keys, and limits that are never reached."""
    roomy = Limit(requests=Rate(1e6, 1e6), tokens=Rate(1e9, 1e9), concurrency=connections)
    provider = ProviderConfig(
        name="bench",
        base_url=url,
        allow_private=True,
        pool=Pool(connections, connections),
        limit=roomy,
        keys=tuple(
            KeyConfig(id=name, label=name, secret=Secret(name), limit=roomy)
            for name in ("one", "two", "three")
        ),
    )
    return Gateway(
        [provider],
        settings=Settings(limits={"widget": roomy}),
        observers=(Telemetry(),) if observers is None else observers,
    )


def messages_of(told: Sequence[Mapping[str, str]]) -> tuple[ChatMessage, ...]:
    """Return messages as the engine takes them."""
    return tuple(ChatMessage(Role(one["role"]), one["content"]) for one in told)


async def answered(
    gateway: Gateway, messages: tuple[ChatMessage, ...], number: int, *, stream: bool
) -> int:
    """Make one call, and return the tokens that the provider counted."""
    request = ChatRequest(
        messages=messages,
        route=(Target("bench", "bench-1"),),
        scopes={"widget": "shop"},
        # A scope for each call: every look-up misses, as most do in life.
        cache=CacheRule(scope=str(number), ttl_seconds=60.0),
    )
    if not stream:
        return _tokens((await gateway.complete(request)).usage)
    async for chunk in gateway.stream(request):
        if isinstance(chunk, Finished):
            return _tokens(chunk.usage)
    return 0


def _tokens(usage: Usage | None) -> int:
    return usage.total_tokens if usage else 0
