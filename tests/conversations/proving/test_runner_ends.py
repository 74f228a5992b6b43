"""A run ends: by itself, stopped from anywhere, or with its process, and there is one at a time."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from django.utils import timezone  # Django comes first

from conversations.case_errors import CaseRunRunningError
from conversations.models import (
    CaseRunState,
    PromptCase,
    PromptCaseResult,
    PromptCaseRun,
    PromptTemplate,
)
from conversations.proving import ledger
from conversations.proving.ledger import run_begin, run_stop, runs_interrupt
from conversations.proving.runner import Runner
from conversations.proving.selectors import run_state
from gateway.db import db
from gateway.sandbox.server import Pace, Sandbox
from tests.conversations.proving.conftest import case_make, ran

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.usefixtures("site_gateway")
async def test_a_run_can_be_stopped_from_any_process(
    template: PromptTemplate, sandbox: Sandbox
) -> None:
    sandbox.pace = Pace(first_seconds=30, word_seconds=0)
    await db.write(case_make, template)
    plan = await db.write(lambda: run_begin(template=template))
    async with asyncio.timeout(20):
        task = Runner(sleep=lambda _seconds: asyncio.sleep(0.05)).start(plan)
        while not sandbox.open_streams:
            await asyncio.sleep(0.01)
        run = await db(PromptCaseRun.objects.get)
        await db.write(lambda: run_stop(run=run))
        await task
        while sandbox.open_streams:
            await asyncio.sleep(0.01)
    assert (await db(PromptCaseRun.objects.get)).state == CaseRunState.STOPPED


@pytest.mark.usefixtures("site_gateway")
async def test_a_process_that_ends_leaves_an_interrupted_run_and_no_call(
    template: PromptTemplate, sandbox: Sandbox
) -> None:
    sandbox.pace = Pace(first_seconds=30, word_seconds=0)
    await db.write(case_make, template)
    plan = await db.write(lambda: run_begin(template=template))
    runner = Runner()
    async with asyncio.timeout(20):
        runner.start(plan)
        while not sandbox.open_streams:
            await asyncio.sleep(0.01)
        await runner.drain()
        while sandbox.open_streams:
            await asyncio.sleep(0.01)
    run = await db(PromptCaseRun.objects.get)
    assert run.state == CaseRunState.INTERRUPTED
    assert run.ended_at is not None


@pytest.mark.usefixtures("site_gateway")
async def test_one_run_at_a_time_unless_its_process_has_died(template: PromptTemplate) -> None:
    await db.write(case_make, template)
    await db.write(lambda: run_begin(template=template))
    with pytest.raises(CaseRunRunningError):
        await db.write(lambda: run_begin(template=template))
    long_ago = timezone.now() - timedelta(seconds=21)
    await db.write(lambda: PromptCaseRun.objects.update(beat_at=long_ago))
    dead = await db(PromptCaseRun.objects.get)
    assert run_state(dead) is CaseRunState.INTERRUPTED  # before anybody has written it down
    await db.write(lambda: run_begin(template=template))
    states = await db(lambda: list(PromptCaseRun.objects.values_list("state", flat=True)))
    assert states == ["running", "interrupted"]


def test_a_silent_run_is_interrupted_and_a_lively_one_is_not(template: PromptTemplate) -> None:
    run = PromptCaseRun.objects.create(template=template, draft_digest="x", total=1)
    assert runs_interrupt() == 0
    assert run_state(run) is CaseRunState.RUNNING
    assert runs_interrupt(now=timezone.now() + timedelta(seconds=25)) == 1
    run.refresh_from_db()
    assert run.state == CaseRunState.INTERRUPTED


@pytest.mark.usefixtures("site_gateway")
async def test_a_case_that_is_deleted_meanwhile_harms_nobody(template: PromptTemplate) -> None:
    await db.write(case_make, template)
    plan = await db.write(lambda: run_begin(template=template))
    await db.write(lambda: PromptCase.objects.all().delete())
    async with asyncio.timeout(60):
        await Runner().start(plan)
    assert (await db(PromptCaseRun.objects.get)).state == CaseRunState.FINISHED
    assert not await db(PromptCaseResult.objects.exists)


@pytest.mark.usefixtures("site_gateway")
async def test_runs_of_long_ago_are_forgotten(
    template: PromptTemplate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "RUNS_KEPT", 2)
    await db.write(case_make, template)
    runs = [(await ran(template))[0].pk for _ in range(3)]
    assert await db(lambda: set(PromptCaseRun.objects.values_list("pk", flat=True))) == {*runs[1:]}
