"""A run asks every case on both sides, writes down what it finds, and ends as it says."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from django.utils import timezone

from conversations.case_errors import CaseRunRunningError, NoCaseError
from conversations.models import (
    CaseRunState,
    PromptCase,
    PromptCaseResult,
    PromptCaseRun,
    PromptTemplate,
    Widget,
)
from conversations.prompts.services import version_publish, version_to_edit
from conversations.proving import ledger
from conversations.proving.ledger import run_begin, run_stop, runs_interrupt
from conversations.proving.runner import Runner
from conversations.proving.selectors import RunReport, run_report, run_state
from gateway.db import db
from gateway.models import Call
from gateway.sandbox.server import Pace, Sandbox
from tests.conversations.proving.conftest import Judge, case_make, draft_write

pytestmark = pytest.mark.django_db(transaction=True)


async def ran(template: PromptTemplate) -> tuple[PromptCaseRun, RunReport]:
    plan = await db.write(lambda: run_begin(template=template))
    async with asyncio.timeout(60):
        await Runner().start(plan)
    return await db(_seen, plan.run)


def _seen(pk: int) -> tuple[PromptCaseRun, RunReport]:
    run = PromptCaseRun.objects.get(pk=pk)
    return run, run_report(run)


@pytest.mark.usefixtures("site_gateway")
async def test_a_case_is_asked_on_both_sides_and_what_got_worse_is_told(
    template: PromptTemplate,
) -> None:
    await db.write(case_make, template)
    await db.write(case_make, template, "Hours, any", ("contains", "at"), ("most_words", "9"))
    await db.write(case_make, template, "Later", ("contains", "at ten"))
    run, report = await ran(template)
    assert run.state == CaseRunState.FINISHED
    assert (report.done, report.total) == (6, 6)
    assert (report.passed, report.failed) == (2, 1)
    assert (report.changed, report.worse) == (3, 1)
    worse, *rest = report.lines
    assert worse.name == "Hours"
    assert worse.draft is not None
    assert "At ten o'clock." in worse.draft.answer
    assert worse.draft.verdicts == [
        {"kind": "contains", "text": "at nine", "is_passed": False, "note": "", "is_unclear": False}
    ]
    assert [(line.is_better, line.is_worse) for line in rest] == [(False, False), (True, False)]
    assert [stretch.text for stretch in worse.stretches if stretch.change.value == "removed"] == [
        "nine"
    ]


@pytest.mark.usefixtures("site_gateway")
async def test_calls_of_a_run_are_told_apart_and_go_behind_chats(template: PromptTemplate) -> None:
    await db.write(case_make, template)
    await ran(template)
    async with asyncio.timeout(10):
        while await db(Call.objects.count) < 2:
            await asyncio.sleep(0.05)
    calls = await db(
        lambda: list(Call.objects.values_list("purpose", "is_batch", "prompt_version"))
    )
    live = str(template.live_id)
    assert sorted(calls) == [("test", True, ""), ("test", True, live)]


@pytest.mark.usefixtures("site_gateway")
async def test_where_there_is_no_draft_what_is_live_is_asked_once(
    template: PromptTemplate,
) -> None:
    def publish() -> None:
        draft = version_to_edit(template)
        assert draft is not None
        version_publish(draft=draft)
        template.refresh_from_db()

    await db.write(case_make, template)
    await db.write(publish)
    _, report = await ran(template)
    assert report.total == 1
    assert report.lines[0].live is None


@pytest.mark.usefixtures("site_gateway")
async def test_a_call_that_fails_is_a_failed_case_with_its_reason(template: PromptTemplate) -> None:
    await db.write(lambda: case_make(template, question="/fault 400"))
    _, report = await ran(template)
    assert report.failed == 1
    assert report.lines[0].draft is not None
    assert report.lines[0].draft.error_code == "invalid_request"
    assert report.unpriced() == 0


@pytest.mark.usefixtures("site_gateway")
async def test_an_inactive_case_is_left_out(template: PromptTemplate) -> None:
    await db.write(lambda: case_make(template, "Off", is_active=False))
    with pytest.raises(NoCaseError):
        await ran(template)


async def test_nobody_who_could_answer_is_told_before_anything_begins(
    template: PromptTemplate,
) -> None:
    await db.write(case_make, template)
    with pytest.raises(NoCaseError):
        await ran(template)
    assert not await db(PromptCaseRun.objects.exists)


async def test_a_judge_decides_and_its_reason_is_kept(
    template: PromptTemplate, judge: Judge
) -> None:
    await db.write(case_make, template, "Kind", ("judged", "It is kind."), ("contains", "nine"))
    _, report = await ran(template)
    line = report.lines[0]
    assert line.draft is not None
    assert line.draft.is_passed
    assert [verdict["note"] for verdict in line.draft.verdicts] == ["It is kind.", ""]
    rules = [heard for heard in judge.heard if "VERDICT-" in heard[0]["content"]]
    assert len(rules) == 2
    assert rules[0][0]["content"] != rules[1][0]["content"]  # a token of its own each time
    async with asyncio.timeout(10):
        while await db(Call.objects.filter(purpose="judge").count) < 2:
            await asyncio.sleep(0.05)


@pytest.mark.usefixtures("site_gateway")
async def test_the_sandbox_judges_over_its_socket(template: PromptTemplate) -> None:
    await db.write(case_make, template, "Nine", ("judged", "It says “at nine”."))
    await db.write(case_make, template, "Not nine", ("judged", "It never says “at nine”."))
    _, report = await ran(template)
    lines = {line.name: line for line in report.lines}
    sides = {
        (name, side): (found.is_passed, found.verdicts[0]["note"], found.verdicts[0]["is_unclear"])
        for name, line in lines.items()
        for side, found in (("draft", line.draft), ("live", line.live))
        if found is not None
    }
    assert sides == {
        ("Nine", "draft"): (False, "The answer does not say “at nine”.", False),
        ("Nine", "live"): (True, "The answer says “at nine”.", False),
        ("Not nine", "draft"): (True, "The answer does not say what it must not.", False),
        ("Not nine", "live"): (False, "The answer says “at nine”.", False),
    }


@pytest.mark.parametrize(
    "says", ["{token} NO It is rude.", "YES", "VERDICT YES", "{token} YES\n{token} NO", "No idea."]
)
async def test_a_judge_who_does_not_clearly_say_yes_passes_nothing(
    template: PromptTemplate, judge: Judge, says: str
) -> None:
    judge.says = says
    await db.write(case_make, template, "Kind", ("judged", "It is kind."))
    _, report = await ran(template)
    assert (report.passed, report.failed) == (0, 1)


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
async def test_a_prompt_that_cannot_be_filled_fails_without_a_call(
    template: PromptTemplate,
) -> None:
    def spoil() -> None:
        draft = draft_write(template, "Be kind.")
        type(draft).objects.filter(pk=draft.pk).update(instructions="{{who}}")

    await db.write(case_make, template)
    await db.write(spoil)
    _, report = await ran(template)
    assert report.lines[0].draft is not None
    assert report.lines[0].draft.error_code == "unknown_placeholder"
    assert report.lines[0].live is not None
    assert report.lines[0].live.is_passed


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


async def test_what_no_database_takes_is_cleaned_before_it_is_kept(
    template: PromptTemplate, judge: Judge
) -> None:
    judge.answers = "At\x07 nine\x00 \ud83d"
    judge.says = "{token} NO It\x07 is rude."
    await db.write(case_make, template, "Kind", ("judged", "It is kind."))
    _, report = await ran(template)
    assert report.lines[0].draft is not None
    assert report.lines[0].draft.answer == "At nine\ufffd \ufffd"
    assert report.lines[0].draft.verdicts[0]["note"] == "It is rude."


async def test_an_answer_that_the_provider_held_back_passes_nothing(
    template: PromptTemplate, judge: Judge
) -> None:
    judge.reason = "content_filter"
    await db.write(case_make, template, "Any", ("contains", "nine"))
    _, report = await ran(template)
    assert report.lines[0].draft is not None
    assert report.lines[0].draft.error_code == "filtered"
    assert report.failed == 1


async def test_cases_and_their_judge_are_masked_as_soon_as_one_widget_masks(
    template: PromptTemplate, judge: Judge
) -> None:
    mail = "anna.canary@example.com"
    judge.answers = "I wrote to [EMAIL-1]."
    judge.says = "{token} YES It names [EMAIL-1]."

    def site_make() -> None:
        checks = (("contains", mail), ("judged", f"It names {mail}"))
        case_make(template, "Mail", *checks, question=f"I am {mail}")
        Widget.objects.create(name="Shop", prompt_template=template, is_masking=True)

    await db.write(site_make)
    _, report = await ran(template)
    assert len(judge.heard) == 4
    assert mail not in str(judge.heard)
    assert report.passed == 1
    assert report.lines[0].draft is not None
    assert report.lines[0].draft.answer == f"I wrote to {mail}."
    assert report.lines[0].draft.verdicts[1]["note"] == f"It names {mail}."


async def test_cases_go_to_no_region_that_a_widget_of_the_template_forbids(
    template: PromptTemplate, judge: Judge
) -> None:
    def site_make() -> None:
        case_make(template)
        Widget.objects.create(name="Shop", prompt_template=template, forbidden_regions=["us"])

    await db.write(site_make)
    await ran(template)
    assert judge.heard == []
    codes = await db(lambda: set(PromptCaseResult.objects.values_list("error_code", flat=True)))
    assert codes == {"region_forbidden"}
