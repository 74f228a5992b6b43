"""THE flow of a run: ask the batch, check the answers, let a judge judge, write it all down.

A run belongs to the process and not to the page that began it. It says every two seconds that it
lives; a process that dies leaves a silent run, which whoever looks calls interrupted.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass, field, replace
from weakref import WeakKeyDictionary

from conversations.chat.patience import patiently
from conversations.chat.text import text_clean
from conversations.models import CaseRunState
from conversations.proving.checks import Verdict, check_answer
from conversations.proving.judge import judge_read, judge_request, token_make
from conversations.proving.ledger import Job, Outcome, Plan, result_keep, run_beat, run_end
from gateway.db import db
from gateway.engine.batch import BatchResult, batch_results
from gateway.engine.errors import GatewayError
from gateway.engine.types import ChatRequest, Completion, FinishReason
from gateway.runtime import gateway

logger = logging.getLogger(__name__)

CONCURRENCY = 4
BEAT_SECONDS = 2.0
DRAIN_SECONDS = 5.0


@dataclass(slots=True)
class _Judging:
    """An answer whose judge has not spoken yet."""

    outcome: Outcome
    verdicts: list[Verdict | None]
    tokens: dict[int, str] = field(default_factory=dict)  # by the check's place


class Runner:
    """All runs of test cases of this process.

    Args:
        sleep: How to wait between two beats.
    """

    def __init__(self, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._sleep = sleep
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, plan: Plan) -> asyncio.Task[None]:
        """Run a plan in the background, whatever becomes of the caller."""
        task = asyncio.get_running_loop().create_task(
            self._run(plan), name=f"case-run-{plan.run}", context=contextvars.Context()
        )
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def drain(self) -> None:
        """End what runs, as interrupted, because the process ends."""
        tasks = set(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=DRAIN_SECONDS)

    async def _run(self, plan: Plan) -> None:
        work = asyncio.create_task(plan_work(plan))
        beats = asyncio.create_task(self._beat(plan.run))
        state = CaseRunState.INTERRUPTED
        try:
            await asyncio.wait((work, beats), return_when=asyncio.FIRST_COMPLETED)
            state = CaseRunState.FINISHED if work.done() else CaseRunState.STOPPED
            if work.done() and (fault := work.exception()):
                state = CaseRunState.INTERRUPTED
                logger.error("a run of test cases failed by a fault of ours", exc_info=fault)
        finally:
            for task in (work, beats):
                task.cancel()
            await asyncio.wait((work, beats))
            await patiently(lambda: db.write(run_end, plan.run, state))

    async def _beat(self, run: int) -> None:
        """Return once somebody wants the run to stop."""
        goes_on = True
        while goes_on:
            await self._sleep(BEAT_SECONDS)
            with suppress(Exception):  # a database that is away says nothing of what is wanted
                goes_on = await db.write(run_beat, run)


async def plan_work(plan: Plan) -> None:
    """Do every job of a plan and write down what became of it, answers first, judges then."""
    judging: list[_Judging] = []
    for job in plan.jobs:
        if job.request is None:
            await _keep(plan, Outcome(job=job, error_code=job.error_code))
    asked = [(place, job.request) for place, job in enumerate(plan.jobs) if job.request]
    async with aclosing(await _answers(asked)) as results:
        async for result in results:
            outcome = _outcome(plan.jobs[result.index], result.outcome)
            verdicts = await asyncio.to_thread(_verdicts, outcome)
            if None in verdicts:
                judging.append(_Judging(outcome, verdicts))
            else:
                await _keep(plan, _decided(outcome, verdicts))
    await _judge(plan, judging)


async def _judge(plan: Plan, judging: list[_Judging]) -> None:
    places = [
        (number, place)
        for number, case in enumerate(judging)
        for place, verdict in enumerate(case.verdicts)
        if verdict is None
    ]
    asked = [
        (index, _judge_ask(judging[number], place)) for index, (number, place) in enumerate(places)
    ]
    async with aclosing(await _answers(asked)) as results:
        async for result in results:
            number, place = places[result.index]
            case = judging[number]
            case.verdicts[place] = _judged(result.outcome, case, place)
            if None not in case.verdicts:
                await _keep(plan, _decided(case.outcome, case.verdicts))


async def _answers(
    asked: list[tuple[int, ChatRequest]],
) -> AsyncGenerator[BatchResult, None]:
    return batch_results(await patiently(gateway), asked, concurrency=CONCURRENCY)


def _outcome(job: Job, answer: Completion | GatewayError) -> Outcome:
    if isinstance(answer, GatewayError):
        return Outcome(job=job, error_code=answer.code)
    return Outcome(
        job=job,
        answer=text_clean(job.precautions.unmask(answer.text)),
        error_code="filtered" if answer.reason is FinishReason.FILTERED else "",
        target=answer.target,
        usage=answer.usage,
    )


def _verdicts(outcome: Outcome) -> list[Verdict | None]:
    if outcome.error_code:
        return []
    return [check_answer(check, outcome.answer) for check in outcome.job.checks]


def _decided(outcome: Outcome, verdicts: list[Verdict | None]) -> Outcome:
    return replace(outcome, verdicts=[verdict for verdict in verdicts if verdict is not None])


def _judge_ask(case: _Judging, place: int) -> ChatRequest:
    job = case.outcome.job
    case.tokens[place] = token = token_make()
    return judge_request(
        rubric=str(job.checks[place]["text"]),
        turns=job.turns,
        answer=case.outcome.answer,
        route=job.request.route if job.request else (),
        token=token,
        precautions=job.precautions,
    )


def _judged(answer: Completion | GatewayError, case: _Judging, place: int) -> Verdict:
    if isinstance(answer, GatewayError):
        return Verdict(is_passed=False, note=answer.code, is_unclear=True)
    text = case.outcome.job.precautions.unmask(answer.text)
    return judge_read(text_clean(text), case.tokens[place])


async def _keep(plan: Plan, outcome: Outcome) -> None:
    await patiently(lambda: db.write(result_keep, plan.run, outcome))


_by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, Runner] = WeakKeyDictionary()


def runner() -> Runner:
    """Return the running loop's runner."""
    return _by_loop.setdefault(asyncio.get_running_loop(), Runner())


async def run_launch(plan: Plan) -> None:
    """Run a plan in the background of this process; for views, by way of ``async_to_sync``."""
    runner().start(plan)


async def case_runs_drain() -> None:
    """End the runs of this process, because it ends."""
    await runner().drain()
