from __future__ import annotations

import asyncio

import pytest

from gateway.engine.errors import DeadlineExceededError, StreamBrokenError, TransientError
from gateway.engine.pump import BUFFERED_ITEMS, Pump
from tests.gateway.engine.virtual import run


def now() -> float:
    return asyncio.get_running_loop().time()


async def read(pump: Pump[int]) -> list[int]:
    items: list[int] = []
    while batch := await pump.batch():
        items += batch
    return items


def test_it_hands_over_everything_in_order() -> None:
    async def produce(pump: Pump[int]) -> None:
        for number in range(10):
            pump.put(number)
            await asyncio.sleep(0.1 * (number % 3))

    async def scenario() -> list[int]:
        return await read(Pump(produce, deadline=now() + 60))

    assert run(scenario()) == list(range(10))


def test_what_came_before_an_error_is_handed_over_first() -> None:
    async def produce(pump: Pump[int]) -> None:
        pump.put(1)
        raise LookupError

    async def scenario() -> None:
        pump: Pump[int] = Pump(produce, deadline=now() + 60)
        assert await pump.batch() == [1]
        with pytest.raises(LookupError):
            await pump.batch()

    run(scenario())


def test_a_clock_that_runs_out_ends_the_producer_with_its_error() -> None:
    async def produce(pump: Pump[int]) -> None:
        pump.watch.expect(20.0, lambda: TransientError("silent"))
        await asyncio.sleep(100.0)

    async def scenario() -> float:
        began = now()
        with pytest.raises(TransientError, match="silent"):
            await read(Pump(produce, deadline=now() + 60))
        return now() - began

    assert run(scenario()) == pytest.approx(20.0)


def test_a_sign_of_life_starts_the_clock_afresh() -> None:
    async def produce(pump: Pump[int]) -> None:
        pump.watch.expect(20.0, TransientError)
        for number in range(3):
            await asyncio.sleep(15.0)
            pump.watch.heard(20.0)
            pump.put(number)

    async def scenario() -> list[int]:
        return await read(Pump(produce, deadline=now() + 60))

    assert run(scenario()) == [0, 1, 2]


def test_a_longer_clock_takes_the_place_of_a_shorter_one() -> None:
    async def produce(pump: Pump[int]) -> None:
        pump.watch.expect(1.0, TransientError)
        pump.watch.expect(20.0, TransientError)
        await asyncio.sleep(10.0)
        pump.put(1)

    async def scenario() -> list[int]:
        return await read(Pump(produce, deadline=now() + 60))

    assert run(scenario()) == [1]


def test_no_sign_of_life_moves_the_deadline() -> None:
    async def produce(pump: Pump[int]) -> None:
        pump.watch.expect(20.0, TransientError)
        while True:
            await asyncio.sleep(1.0)
            pump.watch.heard(20.0)

    async def scenario() -> float:
        began = now()
        with pytest.raises(DeadlineExceededError):
            await read(Pump(produce, deadline=now() + 60))
        return now() - began

    assert run(scenario()) == pytest.approx(60.0)


def test_a_slow_reader_holds_the_producer_and_not_its_clock() -> None:
    produced = 0

    async def produce(pump: Pump[int]) -> None:
        nonlocal produced
        pump.watch.expect(5.0, TransientError)
        for produced in range(3 * BUFFERED_ITEMS):  # the reader looks at it
            pump.put(produced)
            if pump.is_full:
                pump.watch.rest()
                await pump.room()
                pump.watch.heard(5.0)

    async def scenario() -> int:
        pump: Pump[int] = Pump(produce, deadline=now() + 60)
        await asyncio.sleep(30.0)
        assert produced < BUFFERED_ITEMS
        return len(await read(pump))

    assert run(scenario()) == 3 * BUFFERED_ITEMS


def test_closing_waits_until_the_producer_has_tidied_up() -> None:
    tidy = False

    async def produce(_: Pump[int]) -> None:
        nonlocal tidy
        try:
            await asyncio.sleep(100.0)
        finally:
            await asyncio.sleep(1.0)
            tidy = True

    async def scenario() -> None:
        pump: Pump[int] = Pump(produce, deadline=now() + 60)
        await asyncio.sleep(0.1)
        await pump.aclose()
        assert tidy
        assert not pump.is_running
        await pump.aclose()

    run(scenario())


def test_a_reader_learns_that_somebody_else_stopped_the_call() -> None:
    async def produce(_: Pump[int]) -> None:
        await asyncio.sleep(100.0)

    async def scenario() -> None:
        pump: Pump[int] = Pump(produce, deadline=now() + 60)
        reading = asyncio.create_task(read(pump))
        await asyncio.sleep(0.1)
        await pump.aclose()
        with pytest.raises(StreamBrokenError) as caught:
            await reading
        assert not caught.value.retryable

    run(scenario())


def test_room_that_is_already_there_is_not_waited_for() -> None:
    async def produce(pump: Pump[int]) -> None:
        await pump.room()
        pump.put(1)

    async def scenario() -> list[int]:
        return await read(Pump(produce, deadline=now() + 60))

    assert run(scenario()) == [1]


def test_a_reader_sleeps_while_items_gather() -> None:
    async def produce(pump: Pump[int]) -> None:
        for number in range(9):
            pump.put(number)
            await asyncio.sleep(1.0)

    async def scenario() -> list[list[int]]:
        pump = Pump(produce, deadline=now() + 60.0, gather_seconds=3.4)
        return [await pump.batch() for _ in range(4)]

    assert run(scenario()) == [[0], [1, 2, 3], [4, 5, 6], [7, 8]]


def test_a_full_buffer_wakes_a_reader_who_would_still_sleep() -> None:
    count = 3 * BUFFERED_ITEMS

    async def produce(pump: Pump[int]) -> None:
        for number in range(count):
            pump.put(number)
            if pump.is_full:
                await pump.room()

    async def scenario() -> float:
        began = now()
        pump = Pump(produce, deadline=began + 60.0, gather_seconds=5.0)
        assert await read(pump) == list(range(count))
        return now() - began

    assert run(scenario()) == 0.0
