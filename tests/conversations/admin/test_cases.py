"""Editors write test cases, run them, and are asked why a red one goes live."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import AsyncClient
from django.utils import timezone

from conversations.models import (
    PromptCase,
    PromptCaseResult,
    PromptCaseRun,
    PromptMove,
    PromptSchedule,
    PromptVersion,
)
from conversations.prompts.content import PromptContent
from conversations.prompts.proof import case_digest, content_digest
from conversations.proving.runner import runner
from gateway.db import db
from gateway.models import Provider
from tests.admin_world import World
from tests.conversations.admin.workshop import BASE


def page(world: World, rest: str) -> str:
    return f"{BASE}{world.template.pk}/{rest}"


def filled(*checks: tuple[str, str], **changes: str) -> dict[str, str]:
    """Return what the form of a case sends."""
    checks = checks or (("contains", "nine"),)
    data = {
        "name": "Hours",
        "is_active": "on",
        "turns-TOTAL_FORMS": "2",
        "turns-INITIAL_FORMS": "0",
        "turns-0-author": "customer",
        "turns-0-text": "When do you open?",
        "turns-1-author": "customer",
        "turns-1-text": "",
        "checks-TOTAL_FORMS": str(len(checks)),
        "checks-INITIAL_FORMS": "0",
    }
    for number, (kind, text) in enumerate(checks):
        data |= {f"checks-{number}-kind": kind, f"checks-{number}-text": text}
    return data | changes


def red(world: World, *, passed: bool = False, **changes: Any) -> PromptCaseResult:
    """Have the world's case fail on its draft."""
    draft = PromptVersion.objects.get(template=world.template, number=None)
    digest = content_digest(PromptContent.of(draft))
    run = PromptCaseRun.objects.create(
        template=world.template, draft_digest=digest, state="finished", total=1
    )
    return PromptCaseResult.objects.create(
        run=run,
        case=world.case,
        side="draft",
        is_passed=passed,
        case_digest=case_digest(world.case),
        **changes,
    )


def test_a_case_is_added_and_stands_in_the_list(world: World) -> None:
    client = world.client("editor")
    answer = client.post(page(world, "cases/add/"), filled(("contains", "nine"), ("refuses", "")))
    assert answer.status_code == 302
    case = PromptCase.objects.get(name="Hours")
    assert case.turns == [{"author": "customer", "text": "When do you open?"}]
    assert case.checks == [
        {"kind": "contains", "text": "nine"},
        {"kind": "refuses", "text": ""},
    ]
    assert case.author == world.people["editor"]
    html = client.get(page(world, "cases/")).content.decode()
    assert "contains: nine" in html
    assert "not run yet" in html


def test_a_case_is_changed_and_a_row_taken_out(world: World) -> None:
    client = world.client("editor")
    url = page(world, f"cases/{world.case.pk}/")
    assert b"Where is my order?" in client.get(url).content
    data = filled(("contains", "a"), ("contains", "b"), **{"checks-0-DELETE": "on"})
    client.post(url, data)
    world.case.refresh_from_db()
    assert world.case.name == "Hours"
    assert world.case.checks == [{"kind": "contains", "text": "b"}]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (filled(("matches", "(")), "makes no sense"),
        (filled(("language", "klingon")), "Languages that can be told"),
        (filled(("lacks", "")), "what to look for"),
        (filled(**{"turns-0-text": ""}), "at its end"),
        (filled(**{"turns-0-author": "assistant"}), "at its end"),
        (filled(name=""), "required"),
        (filled(name="Tracking"), "already exists"),
        (filled(**{"checks-0-DELETE": "on"}), "at least one check"),
    ],
)
def test_what_makes_no_sense_is_not_saved_and_says_why(
    world: World, data: dict[str, str], words: str
) -> None:
    answer = world.client("editor").post(page(world, "cases/add/"), data)
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert PromptCase.objects.count() == 1


