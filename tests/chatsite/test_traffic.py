"""Made-up customers ask the sandbox, never anybody who charges for it, and not too many at once."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from statistics import mean

import pytest

from chatsite.demo import traffic as module
from chatsite.demo.seed import seed
from chatsite.demo.traffic import LASTING, MOST_AT_ONCE, PASSING, Crowd, pause_seconds, traffic
from gateway.alerts.machine import Look
from gateway.alerts.readings import success_look
from gateway.bootstrap import bootstrap
from gateway.db import db
from gateway.engine.types import ChatMessage, ChatRequest, Priority, Role, Target
from gateway.figures.reading import sums_ever
from gateway.figures.tally import Facet
from gateway.runtime import gateway, gateway_close
from gateway.sandbox.misbehaviour import misbehaviour_read
from gateway.sandbox.server import Sandbox
from gateway.selectors import default_route
from gateway.services import provider_create

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def shop(sandbox: Sandbox) -> AsyncIterator[Sandbox]:
    await db.write(seed)
    await db.write(lambda: bootstrap(sandbox_url=sandbox.url))
    yield sandbox
    await gateway_close()


async def test_their_calls_are_counted_for_the_shops_widget(
    shop: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAUSE_SECONDS", 0.01)
    async with traffic():
        async with asyncio.timeout(60):
            while sum(shop.calls.values()) < 20:
                await asyncio.sleep(0.05)
    await gateway_close()
    sums = await db(sums_ever, [Facet.ALL])
    assert sums[Facet.ALL][""].calls >= 15


async def test_whoever_charges_for_answers_is_not_asked(shop: Sandbox) -> None:
    await db.write(
        lambda: provider_create(
            slug="real", name="Real", base_url="https://real.example/v1", default_model="m"
        )
    )
    await Crowd(random.Random(1)).ask()
    assert not shop.calls


async def test_there_are_never_too_many_at_once() -> None:
    crowd, begun, most = Crowd(sleep=lambda _: asyncio.sleep(0)), 0, 0

    async def ask() -> None:
        nonlocal begun, most
        begun += 1
        most = max(most, len(crowd._asking))  # noqa: SLF001  # nobody else knows
        await asyncio.sleep(0.001)

    crowd.ask = ask  # type: ignore[method-assign]  # what they ask is not the point
    task = asyncio.create_task(crowd.ask_for_ever())
    async with asyncio.timeout(30):
        while begun < 100:
            await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert most <= MOST_AT_ONCE


def test_they_want_all_kinds_of_things() -> None:
    crowd = Crowd(random.Random(5))
    asked = [crowd.request((Target("sandbox", "sandbox-1"),), {"widget": "1"}) for _ in range(400)]
    faulty = [each for each in asked if each.messages[-1].content.startswith("/fault ")]
    assert 15 <= len(faulty) <= 60
    assert all(each.cache is None for each in faulty)
    assert 20 <= sum(each.priority is Priority.BATCH for each in asked) <= 70
    assert 30 <= sum(each.cache is not None for each in asked) <= 90


def test_they_fail_too_rarely_to_raise_an_alert() -> None:
    """In any ten minutes of a busy hour, which is what the alert looks at."""
    crowd = Crowd(random.Random(7))
    for _ in range(20):
        said = [crowd.request((), {}).messages[-1].content for _ in range(900)]
        faults = [text.removeprefix("/fault ") for text in said if text.startswith("/fault ")]
        failed = sum(fault in LASTING for fault in faults)
        assert 0 < failed < len(faults) / 2
        assert success_look(len(said) - failed, failed, 95) is Look.GOOD


@pytest.mark.parametrize("fault", PASSING)
async def test_what_passes_is_over_with_the_next_attempt(shop: Sandbox, fault: str) -> None:
    through = await gateway()
    request = ChatRequest(
        messages=(ChatMessage(Role.USER, f"/fault {fault}"),), route=await db(default_route)
    )
    await through.complete(request)
    assert sum(shop.calls.values()) == 2


@pytest.mark.parametrize("fault", [*PASSING, *LASTING])
def test_the_sandbox_knows_each_of_their_faults(fault: str) -> None:
    assert misbehaviour_read(fault) is not None


def test_the_pauses_come_in_waves_and_are_never_negative() -> None:
    rand = random.Random(2)
    pauses = [pause_seconds(second, rand.random()) for second in range(6000)]
    assert min(pauses) >= 0
    assert 0.4 < mean(pauses) < 1.2
    busy, quiet = pause_seconds(150, 0.5), pause_seconds(450, 0.5)
    assert busy < quiet
