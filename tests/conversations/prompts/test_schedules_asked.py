"""What may be scheduled, by whom, and what is refused before anything waits."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db import models

from conversations.models import PromptMove, PromptTemplate, PromptVersion, ScheduleState
from conversations.prompt_errors import (
    LiveMovedError,
    PublishConflictError,
    SecondPersonError,
    UnknownPlaceholderError,
    UnpublishedVersionError,
)
from conversations.prompts.content import PromptContent
from conversations.prompts.schedules import Hours, schedule_cancel, schedule_create
from conversations.prompts.services import (
    draft_save,
    template_create,
    version_publish,
    version_revert,
)
from conversations.schedule_errors import (
    EndBeforeStartError,
    NothingToReturnToError,
    PastTimeError,
    ScheduleOverlapError,
)
from tests.conversations.prompts.drafts import HOUR, NOON, draft, editable, live, schedule, state

pytestmark = pytest.mark.django_db


def test_a_scheduled_draft_is_final_and_not_yet_live(template: PromptTemplate) -> None:
    row = schedule(draft(template))
    assert (row.version.number, row.version.note) == (2, "Black Friday")
    assert row.version.published_at is not None
    assert (live(template), PromptMove.objects.count()) == (1, 1)
    assert state(row) == ScheduleState.WAITING


def test_what_is_live_without_an_end_needs_no_schedule(template: PromptTemplate) -> None:
    with pytest.raises(LiveMovedError):
        schedule(template.versions.get(), start=None)


def test_an_end_needs_something_that_comes_back(template: PromptTemplate) -> None:
    with pytest.raises(NothingToReturnToError):
        schedule(template.versions.get(), start=None, end=1)
    fresh = template_create(name="Fresh", content=PromptContent(instructions="x"))
    with pytest.raises(NothingToReturnToError):
        schedule(editable(fresh), end=2)
    assert editable(fresh).is_draft


def test_hours_that_make_no_sense_are_refused(template: PromptTemplate) -> None:
    version = draft(template)
    for start, end, error in (
        (0, None, PastTimeError),
        (-1, 2, PastTimeError),
        (2, 2, EndBeforeStartError),
        (2, 1, EndBeforeStartError),
        (None, -1, EndBeforeStartError),
    ):
        with pytest.raises(error):
            schedule(version, start=start, end=end)
    assert editable(template).is_draft


@pytest.mark.parametrize(
    ("start", "end", "is_taken"),
    [
        (1, 2, False),
        (1, 3, True),
        (4, 5, True),
        (2, 9, True),
        (4, None, True),
        (6, None, True),
        (6.1, None, False),
        (2.9, None, False),
    ],
)
def test_windows_that_cross_are_refused(
    template: PromptTemplate, start: float, end: float | None, *, is_taken: bool
) -> None:
    schedule(draft(template), start=3, end=6)
    version = draft(template, "Other")
    if not is_taken:
        assert schedule(version, start=start, end=end).pk
        return
    with pytest.raises(ScheduleOverlapError) as caught:
        schedule(version, start=start, end=end)
    assert "v2, 2026-11-27 15:00 UTC → 2026-11-27 18:00 UTC" in str(caught.value.explanation)


def test_schedules_of_other_templates_are_in_nobodys_way(template: PromptTemplate) -> None:
    other = template_create(name="Other", content=PromptContent(instructions="x"))
    schedule(draft(template), start=3)
    assert schedule(editable(other), start=3).pk


def test_a_schedule_that_was_cancelled_is_in_nobodys_way(template: PromptTemplate) -> None:
    row = schedule_cancel(schedule=schedule(draft(template), start=3, end=6))
    assert schedule(row.version, start=4).pk


def test_a_draft_that_changed_meanwhile_is_not_scheduled(template: PromptTemplate) -> None:
    seen = draft(template)
    draft(template, "Changed.")
    with pytest.raises(PublishConflictError):
        schedule(seen)


def test_a_stored_draft_is_proved_again_before_it_is_scheduled(template: PromptTemplate) -> None:
    version = draft(template)
    PromptVersion.objects.filter(pk=version.pk).update(instructions="{{who}}")
    version.refresh_from_db()
    with pytest.raises(UnknownPlaceholderError):
        schedule(version)
    assert editable(template).is_draft


def test_who_edits_on_begins_from_what_waits(template: PromptTemplate) -> None:
    row = schedule(draft(template))
    assert editable(template) == row.version
    again = draft(template, "After the sale.")
    assert (editable(template), again.number) == (again, None)


def test_an_old_version_that_waits_again_is_not_what_one_edits(template: PromptTemplate) -> None:
    version_publish(draft=draft(template))
    row = schedule(template.versions.get(number=1), end=2)
    assert editable(template).number == 2
    schedule_cancel(schedule=row)
    assert editable(template).number == 2


def test_one_cannot_go_back_to_what_never_was_live(template: PromptTemplate) -> None:
    row = schedule(draft(template))
    with pytest.raises(UnpublishedVersionError):
        version_revert(template=template, version=row.version)
    assert version_publish(draft=row.version) == row.version
    assert live(template) == 2


def test_a_number_is_given_once(template: PromptTemplate) -> None:
    first = schedule(draft(template), start=1).version.number
    second = schedule(draft(template, "Other"), start=2).version.number
    third = version_publish(draft=draft(template, "Now")).number
    assert (first, second, third) == (2, 3, 4)


def test_scheduling_needs_a_second_person_where_publishing_does(
    template: PromptTemplate,
) -> None:
    author, colleague = (User.objects.create_user(name) for name in ("a", "b"))
    PromptTemplate.objects.update(needs_second_person=True)
    version = draft_save(
        template=template,
        content=PromptContent(instructions="Sale!"),
        seen=editable(template).changed_at,
        by=author,
    )
    with pytest.raises(SecondPersonError):
        schedule_create(version=version, hours=Hours(NOON + HOUR), by=author, now=NOON)
    assert schedule_create(version=version, hours=Hours(NOON + HOUR), by=colleague, now=NOON).pk


def test_an_author_alone_schedules_again_what_customers_have_met(
    template: PromptTemplate,
) -> None:
    author = User.objects.create_user("a")
    version_publish(draft=draft(template))
    first = template.versions.get(number=1)
    models.QuerySet(PromptVersion).filter(pk=first.pk).update(author=author)
    PromptTemplate.objects.update(needs_second_person=True)
    first.refresh_from_db()
    assert schedule_create(version=first, hours=Hours(NOON + HOUR), by=author, now=NOON).pk
