"""What processes share through a real Redis, and what each does while it is away."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from uuid import uuid4

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from gateway.engine.cache import Remembered
from gateway.engine.limits import Charge, Denied, Lease, Limit, Rate
from gateway.engine.types import Finished, FinishReason, Target, Usage
from gateway.stores.breaker import AwayError, Breaker
from gateway.stores.cache_redis import remembered_read, remembered_write
from gateway.stores.keys_redis import RedisKeys
from gateway.stores.shared import SharedStores

URL = os.environ.get("TEST_REDIS_URL", "")
with_redis = pytest.mark.skipif(not URL, reason="TEST_REDIS_URL is not set")

ANSWER = Remembered(
    Target("p", "m"), ("It ", "ships “today”."), Finished(FinishReason.STOP, Usage(3, 4))
)
Join = Callable[..., SharedStores]


@pytest.fixture
async def join() -> AsyncIterator[Join]:
    """Makes the stores of one more process."""
    prefix = f"{{test-{uuid4().hex}}}"
    joined = []

    def make(process: str, url: str = URL, processes: int = 1) -> SharedStores:
        stores = SharedStores(
            url, process=process, processes=lambda: processes, clock=time.monotonic, prefix=prefix
        )
        joined.append(stores)
        return stores

    yield make
    for stores in joined:
        await stores.aclose()
    if URL:
        async with Redis.from_url(URL) as redis:
            for key in await redis.keys(f"{prefix}*"):
                await redis.delete(key)


@pytest.fixture
async def silent() -> AsyncIterator[str]:
    """The address of a Redis that accepts and never answers."""
    busy = asyncio.Event()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await busy.wait()
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    yield f"redis://127.0.0.1:{port}"
    busy.set()
    server.close()


async def ended(stores: SharedStores, key_id: str) -> None:
    stores.keys.probe_end(key_id)
    await stores.keys.aclose()


@with_redis
async def test_of_many_processes_one_may_probe(join: Join) -> None:
    processes = [join(f"p{number}") for number in range(8)]
    claims = await asyncio.gather(*(each.keys.probe_claim("1", 60) for each in processes))
    assert sum(claims) == 1


@with_redis
async def test_a_probe_ends_with_its_verdict_and_by_nobody_elses(join: Join) -> None:
    one, other = join("one"), join("other")
    assert await one.keys.probe_claim("1", 60)
    assert await one.keys.probe_claim("1", 60), "whose probe was cancelled may probe again"
    await ended(other, "1")
    assert not await other.keys.probe_claim("1", 60)
    await ended(one, "1")
    assert await other.keys.probe_claim("1", 60)


@with_redis
async def test_nobody_probes_a_key_whose_probe_has_failed_elsewhere(join: Join) -> None:
    one, other = join("one"), join("other")
    assert await one.keys.probe_claim("1", 60)
    await one.keys.rest_share("1", 0.05, "throttled")
    await ended(one, "1")
    assert not await other.keys.probe_claim("1", 60)
    await asyncio.sleep(0.1)
    assert await other.keys.probe_claim("1", 60)


@with_redis
async def test_a_probe_that_ends_while_redis_is_away_is_given_back_when_it_answers() -> None:
    now = 0.0
    breaker, prefix = Breaker(lambda: now), f"{{test-{uuid4().hex}}}"

    async def fails() -> None:
        raise RedisError

    async with Redis.from_url(URL, decode_responses=True) as redis:
        one = RedisKeys(redis, breaker, "one", prefix)
        other = RedisKeys(redis, Breaker(time.monotonic), "other", prefix)
        assert await one.probe_claim("1", 60)
        with pytest.raises(AwayError):
            await breaker.ask(fails)
        one.probe_end("1")
        await one.aclose()
        assert not await other.probe_claim("1", 60)
        now = 60.0
        await one.rests(["1"])
        await one.aclose()
        assert await other.probe_claim("1", 0.02)


@with_redis
async def test_a_probe_that_never_ends_gives_way(join: Join) -> None:
    assert await join("one").keys.probe_claim("1", 0.02)
    await asyncio.sleep(0.04)
    assert await join("other").keys.probe_claim("1", 60)


@with_redis
async def test_a_rest_is_known_to_all_until_it_is_over(join: Join) -> None:
    one, other = join("one"), join("other")
    await one.keys.rest_share("1", 30.0, "throttled")
    await one.keys.rest_share("2", 0.01, "throttled")
    await asyncio.sleep(0.02)
    (rest,) = await other.keys.rests(["1", "2", "3"])
    assert (rest.key_id, rest.reason) == ("1", "throttled")
    assert 29 < rest.seconds <= 30
    assert await other.keys.rests([]) == []


@with_redis
async def test_an_answer_is_remembered_for_all(join: Join) -> None:
    one, other = join("one"), join("other")
    assert await other.cache.get("k") is None
    await one.cache.put("k", ANSWER, 30.0)
    assert await other.cache.get("k") == ANSWER


def test_what_another_version_wrote_is_no_answer() -> None:
    assert remembered_read(remembered_write(ANSWER)) == ANSWER
    for text in ("", "[]", "{}", remembered_write(ANSWER).replace("stop", "?")):
        assert remembered_read(text) is None


@with_redis
async def test_all_processes_draw_from_one_bucket(join: Join) -> None:
    charge = Charge("customer:c", Limit(requests=Rate(0.0, 3.0)))
    outcomes = [await join(f"p{n}").limits.reserve([charge], 0, 1.0) for n in range(5)]
    assert [type(outcome) for outcome in outcomes] == [Lease] * 3 + [Denied] * 2


async def test_a_silent_redis_holds_a_chat_up_once_and_each_process_keeps_to_its_share(
    join: Join, silent: str
) -> None:
    stores = join("one", silent, processes=2)
    charge = Charge("customer:c", Limit(requests=Rate(0.0, 4.0)))
    began = time.monotonic()
    outcomes = [await stores.limits.reserve([charge], 0, 1.0) for _ in range(4)]
    assert [type(outcome) for outcome in outcomes] == [Lease] * 2 + [Denied] * 2
    assert await stores.keys.probe_claim("1", 60)
    await stores.keys.rest_share("1", 30.0, "throttled")
    assert await stores.keys.rests(["1"]) == []
    assert await stores.cache.get("k") is None
    await stores.cache.put("k", ANSWER, 30.0)
    assert time.monotonic() - began < 1.5


async def test_a_redis_that_is_down_stops_nothing(join: Join) -> None:
    stores = join("one", "redis://127.0.0.1:1")
    charge = Charge("customer:c", Limit(requests=Rate(0.0, 1.0)))
    assert isinstance(await stores.limits.reserve([charge], 0, 1.0), Lease)
    assert await stores.keys.probe_claim("1", 60)
    assert await stores.keys.rests(["1"]) == []