def test_each_variable_has_a_field_and_its_value_is_kept(world: World) -> None:
    PromptVersion.objects.filter(template=world.template, number=None).update(
        variables=[{"name": "shop", "default": "", "sample": "", "required": False}]
    )
    url = page(world, f"cases/{world.case.pk}/")
    client = world.client("editor")
    assert b'name="value-shop"' in client.get(url).content
    client.post(url, filled(**{"value-shop": "Pine"}))
    world.case.refresh_from_db()
    assert world.case.variables == {"shop": "Pine"}
    assert b'value="Pine"' in client.get(url).content


def test_a_case_of_another_template_is_not_found(world: World) -> None:
    client = world.client("editor")
    for rest in ("cases/999/", "cases/999/delete/", "runs/999/"):
        assert client.get(page(world, rest)).status_code == 404


def test_deleting_asks_first(world: World) -> None:
    client = world.client("editor")
    url = page(world, f"cases/{world.case.pk}/delete/")
    assert b"gone for good" in client.get(url).content
    assert PromptCase.objects.exists()
    client.post(url)
    assert not PromptCase.objects.exists()


def test_who_may_only_look_finds_no_button(world: World) -> None:
    group = Group.objects.get(name="Prompt editors")
    kept = group.permissions.exclude(
        codename__in=["change_prompttemplate", "add_prompttemplate", "test_promptversion"]
    )
    group.permissions.set(kept)
    client = world.client("editor")
    html = client.get(page(world, "cases/")).content.decode()
    assert "Run on draft and live" not in html
    assert "Add a case" not in html
    case = page(world, f"cases/{world.case.pk}/")
    assert 'value="Save"' not in client.get(case).content.decode()
    assert client.post(case, filled()).status_code == 403
    assert client.post(page(world, "cases/add/"), filled()).status_code == 403
    assert client.post(page(world, "runs/begin/")).status_code == 403
    assert client.post(page(world, f"runs/{world.run.pk}/stop/")).status_code == 403
    assert client.get(page(world, f"runs/{world.run.pk}/")).status_code == 200


async def test_a_run_goes_on_when_its_page_is_gone_and_tells_what_it_found(tried: World) -> None:
    client = AsyncClient()
    await client.aforce_login(tried.people["editor"])
    # Slow enough that the run is not over before somebody else asks for one.
    slow = Provider.objects.filter(slug="acme").update
    await db.write(slow, default_model="sandbox-1!slow 0.1")
    answer = await client.post(page(tried, "runs/begin/"))
    assert answer.status_code == 302
    url = answer.headers["Location"]
    again = await client.post(page(tried, "runs/begin/"), follow=True)
    assert "being run already" in again.content.decode()
    async with asyncio.timeout(60):
        while runner()._tasks:  # noqa: SLF001  # nobody else tells when it is over
            await asyncio.sleep(0.05)
    whole = (await client.get(url)).content.decode()
    part = (await client.get(f"{url}?part=report")).content.decode()
    assert "<html" in whole
    assert "<html" not in part
    assert "Tracking" in part
    assert "2 / 2" in part
    assert 'data-running="no"' in part
    assert await db(PromptCaseResult.objects.count) == 2


def test_a_run_without_anybody_to_answer_is_told(world: World) -> None:
    answer = world.client("editor").post(page(world, "runs/begin/"), follow=True)
    assert "There is nothing to run yet" in answer.content.decode()


def test_a_run_shows_answers_as_text_and_says_what_each_check_found(world: World) -> None:
    verdicts = [
        {"kind": "contains", "text": "x", "is_passed": False, "note": "", "is_unclear": False},
        {"kind": "most_words", "text": "5", "is_passed": False, "note": "9", "is_unclear": False},
        {"kind": "language", "text": "zh", "is_passed": False, "note": "en", "is_unclear": False},
        {"kind": "language", "text": "zh", "is_passed": False, "note": "", "is_unclear": False},
        {"kind": "matches", "text": "a+", "is_passed": False, "note": "", "is_unclear": True},
        {"kind": "judged", "text": "Kind", "is_passed": False, "note": "", "is_unclear": True},
        {"kind": "judged", "text": "Kind", "is_passed": False, "note": "Rude", "is_unclear": False},
    ]
    found = red(world, answer="**b** <script>alert(1)</script>\u202e", verdicts=verdicts)
    html = world.client("editor").get(page(world, f"runs/{found.run.pk}/")).content.decode()
    assert "<strong>b</strong> &lt;script&gt;" in html
    assert "⟦U+202E⟧" in html
    for words in ("It has 9.", "“en”", "It is unclear", "took too long", "no clear yes", "Rude"):
        assert words in html


