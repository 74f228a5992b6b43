"""Servers on real sockets, and gateways that are closed after their test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeAlias

import pytest

from gateway.engine.config import ProviderConfig
from gateway.engine.limits import Limit
from gateway.engine.pipeline import Gateway, Settings
from gateway.engine.retry import RetryPolicy
from gateway.engine.telemetry import CallRecord, KeyChange
from gateway.engine.types import TextDelta
from tests.gateway.engine.upstreams import Behaviour, Scripted, ask

ScriptedFactory: TypeAlias = Callable[..., Awaitable[Scripted]]
QUICK_RETRIES = Settings(retry=RetryPolicy(first_wait_seconds=0.01))


@pytest.fixture
async def scripted() -> AsyncIterator[ScriptedFactory]:
    servers: list[Scripted] = []

    async def start(*behaviours: Behaviour) -> Scripted:
        server = Scripted(list(behaviours))
        await server.start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        await server.stop()


class Diary:
    """An observer that keeps what it was told."""

    def __init__(self) -> None:
        self.calls: list[CallRecord] = []
        self.changes: list[KeyChange] = []

    def call_ended(self, record: CallRecord) -> None:
        self.calls.append(record)

    def key_changed(self, change: KeyChange) -> None:
        self.changes.append(change)


@pytest.fixture
def diary() -> Diary:
    return Diary()


GatewayFactory: TypeAlias = Callable[..., Gateway]


@pytest.fixture
async def gateway_of(diary: Diary) -> AsyncIterator[GatewayFactory]:
    made: list[Gateway] = []

    def make(*providers: ProviderConfig, **options: object) -> Gateway:
        gateway = Gateway(providers, observers=(diary,), **options)  # type: ignore[arg-type]  # tests name real options
        made.append(gateway)
        return gateway

    yield make
    for gateway in made:
        await gateway.aclose()


async def text_of(gateway: Gateway, text: str = "Do you ship to Norway?") -> str:
    chunks = [chunk async for chunk in gateway.stream(ask(text))]
    return "".join(chunk.text for chunk in chunks if isinstance(chunk, TextDelta))


def limited(**limits: Limit) -> Settings:
    return Settings(limits=limits, patience_seconds=0.3)
