"""Cases that a model judges: what passes, and what it is shown."""

from __future__ import annotations

import asyncio

import pytest

from conversations.models import PromptCaseResult, PromptTemplate, Widget
from gateway.db import db
from gateway.models import Call
from tests.conversations.proving.conftest import Judge, case_make, ran

pytestmark = pytest.mark.django_db(transaction=True)


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