def test_a_dead_run_is_shown_as_interrupted(world: World) -> None:
    PromptCaseRun.objects.filter(pk=world.run.pk).update(
        state="running", beat_at=timezone.now() - timedelta(seconds=30)
    )
    client = world.client("editor")
    html = client.get(page(world, f"runs/{world.run.pk}/")).content.decode()
    assert "Interrupted" in html
    assert 'data-running="no"' in html
    assert "Run on draft and live" in client.get(page(world, "cases/")).content.decode()


def test_a_running_run_is_offered_to_watch_and_to_stop(world: World) -> None:
    PromptCaseRun.objects.filter(pk=world.run.pk).update(state="running", beat_at=timezone.now())
    client = world.client("editor")
    assert "Watch the run" in client.get(page(world, "cases/")).content.decode()
    url = page(world, f"runs/{world.run.pk}/")
    assert 'data-running="yes"' in client.get(url).content.decode()
    client.post(f"{url}stop/")
    world.run.refresh_from_db()
    assert world.run.is_stop_requested


def publish(world: World, **fields: str) -> Any:
    draft = PromptVersion.objects.get(template=world.template, number=None)
    data = {"note": "Sale", "seen": draft.changed_at.isoformat(), **fields}
    return world.client("editor").post(page(world, "publish/"), data)


def test_publishing_with_a_red_case_asks_for_a_reason_and_logs_it(world: World) -> None:
    red(world)
    html = world.client("editor").get(page(world, "publish/")).content.decode()
    assert 'name="despite"' in html
    assert "failed" in html
    refused = publish(world)
    assert refused.status_code == 200
    assert "This field is required" in refused.content.decode()
    assert PromptVersion.objects.filter(template=world.template, number=None).exists()
    assert publish(world, despite="The case is old.").status_code == 302
    move = PromptMove.objects.first()
    assert move is not None
    assert move.reason == "Sale · Despite failing test cases: The case is old."


def test_publishing_with_green_or_untested_cases_asks_for_nothing(world: World) -> None:
    html = world.client("editor").get(page(world, "publish/")).content.decode()
    assert 'name="despite"' not in html
    assert "1 case has never been run" in html
    red(world, passed=True)
    html = world.client("editor").get(page(world, "publish/")).content.decode()
    assert "passed" in html
    assert publish(world).status_code == 302


def test_publishing_says_that_results_are_stale(world: World) -> None:
    red(world)
    PromptVersion.objects.filter(template=world.template, number=None).update(instructions="New.")
    html = world.client("editor").get(page(world, "publish/")).content.decode()
    assert "of other words than these" in html
    assert "failed when last run" in html
    assert 'name="despite"' in html


def test_scheduling_and_testing_with_a_red_case_ask_for_a_reason_too(world: World) -> None:
    client = world.client("editor")
    for place in ("schedule/", "split/begin/"):
        assert 'name="despite"' not in client.get(page(world, place)).content.decode()
    red(world)
    for place in ("schedule/", "split/begin/"):
        assert 'name="despite"' in client.get(page(world, place)).content.decode()
    draft = PromptVersion.objects.get(template=world.template, number=None)
    seen = draft.changed_at.isoformat()
    typed = {"starts_at": "2098-11-27T00:00", "zone": "UTC", "note": "Sale", "seen": seen}
    assert "This field is required" in client.post(page(world, "schedule/"), typed).content.decode()
    answer = client.post(page(world, "schedule/"), {**typed, "despite": "Old."})
    assert answer.status_code == 302
    newest = PromptSchedule.objects.latest("pk")
    assert newest.note == "Sale · Despite failing test cases: Old."
