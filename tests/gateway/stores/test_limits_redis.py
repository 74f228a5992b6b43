from __future__ import annotations

import asyncio
import multiprocessing
import os
import time
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis
from redis.exceptions import RedisError

from gateway.engine.limits import Charge, Denied, Lease, Limit, MemoryLimits, Outcome, Rate
from gateway.stores.limits_redis import RedisLimits

URL = os.environ.get("TEST_REDIS_URL", "")
pytestmark = pytest.mark.skipif(not URL, reason="TEST_REDIS_URL is not set")


@pytest.fixture
async def redis() -> AsyncIterator[Redis]:
    async with Redis.from_url(URL) as client:
        yield client


@pytest.fixture
async def limits(redis: Redis) -> AsyncIterator[RedisLimits]:
    prefix = f"{{test-{uuid4().hex}}}"
    limits = RedisLimits(redis, prefix)
    yield limits
    await limits.aclose()
    for key in await redis.keys(f"{prefix}*"):
        await redis.delete(key)


def charge(name: str = "widget:1", **limit: object) -> Charge:
    return Charge(name, Limit(**limit))  # type: ignore[arg-type]  # tests name real fields


async def reserve(
    limits: RedisLimits, *charges: Charge, tokens: float = 1.0, seconds: float = 60.0
) -> Outcome:
    return await limits.reserve(charges, tokens, seconds)


async def granted(limits: RedisLimits, *charges: Charge, tokens: float = 1.0) -> Lease:
    outcome = await reserve(limits, *charges, tokens=tokens)
    assert isinstance(outcome, Lease)
    return outcome


async def settle(limits: RedisLimits, lease: Lease, tokens: float | None) -> None:
    limits.settle(lease, tokens)
    await limits.aclose()


async def test_a_denial_changes_no_bucket(limits: RedisLimits) -> None:
    roomy = charge("provider:p", requests=Rate(0.0, 2.0), tokens=Rate(0.0, 100.0), concurrency=1)
    tight = charge("widget:1", tokens=Rate(1.0, 5.0))
    for _ in range(10):
        assert await reserve(limits, roomy, tight, tokens=6.0) == Denied("widget:1", None)

    for _ in range(2):
        await settle(limits, await granted(limits, roomy, tokens=50.0), None)


async def test_it_says_how_long_until_the_bucket_will_do(limits: RedisLimits) -> None:
    widget = charge(requests=Rate(0.5, 1.0))
    await granted(limits, widget)

    denied = await reserve(limits, widget)
    assert isinstance(denied, Denied)
    assert denied.retry_after == pytest.approx(2.0, abs=0.2)


async def test_fractions_flow_in(limits: RedisLimits) -> None:
    widget = charge(tokens=Rate(50.0, 1.0))
    await granted(limits, widget, tokens=1.0)
    await asyncio.sleep(0.011)

    await granted(limits, widget, tokens=0.5)


async def test_tokens_are_settled_both_ways(limits: RedisLimits) -> None:
    widget = charge(tokens=Rate(0.0, 100.0))
    await settle(limits, await granted(limits, widget, tokens=100.0), 30.0)
    await settle(limits, await granted(limits, widget, tokens=70.0), 0.0)
    await settle(limits, await granted(limits, widget, tokens=10.0), 60.0)

    assert await reserve(limits, widget, tokens=11.0) == Denied("widget:1", None)


async def test_what_is_owed_is_remembered_though_the_bucket_was_forgotten(
    limits: RedisLimits, redis: Redis
) -> None:
    widget = charge(tokens=Rate(0.0, 100.0))
    lease = await granted(limits, widget, tokens=10.0)
    await redis.delete(f"{limits._prefix}:widget:1")  # noqa: SLF001  # as a flushed Redis would
    await settle(limits, lease, 60.0)

    assert await reserve(limits, widget, tokens=51.0) == Denied("widget:1", None)
    await granted(limits, widget, tokens=50.0)


async def test_only_so_many_calls_run_at_once(limits: RedisLimits) -> None:
    widget = charge(concurrency=2)
    first = await granted(limits, widget)
    await granted(limits, widget)

    assert await reserve(limits, widget) == Denied("widget:1", 0.25)
    await settle(limits, first, None)
    await granted(limits, widget)
    assert await reserve(limits, charge("b:1", concurrency=0)) == Denied("b:1", None)


async def test_a_lease_that_nobody_settles_gives_its_place_back(limits: RedisLimits) -> None:
    widget = charge(concurrency=1)
    await reserve(limits, widget, seconds=0.05)
    await asyncio.sleep(0.1)

    await granted(limits, widget)


async def test_a_full_bucket_leaves_nothing_in_redis(limits: RedisLimits, redis: Redis) -> None:
    await settle(limits, await granted(limits, charge(requests=Rate(1000.0, 1.0))), None)

    assert 0 < await redis.pttl(f"{limits._prefix}:widget:1") <= 2100  # noqa: SLF001  # its key


async def test_a_redis_that_is_down_is_an_error_and_settling_none() -> None:
    async with Redis.from_url("redis://127.0.0.1:1/0", retry=None) as nowhere:
        limits = RedisLimits(nowhere)
        with pytest.raises(RedisError):
            await reserve(limits, charge(requests=Rate(1.0, 1.0)))
        await limits.aclose()


STEPS = st.lists(st.tuples(st.integers(1, 30), st.floats(0.0, 1.5)), min_size=1, max_size=12)


@given(steps=STEPS, capacity=st.integers(1, 60))
@settings(max_examples=25)
def test_it_decides_as_the_memory_store_does(steps: list[tuple[int, float]], capacity: int) -> None:
    scope = charge(tokens=Rate(0.0, float(capacity)), requests=Rate(0.0, 9.0), concurrency=3)

    async def scenario() -> None:
        async with Redis.from_url(URL) as client:
            shared = RedisLimits(client, f"{{test-{uuid4().hex}}}")
            memory = MemoryLimits(time.monotonic)
            for tokens, share in steps:
                one = await shared.reserve([scope], tokens, 5.0)
                other = await memory.reserve([scope], tokens, 5.0)
                assert type(one) is type(other)
                if isinstance(one, Lease) and isinstance(other, Lease):
                    await settle(shared, one, tokens * share)
                    memory.settle(other, tokens * share)
                else:
                    assert one == other
            await client.delete(f"{shared._prefix}:widget:1")  # noqa: SLF001  # its key

    asyncio.run(scenario())


def _greedy(prefix: str, seconds: float, results: multiprocessing.Queue[int]) -> None:
    """Take as many tokens as one process gets, in a process of its own."""

    async def scenario() -> int:
        taken = 0
        async with Redis.from_url(URL) as client:
            limits = RedisLimits(client, prefix)
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                outcome = await reserve(limits, charge(tokens=Rate(200.0, 50.0)), tokens=1.0)
                taken += isinstance(outcome, Lease)
        return taken

    results.put(asyncio.run(scenario()))


def test_several_processes_together_never_get_more_than_rate_times_time_plus_capacity() -> None:
    context = multiprocessing.get_context("spawn")
    results: multiprocessing.Queue[int] = context.Queue()
    prefix = f"{{test-{uuid4().hex}}}"
    began = time.monotonic()
    processes = [context.Process(target=_greedy, args=(prefix, 1.0, results)) for _ in range(3)]
    for process in processes:
        process.start()
    taken = sum(results.get(timeout=30) for _ in processes)
    elapsed = time.monotonic() - began
    for process in processes:
        process.join()

    assert 50 < taken <= 200.0 * elapsed + 50.0
