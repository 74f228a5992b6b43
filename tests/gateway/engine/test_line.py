from __future__ import annotations

import asyncio

import pytest

from gateway.engine.line import Later, Line
from tests.gateway.engine.virtual import run


class Door:
    """Lets one caller in each time it is opened."""

    def __init__(self) -> None:
        self.line = Line()
        self.open = 0
        self.entered: list[str] = []
        self.tried = 0

    async def enter(self, name: str, priority: int, later: float | None = None) -> None:
        async def attempt() -> str | Later:
            self.tried += 1
            if not self.open:
                return Later(later)
            self.open -= 1
            return name

        self.entered.append(await self.line.join(priority, attempt))

    async def let_in(self) -> None:
        self.open += 1
        self.line.changed()
        await asyncio.sleep(0.01)


def test_the_lower_number_goes_first_and_equals_in_the_order_they_came() -> None:
    async def scenario() -> list[str]:
        door = Door()
        async with asyncio.TaskGroup() as group:
            for name, priority in [("b1", 10), ("b2", 10), ("c1", 0), ("b3", 10), ("c2", 0)]:
                group.create_task(door.enter(name, priority))
                await asyncio.sleep(0.01)
            for _ in range(5):
                await door.let_in()
        return door.entered

    assert run(scenario()) == ["c1", "c2", "b1", "b2", "b3"]


def test_who_finds_nobody_waiting_goes_straight_in() -> None:
    async def scenario() -> list[str]:
        door = Door()
        door.open = 1
        await door.enter("a", 0)
        return door.entered

    assert run(scenario()) == ["a"]


def test_the_first_tries_again_at_the_time_it_was_told() -> None:
    async def scenario() -> float:
        loop = asyncio.get_running_loop()
        began = loop.time()
        line = Line()

        async def attempt() -> float | Later:
            waited = loop.time() - began
            return waited if waited >= 30.0 else Later(began + 30.0)

        return await line.join(0, attempt)

    assert run(scenario()) == 30.0


def test_one_change_wakes_one_caller() -> None:
    async def scenario() -> int:
        door = Door()
        tasks = [asyncio.create_task(door.enter(str(number), 0)) for number in range(100)]
        await asyncio.sleep(0.01)
        before = door.tried
        await door.let_in()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return door.tried - before

    # The one who went in, and the next, who found the door shut again.
    assert run(scenario()) == 2


def test_who_leaves_makes_room_for_the_next() -> None:
    async def scenario() -> list[str]:
        door = Door()
        first = asyncio.create_task(door.enter("first", 0))
        await asyncio.sleep(0.01)
        second = asyncio.create_task(door.enter("second", 0))
        third = asyncio.create_task(door.enter("third", 0))
        await asyncio.sleep(0.01)
        second.cancel()
        await asyncio.sleep(0.01)
        door.open = 1
        first.cancel()
        await asyncio.wait((third,))
        assert len(door.line) == 0
        return door.entered

    assert run(scenario()) == ["third"]


def test_a_change_during_an_attempt_is_not_missed() -> None:
    async def scenario() -> str:
        line = Line()
        tries = 0

        async def attempt() -> str | Later:
            nonlocal tries
            tries += 1
            if tries < 3:
                line.changed()
                return Later(None)
            return "in"

        async with asyncio.timeout(1.0):
            return await line.join(0, attempt)

    assert run(scenario()) == "in"


def test_an_attempt_that_raises_ends_the_wait() -> None:
    async def scenario() -> None:
        line = Line()

        async def attempt() -> str | Later:
            raise LookupError

        with pytest.raises(LookupError):
            await line.join(0, attempt)

    run(scenario())
