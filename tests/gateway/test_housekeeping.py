from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError, connection

from gateway import housekeeping
from gateway.db import db
from gateway.housekeeping import Chore, Housekeeping, Work, job, jobs_claim
from gateway.models import Job, Process
from gateway.processes import process_beat

pytestmark = pytest.mark.django_db(transaction=True)


class Clock:
    def __init__(self) -> None:
        self.time = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def pass_by(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def chore(work: Work, *, name: str = "test.job", everywhere: bool = False) -> Chore:
    return Chore(name, 60, work, everywhere)


async def test_a_job_runs_when_it_is_due_and_not_before(clock: Clock) -> None:
    runs: list[datetime] = []
    keeper = Housekeeping([chore(lambda: runs.append(clock.time))], now=clock)
    assert await keeper.run_due() == ("test.job",)
    clock.pass_by(59)
    assert await keeper.run_due() == ()
    clock.pass_by(1)
    assert await keeper.run_due() == ("test.job",)
    assert len(runs) == 2


async def test_a_run_is_claimed_by_one_process_alone(clock: Clock) -> None:
    runs: list[int] = []
    keepers = [
        Housekeeping([chore(lambda mine=mine: runs.append(mine))], now=clock) for mine in range(5)
    ]
    await asyncio.gather(*(keeper.run_due() for keeper in keepers))
    assert len(runs) == 1


def test_threads_that_claim_at_the_same_moment_get_one_run(clock: Clock) -> None:
    threads = 8
    start = threading.Barrier(threads)

    def claim() -> int:
        start.wait()
        try:
            return len(jobs_claim([chore(print)], now=clock.time))
        finally:
            connection.close()

    for _ in range(5):
        clock.pass_by(60)
        with ThreadPoolExecutor(threads) as pool:
            claimed = [future.result() for future in [pool.submit(claim) for _ in range(threads)]]
        assert sum(claimed) == 1


CLAIMER = """
import sys
from datetime import datetime
import django
django.setup()
from gateway.housekeeping import Chore, jobs_claim
names = sys.argv[2:]
print("ready", flush=True)
sys.stdin.readline()
now = datetime.fromisoformat(sys.argv[1])
mine = [name for name in names if jobs_claim([Chore(name, 60, print)], now=now)]
print(*mine, flush=True)
"""


def claimer(clock: Clock, names: list[str]) -> subprocess.Popen[str]:
    database = connection.settings_dict
    url = f"sqlite:///{database['NAME']}"
    if connection.vendor == "postgresql":
        url = os.environ["TEST_DATABASE_URL"].rpartition("/")[0] + f"/{database['NAME']}"
    return subprocess.Popen(  # noqa: S603 - our own interpreter with our own words
        [sys.executable, "-c", CLAIMER, clock.time.isoformat(), *names],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "TEST_DATABASE_URL": url},
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def test_two_processes_that_claim_the_same_jobs_share_them_without_a_repeat(clock: Clock) -> None:
    names = [f"test.job{number}" for number in range(50)]
    claimers = [claimer(clock, names), claimer(clock, names[::-1])]
    for process in claimers:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in claimers:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    claimed = [process.communicate(timeout=30)[0].split() for process in claimers]
    assert sorted(claimed[0] + claimed[1]) == sorted(names)


async def test_a_job_of_every_process_runs_in_each_of_them(clock: Clock) -> None:
    runs: list[int] = []
    everywhere = [chore(lambda: runs.append(1), everywhere=True)]
    for keeper in [Housekeeping(everywhere, now=clock), Housekeeping(everywhere, now=clock)]:
        await keeper.run_due()
        await keeper.run_due()
    assert len(runs) == 2


async def test_an_async_job_runs_in_the_event_loop(clock: Clock) -> None:
    loops: list[asyncio.AbstractEventLoop] = []

    async def work() -> None:
        loops.append(asyncio.get_running_loop())

    await Housekeeping([chore(work)], now=clock).run_due()
    assert loops == [asyncio.get_running_loop()]


async def test_a_failing_job_is_logged_and_noted_and_harms_no_other(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    runs: list[int] = []

    def fail() -> None:
        raise ValueError("the text of an error may hold anything")

    chores = [chore(fail, name="test.bad"), chore(lambda: runs.append(1), name="test.good")]
    keeper = Housekeeping(chores, now=clock)
    assert set(await keeper.run_due()) == {"test.bad", "test.good"}
    bad = await db(Job.objects.get, name="test.bad")
    assert (bad.last_error, bad.last_run_at) == ("ValueError", clock.time)
    assert "The job test.bad failed." in caplog.text
    clock.pass_by(60)
    await keeper.run_due()
    assert len(runs) == 2


async def test_a_job_that_still_runs_is_not_started_again(clock: Clock) -> None:
    started, may_end = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        started.set()
        await may_end.wait()

    keeper = Housekeeping([chore(work)], now=clock)
    first = asyncio.create_task(keeper.run_due())
    await started.wait()
    clock.pass_by(60)
    async with asyncio.timeout(5):
        assert await keeper.run_due() == ()
    may_end.set()
    assert await first == ("test.job",)


async def test_it_keeps_looking_until_it_is_stopped(clock: Clock) -> None:
    runs: list[int] = []
    slept: list[float] = []
    enough = asyncio.Event()

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock.pass_by(60)
        if len(runs) >= 3:
            enough.set()
        await asyncio.sleep(0)

    keeper = Housekeeping(
        [chore(lambda: runs.append(1))], now=clock, sleep=sleep, jitter=lambda: 0.25
    )
    await keeper.start()
    async with asyncio.timeout(10):
        await enough.wait()
    await keeper.stop()
    seen = len(runs)
    await asyncio.sleep(0.01)
    assert len(runs) == seen
    assert set(slept) == {0.75}


async def test_a_database_that_is_away_is_told_once_and_survived(
    clock: Clock, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    polls = 0
    back = asyncio.Event()

    def due(*_: object, **__: object) -> bool:
        nonlocal polls
        polls += 1
        if polls < 4:
            raise OperationalError("the database is away")
        return False

    async def sleep(_: float) -> None:
        if polls >= 4:
            back.set()
        await asyncio.sleep(0)

    monkeypatch.setattr(housekeeping, "jobs_due", due)
    keeper = Housekeeping([chore(print)], now=clock, sleep=sleep)
    await keeper.start()
    async with asyncio.timeout(10):
        await back.wait()
    await keeper.stop()
    assert caplog.text.count("cannot look for due jobs") == 1


async def test_stopping_lets_a_running_job_end_and_leaves_the_list(clock: Clock) -> None:
    await db.write(process_beat, {})
    ended: list[int] = []
    started = asyncio.Event()

    async def work() -> None:
        started.set()
        await asyncio.sleep(0.02)
        ended.append(1)

    keeper = Housekeeping([chore(work)], now=clock)
    await keeper.start()
    await started.wait()
    await keeper.stop()
    assert ended == [1]
    assert await db(Process.objects.count) == 0


def test_two_jobs_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(housekeeping, "_chores", {})

    @job(name="test.same", every_seconds=1)
    def one() -> None: ...

    with pytest.raises(ValueError, match=r"Two jobs are called test\.same"):

        @job(name="test.same", every_seconds=1)
        def other() -> None: ...


def test_the_gateways_own_jobs_are_registered() -> None:
    assert {"gateway.beat", "gateway.forget_processes"} <= set(housekeeping._chores)  # noqa: SLF001 - the registry has no other reader
