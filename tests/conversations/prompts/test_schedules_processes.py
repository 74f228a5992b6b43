"""Two processes find the same schedules due at the same moment, and each happens once."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest

from conversations.models import PromptMove, PromptSchedule, PromptTemplate, ScheduleState
from conversations.prompts.content import PromptContent
from conversations.prompts.schedules import Hours, schedule_create
from conversations.prompts.services import (
    draft_save,
    template_create,
    version_publish,
    version_to_edit,
)
from tests.gateway.chatting import database_url

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
TEMPLATES = 12


def template_scheduled(number: int) -> None:
    """Make a template whose second version is live from one o'clock to two."""
    template = template_create(name=f"Shop {number}", content=PromptContent(instructions="x"))
    draft = version_to_edit(template)
    assert draft is not None
    first = version_publish(draft=draft)
    sale = draft_save(
        template=template, content=PromptContent(instructions="Sale!"), seen=first.changed_at
    )
    schedule_create(version=sale, hours=Hours(NOON + HOUR, NOON + 2 * HOUR), now=NOON)


def processes_race(now: datetime) -> None:
    """Have two processes run what is due at this moment, from the same instant on."""
    runners = [
        subprocess.Popen(  # noqa: S603 - the arguments are the test's own
            [sys.executable, "-m", "tests.conversations.prompts.schedule_process", now.isoformat()],
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "tests.settings",
                "TEST_DATABASE_URL": database_url(),
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for runner in runners:
        assert runner.stdout is not None
        assert runner.stdout.readline() == "ready\n"
    for runner in runners:
        assert runner.stdin is not None
        runner.stdin.write("go\n")
        runner.stdin.flush()
    time.sleep(1.0)
    rounds = [int(runner.communicate(timeout=30)[0]) for runner in runners]
    assert [runner.returncode for runner in runners] == [0, 0]
    assert min(rounds) > 0


def test_two_processes_start_and_end_each_schedule_once() -> None:
    for number in range(TEMPLATES):
        template_scheduled(number)
    for hours, number, state in ((1, 2, ScheduleState.RUNNING), (2, 1, ScheduleState.DONE)):
        processes_race(NOON + hours * HOUR)
        moves = PromptMove.objects.exclude(moved_from=None)
        assert moves.count() == hours * TEMPLATES
        assert {t.live.number for t in PromptTemplate.objects.select_related("live") if t.live} == {
            number
        }
        assert set(PromptSchedule.objects.values_list("state", flat=True)) == {state}
    starts = PromptSchedule.objects.values_list("start_move", flat=True)
    ends = PromptSchedule.objects.values_list("end_move", flat=True)
    assert len({*starts, *ends} - {None}) == 2 * TEMPLATES
