from __future__ import annotations

import asyncio
from collections.abc import Sequence

from gateway.engine.limits import Charge, Denied, Lease, Limit, MemoryLimits, Outcome, Rate
from gateway.stores.limits_fallback import FallbackLimits
from tests.gateway.engine.virtual import run

WIDGET = Charge("widget:1", Limit(requests=Rate(4.0, 8.0), tokens=Rate(0.0, 100.0), concurrency=8))


class Moody:
    """A shared store that takes its time, or is down."""

    def __init__(self) -> None:
        self.delay_seconds = 0.0
        self.fault: Exception | None = None
        self.asked = 0
        self.settled: list[str] = []

    async def reserve(
        self, charges: Sequence[Charge], tokens: float, lease_seconds: float
    ) -> Outcome:
        self.asked += 1
        await asyncio.sleep(self.delay_seconds)
        if self.fault is not None:
            raise self.fault
        return Lease("shared", tuple(charges), tokens)

    def settle(self, lease: Lease, tokens: float | None) -> None:
        self.settled.append(lease.id)


def fallback(moody: Moody, processes: int = 4) -> FallbackLimits:
    own = MemoryLimits(asyncio.get_running_loop().time)
    return FallbackLimits(moody, own, processes=lambda: processes, faults=(OSError,))


async def reserve(limits: FallbackLimits, tokens: float = 1.0) -> Outcome:
    return await limits.reserve([WIDGET], tokens, 60.0)


def test_the_shared_store_decides_while_it_answers() -> None:
    async def scenario() -> None:
        moody = Moody()
        limits = fallback(moody)
        lease = await reserve(limits)
        assert isinstance(lease, Lease)
        limits.settle(lease, 1.0)
        assert moody.settled == ["shared"]

    run(scenario())


def test_a_slow_store_costs_a_chat_a_quarter_of_a_second_once() -> None:
    async def scenario() -> None:
        moody = Moody()
        moody.delay_seconds = 20.0
        limits = fallback(moody)
        began = asyncio.get_running_loop().time()
        for _ in range(2):
            assert isinstance(await reserve(limits), Lease)
        assert asyncio.get_running_loop().time() - began == 0.25
        assert moody.asked == 1

    run(scenario())


def test_without_the_store_each_process_limits_to_its_share() -> None:
    async def scenario() -> None:
        moody = Moody()
        moody.fault = OSError()
        limits = fallback(moody)
        outcomes = [await reserve(limits) for _ in range(3)]
        assert [type(outcome) for outcome in outcomes] == [Lease, Lease, Denied]

    run(scenario())


def test_a_call_larger_than_the_share_but_not_than_the_whole_may_pass() -> None:
    async def scenario() -> None:
        moody = Moody()
        moody.fault = OSError()
        limits = fallback(moody)
        assert isinstance(await reserve(limits, tokens=90.0), Lease)
        assert await reserve(limits, tokens=200.0) == Denied("widget:1", None)

    run(scenario())


def test_what_has_no_limit_has_none_without_the_store_either() -> None:
    async def scenario() -> None:
        moody = Moody()
        moody.fault = OSError()
        limits = fallback(moody)
        for _ in range(100):
            charges = [Charge("widget:1", Limit())]
            assert isinstance(await limits.reserve(charges, 1.0, 60.0), Lease)

    run(scenario())


def test_when_the_store_is_back_one_call_finds_out_for_all() -> None:
    async def scenario() -> None:
        moody = Moody()
        moody.fault = OSError()
        limits = fallback(moody, processes=1)
        own = await reserve(limits)
        assert isinstance(own, Lease)

        await asyncio.sleep(6.0)
        moody.fault, moody.delay_seconds = None, 0.1
        first, second = await asyncio.gather(reserve(limits), reserve(limits))
        assert isinstance(first, Lease)
        assert isinstance(second, Lease)
        assert first.id == "shared"
        assert second.id != "shared"
        assert isinstance(await reserve(limits), Lease)
        assert moody.asked == 3

        limits.settle(own, None)
        assert moody.settled == []

    run(scenario())
