"""Versions go live at their hour and go again, once, and never over somebody's decision."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import models

from conversations.models import (
    Conversation,
    PromptMove,
    PromptSchedule,
    PromptTemplate,
    PromptVersion,
    ScheduleState,
    Widget,
)
from conversations.prompt_errors import (
    LiveMovedError,
    PublishConflictError,
    SecondPersonError,
    UnknownPlaceholderError,
    UnpublishedVersionError,
)
from conversations.prompts.content import PromptContent
from conversations.prompts.schedules import (
    Hours,
    _start,  # what a process does that was frozen between reading and claiming
    schedule_cancel,
    schedule_create,
    schedules_run,
)
from conversations.prompts.services import (
    draft_save,
    template_create,
    version_publish,
    version_revert,
    version_to_edit,
)
from conversations.schedule_errors import (
    EndBeforeStartError,
    NothingToReturnToError,
    PastTimeError,
    ScheduleClosedError,
    ScheduleOverlapError,
)

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def template() -> PromptTemplate:
    template = template_create(name="Shop", content=PromptContent(instructions="Everyday."))
    version_publish(draft=editable(template))
    template.refresh_from_db()
    return template


def editable(template: PromptTemplate) -> PromptVersion:
    version = version_to_edit(template)
    assert version is not None
    return version


def draft(template: PromptTemplate, instructions: str = "Sale!") -> PromptVersion:
    return draft_save(
        template=template,
        content=PromptContent(instructions=instructions),
        seen=editable(template).changed_at,
    )


def schedule(
    version: PromptVersion, start: float | None = 1, end: float | None = None
) -> PromptSchedule:
    """Schedule a version so many hours after noon."""
    return schedule_create(
        version=version,
        hours=Hours(
            None if start is None else NOON + start * HOUR,
            None if end is None else NOON + end * HOUR,
        ),
        now=NOON,
        note="Black Friday",
    )


def live(template: PromptTemplate) -> int | None:
    version = PromptTemplate.objects.select_related("live").get(pk=template.pk).live
    return version.number if version else None


def run(hours: float) -> None:
    schedules_run(NOON + hours * HOUR)


def state(row: PromptSchedule) -> str:
    row.refresh_from_db()
    return row.state


def test_a_scheduled_draft_is_final_and_not_yet_live(template: PromptTemplate) -> None:
    row = schedule(draft(template))
    assert (row.version.number, row.version.note) == (2, "Black Friday")
    assert row.version.published_at is not None
    assert (live(template), PromptMove.objects.count()) == (1, 1)
    assert state(row) == ScheduleState.WAITING


def test_it_goes_live_at_its_hour_and_not_before(template: PromptTemplate) -> None:
    editor = User.objects.create_user("edith")
    row = schedule_create(
        version=draft(template),
        hours=Hours(NOON + HOUR, zone="Asia/Shanghai"),
        note="Sale",
        by=editor,
        now=NOON,
    )
    run(0.999)
    assert live(template) == 1
    run(1)
    assert (live(template), state(row)) == (2, ScheduleState.DONE)
    move = PromptMove.objects.latest("pk")
    assert (move.moved_by, move.reason) == (editor, "Sale")
    assert row.start_move == move


def test_running_again_moves_nothing_again(template: PromptTemplate) -> None:
    schedule(draft(template), end=2)
    for _ in range(3):
        run(1)
    assert PromptMove.objects.count() == 2
    for _ in range(3):
        run(2)
    assert PromptMove.objects.count() == 3


def test_a_process_that_read_it_before_it_began_does_not_begin_it_again(
    template: PromptTemplate,
) -> None:
    row = schedule(draft(template))
    stale = PromptSchedule.objects.get(pk=row.pk)
    run(1)
    template.refresh_from_db()
    version_revert(template=template, version=template.versions.get(number=1))
    _start(stale, NOON + HOUR)
    assert (live(template), PromptMove.objects.count()) == (1, 3)


def test_at_its_end_what_was_live_before_comes_back(template: PromptTemplate) -> None:
    row = schedule(draft(template), end=2)
    run(1)
    assert (live(template), state(row)) == (2, ScheduleState.RUNNING)
    run(1.99)
    assert live(template) == 2
    run(2)
    assert (live(template), state(row)) == (1, ScheduleState.DONE)
    assert row.end_move == PromptMove.objects.latest("pk")


def test_an_end_does_not_undo_what_somebody_published_since(template: PromptTemplate) -> None:
    row = schedule(draft(template), end=2)
    run(1)
    version_publish(draft=draft(template, "Newer"))
    run(2)
    assert (live(template), state(row)) == (3, ScheduleState.OVERTAKEN)
    assert PromptMove.objects.count() == 3


def test_an_end_does_not_undo_a_person_who_went_away_and_came_back(
    template: PromptTemplate,
) -> None:
    row = schedule(draft(template), end=2)
    run(1)
    for number in (1, 2):
        template.refresh_from_db()
        version_revert(template=template, version=template.versions.get(number=number))
    run(2)
    assert (live(template), state(row)) == (2, ScheduleState.OVERTAKEN)


def test_after_an_outage_an_open_schedule_starts_late(template: PromptTemplate) -> None:
    rows = [schedule(draft(template)), schedule(draft(template, "Week"), start=5, end=9)]
    run(6)
    assert live(template) == 3
    assert [state(row) for row in rows] == [ScheduleState.DONE, ScheduleState.RUNNING]
    run(9)
    assert live(template) == 2


def test_a_window_that_passed_while_nothing_ran_is_missed(template: PromptTemplate) -> None:
    row = schedule(draft(template), end=2)
    run(2)
    assert (live(template), state(row)) == (1, ScheduleState.MISSED)
    assert PromptMove.objects.count() == 1


def test_an_end_and_a_start_that_are_due_together_happen_in_their_order(
    template: PromptTemplate,
) -> None:
    later = schedule(draft(template, "Later"), start=3)
    sale = schedule(draft(template), start=1, end=2)
    run(1.5)
    assert live(template) == sale.version.number
    run(4)
    assert live(template) == later.version.number
    assert [move.moved_to.number for move in template.moves.order_by("pk")] == [1, 3, 1, 2]


def test_what_is_live_already_at_its_hour_is_left_alone(template: PromptTemplate) -> None:
    version = draft(template)
    row = schedule(version, end=2)
    version.refresh_from_db()
    version_publish(draft=version)
    run(1)
    assert state(row) == ScheduleState.OVERTAKEN
    run(2)
    assert live(template) == 2


def test_without_a_start_it_goes_live_at_once(template: PromptTemplate) -> None:
    row = schedule(draft(template), start=None, end=1)
    assert (live(template), row.state) == (2, ScheduleState.RUNNING)
    run(1)
    assert live(template) == 1


def test_what_is_live_can_be_given_an_end(template: PromptTemplate) -> None:
    outage = version_publish(draft=draft(template, "We have an outage."))
    row = schedule(outage, start=None, end=3)
    assert (row.state, PromptMove.objects.count()) == (ScheduleState.RUNNING, 2)
    run(3)
    assert live(template) == 1


def test_an_end_can_be_called_off_and_set_anew(template: PromptTemplate) -> None:
    outage = version_publish(draft=draft(template, "We have an outage."))
    schedule_cancel(schedule=schedule(outage, start=None, end=3), now=NOON)
    run(3)
    assert live(template) == 2
    again = schedule_create(version=outage, hours=Hours(None, NOON + 5 * HOUR), now=NOON)
    run(5)
    assert (live(template), state(again)) == (1, ScheduleState.DONE)


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


def test_what_is_cancelled_does_not_begin(template: PromptTemplate) -> None:
    editor = User.objects.create_user("edith")
    row = schedule_cancel(schedule=schedule(draft(template), end=2), by=editor, now=NOON)
    assert (row.state, row.cancelled_by, row.cancelled_at) == ("cancelled", editor, NOON)
    run(1)
    run(2)
    assert (live(template), PromptMove.objects.count()) == (1, 1)


def test_who_cancels_what_has_begun_in_between_is_told(template: PromptTemplate) -> None:
    row = schedule(draft(template), end=2)
    run(1)
    with pytest.raises(ScheduleClosedError):
        schedule_cancel(schedule=row)
    row.refresh_from_db()
    schedule_cancel(schedule=row)
    run(2)
    assert live(template) == 2
    with pytest.raises(ScheduleClosedError):
        schedule_cancel(schedule=row)


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


def test_running_conversations_move_with_a_schedule_that_says_so(
    template: PromptTemplate,
) -> None:
    widget = Widget.objects.create(name="Shop", prompt_template=template)
    first = template.versions.get(number=1)
    running = Conversation.objects.create(widget=widget, visitor=uuid4(), prompt_version=first)
    silent = Conversation.objects.create(
        widget=widget,
        visitor=uuid4(),
        prompt_version=first,
        active_at=datetime.now(UTC) - timedelta(days=2),
    )
    schedule_create(
        version=draft(template),
        hours=Hours(NOON + HOUR, NOON + 2 * HOUR),
        with_running=True,
        now=NOON,
    )
    for hours, number in ((1, 2), (2, 1)):
        run(hours)
        running.refresh_from_db()
        silent.refresh_from_db()
        assert running.prompt_version.number == number
        assert silent.prompt_version == first
