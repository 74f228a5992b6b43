import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from gateway.group_commit import GroupCommit
from gateway.models import Job

pytestmark = pytest.mark.django_db(transaction=True)


def close() -> None:
    """Close the running thread's connection."""
    connection.close()


class Thread:
    """One thread that a test can hold up, and the transactions that it made."""

    def __init__(self) -> None:
        self.executor = ThreadPoolExecutor(1)
        self.groups = GroupCommit(self.executor, close)
        self._go_on = Event()

    def hold_up(self) -> None:
        self.executor.submit(self._go_on.wait)

    def let_go(self) -> None:
        self._go_on.set()


@pytest.fixture
def thread() -> Any:
    """A thread of our own."""
    made = Thread()
    yield made
    made.let_go()
    made.executor.submit(close).result()
    made.executor.shutdown()


def add(name: str) -> str:
    Job.objects.create(name=name)
    return name


def add_and_fail(name: str) -> None:
    add(name)
    raise ValueError(name)


async def written(thread: Thread) -> set[str]:
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(
        thread.executor, lambda: set(Job.objects.values_list("name", flat=True))
    )


async def all_at_once(thread: Thread, *commands: Any) -> list[Any]:
    thread.hold_up()
    writes = [asyncio.ensure_future(thread.groups.write(command)) for command in commands]
    await asyncio.sleep(0)
    thread.let_go()
    return await asyncio.gather(*writes, return_exceptions=True)


async def test_what_waits_is_committed_together(
    thread: Thread, monkeypatch: pytest.MonkeyPatch
) -> None:
    outermost = []
    enter = transaction.Atomic.__enter__

    def count(self: transaction.Atomic) -> None:
        if not connection.in_atomic_block:
            outermost.append(self)
        enter(self)

    monkeypatch.setattr(transaction.Atomic, "__enter__", count)
    names = [f"job {number}" for number in range(20)]
    results = await all_at_once(thread, *[lambda name=name: add(name) for name in names])
    assert results == names
    assert await written(thread) == set(names)
    assert len(outermost) == 1


async def test_one_that_fails_takes_no_other_with_it(thread: Thread) -> None:
    first, failed, last = await all_at_once(
        thread, lambda: add("first"), lambda: add_and_fail("half"), lambda: add("last")
    )
    assert (first, last) == ("first", "last")
    assert isinstance(failed, ValueError)
    assert await written(thread) == {"first", "last"}


async def test_a_transaction_that_fails_is_done_again_one_by_one(
    thread: Thread, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = BaseDatabaseWrapper.commit
    commits = 0

    def fail_once(self: Any) -> None:
        nonlocal commits
        commits += 1
        if commits == 1:
            raise OperationalError("database or disk is full")
        commit(self)

    monkeypatch.setattr(BaseDatabaseWrapper, "commit", fail_once)
    assert await all_at_once(thread, lambda: add("a"), lambda: add("b")) == ["a", "b"]
    assert await written(thread) == {"a", "b"}
    assert commits == 3


async def test_a_caller_that_left_before_its_turn_writes_nothing(thread: Thread) -> None:
    thread.hold_up()
    write = asyncio.ensure_future(thread.groups.write(lambda: add("left")))
    await asyncio.sleep(0)
    write.cancel()
    await asyncio.sleep(0)
    thread.let_go()
    assert await thread.groups.write(lambda: add("stayed")) == "stayed"
    assert await written(thread) == {"stayed"}


async def test_it_is_calm_once_nothing_waits_any_more(thread: Thread) -> None:
    thread.hold_up()
    writes = [
        asyncio.ensure_future(thread.groups.write(partial(add, name)))
        for name in map(str, range(45))
    ]
    await asyncio.sleep(0)
    calm = asyncio.ensure_future(thread.groups.calm())
    await asyncio.sleep(0.05)
    assert not calm.done()
    thread.let_go()
    await calm
    assert sum(write.done() for write in writes) >= 25  # of the last group nothing waits now
    await asyncio.gather(*writes)
    await thread.groups.calm()  # and nothing to wait for is no wait


async def test_the_thread_is_called_once_for_a_crowd(thread: Thread) -> None:
    calls = 0
    submit = thread.executor.submit

    def count(*args: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        return submit(*args, **options)

    thread.executor.submit = count  # type: ignore[method-assign]
    await all_at_once(thread, *[partial(add, name) for name in map(str, range(20))])
    assert calls == 2  # the one that holds it up, and the crowd's


async def test_a_fault_while_tidying_up_holds_up_nobody(thread: Thread) -> None:
    def fail() -> None:
        close()
        raise RuntimeError

    groups = GroupCommit(thread.executor, fail)
    async with asyncio.timeout(20):
        assert await groups.write(lambda: add("first")) == "first"
        assert await groups.write(lambda: add("second")) == "second"
    assert await written(thread) == {"first", "second"}
