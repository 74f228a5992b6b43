"""A share of new conversations gets another version, until somebody ends the test."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User

from conversations.models import PromptMove, PromptSplit, PromptTemplate, PromptVersion
from conversations.prompt_errors import PublishConflictError, SecondPersonError
from conversations.prompts.content import PromptContent
from conversations.prompts.schedules import Hours, schedule_create, schedules_run
from conversations.prompts.services import template_create, version_publish
from conversations.prompts.splits import split_begin, split_end, split_running
from conversations.schedule_errors import NothingToTestError, SplitClosedError, SplitRunningError
from tests.conversations.prompts.drafts import draft, editable


def test_a_draft_that_is_tested_is_final_and_not_live(split: PromptSplit) -> None:
    assert (split.control.number, split.challenger.number, split.percent) == (1, 2, 50)
    split.template.refresh_from_db()
    assert split.template.live == split.control
    assert editable(split.template) == split.challenger


def test_a_template_has_one_test_at_a_time(split: PromptSplit) -> None:
    with pytest.raises(SplitRunningError):
        split_begin(challenger=draft(split.template))
    split_end(split=split)
    assert split_begin(challenger=editable(split.template)).pk != split.pk


def test_what_makes_no_test_is_refused(template: PromptTemplate) -> None:
    assert template.live is not None
    with pytest.raises(NothingToTestError):
        split_begin(challenger=template.live)
    for percent in (0, 100, -1):
        with pytest.raises(NothingToTestError):
            split_begin(challenger=draft(template), percent=percent)
    fresh = template_create(name="Fresh", content=PromptContent(instructions="x"))
    with pytest.raises(NothingToTestError):
        split_begin(challenger=editable(fresh))
    assert editable(template).is_draft


def test_a_draft_that_changed_meanwhile_is_not_tested(template: PromptTemplate) -> None:
    seen = draft(template)
    draft(template, "Changed.")
    with pytest.raises(PublishConflictError):
        split_begin(challenger=seen)


def test_testing_needs_a_second_person_where_publishing_does(template: PromptTemplate) -> None:
    author = User.objects.create_user("a")
    PromptTemplate.objects.update(needs_second_person=True)
    version = draft(template)
    PromptVersion.objects.filter(pk=version.pk).update(author=author)
    version.refresh_from_db()
    with pytest.raises(SecondPersonError):
        split_begin(challenger=version, by=author)


def test_ending_keeps_what_is_live(split: PromptSplit) -> None:
    editor = User.objects.create_user("edith")
    ended = split_end(split=split, by=editor)
    assert ended.ended_at is not None
    assert (ended.ended_by, PromptMove.objects.count()) == (editor, 1)
    assert split_running(split.template) is None


def test_ending_can_make_the_challenger_live(split: PromptSplit) -> None:
    editor = User.objects.create_user("edith")
    split_end(split=split, with_challenger=True, reason="Rated better", by=editor)
    split.template.refresh_from_db()
    assert split.template.live == split.challenger
    move = PromptMove.objects.latest("pk")
    assert (move.moved_by, move.reason) == (editor, "Rated better")


def test_who_ends_what_has_ended_is_told(split: PromptSplit) -> None:
    seen = PromptSplit.objects.get()
    split_end(split=split)
    with pytest.raises(SplitClosedError):
        split_end(split=seen, with_challenger=True)
    assert PromptMove.objects.count() == 1


def test_publishing_ends_the_test(split: PromptSplit) -> None:
    editor = User.objects.create_user("edith")
    version_publish(draft=draft(split.template, "Newest."), by=editor)
    split.refresh_from_db()
    assert split.ended_at is not None
    assert split.ended_by == editor


def test_what_goes_live_as_scheduled_ends_the_test(split: PromptSplit) -> None:
    now = datetime.now(UTC)
    schedule_create(version=draft(split.template, "Sale!"), hours=Hours(now + timedelta(hours=1)))
    assert split_running(split.template) == split
    schedules_run(now + timedelta(hours=1))
    assert split_running(split.template) is None
