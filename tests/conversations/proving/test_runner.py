"""A run asks every case on both sides, writes down what it finds, and ends as it says."""

from __future__ import annotations

import asyncio

import pytest

from conversations.case_errors import NoCaseError
from conversations.models import CaseRunState, PromptCaseRun, PromptTemplate
from conversations.prompts.services import version_publish, version_to_edit
from gateway.db import db
from gateway.models import Call
from tests.conversations.proving.conftest import case_make, draft_write, ran

pytestmark = pytest.mark.django_db(transaction=True)


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
