"""Versions go live at their hour and go again, once, and never over somebody's decision."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import User

from conversations.models import (
    Conversation,
    PromptMove,
    PromptSchedule,
    PromptTemplate,
    ScheduleState,
    Widget,
)
from conversations.prompts.schedules import (
    Hours,
    _start,  # what a process does that was frozen between reading and claiming
    schedule_cancel,
    schedule_create,
)
from conversations.prompts.services import version_publish, version_revert
from conversations.schedule_errors import ScheduleClosedError
from tests.conversations.prompts.drafts import HOUR, NOON, draft, live, run, schedule, state

pytestmark = pytest.mark.django_db


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
