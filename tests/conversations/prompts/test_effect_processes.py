"""What is published reaches the next conversation in every process; ``pytest -s`` says how soon."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from conversations.models import PromptTemplate, Widget
from conversations.prompts.content import PromptContent
from conversations.prompts.schedules import Hours, schedule_create, schedules_run
from conversations.prompts.services import template_create, version_publish, version_revert
from tests.conversations.prompts.drafts import draft, editable
from tests.gateway.chatting import database_url

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True, slots=True)
class Turn:
    """From the commit of a move to just before the next one."""

    committed_at: float
    ended_at: float
    number: int


PROCESSES = 2
CONVERSATIONS = 5
PATIENCE_SECONDS = 60.0


@pytest.fixture
def template() -> PromptTemplate:
    return template_create(name="Shop", content=PromptContent(instructions="v1"))


class Opener:
    """A process that opens conversations, and what it has said so far."""

    def __init__(self, widget: Widget) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - the arguments are the test's own
            [sys.executable, "-m", "tests.conversations.prompts.opening_process", str(widget.pk)],
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "tests.settings",
                "TEST_DATABASE_URL": database_url(),
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.said: list[dict[str, Any]] = []
        self._listener = threading.Thread(target=self._listen)
        self._listener.start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        self.said.extend(map(json.loads, self._process.stdout))

    def wait(self, since: float) -> None:
        """Wait until some conversations have begun since that moment."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while sum(one["at"] > since for one in self.said) < CONVERSATIONS:
            assert time.monotonic() < deadline, "it opens no conversations"
            time.sleep(0.05)

    def end(self) -> None:
        """End the process and hear it out."""
        with self._process as process:
            assert process.stdin is not None
            process.stdin.close()
            self._listener.join(PATIENCE_SECONDS)
        assert process.returncode == 0


def test_the_next_conversation_in_every_process_gets_what_went_live(
    template: PromptTemplate,
) -> None:
    version_publish(draft=editable(template))
    widget = Widget.objects.create(name="Shop", prompt_template=template)
    openers = [Opener(widget) for _ in range(PROCESSES)]
    turns: list[Turn] = []

    def move(deed: Callable[[], object]) -> None:
        deed()
        committed_at = time.time()
        template.refresh_from_db()
        assert template.live is not None
        for opener in openers:
            opener.wait(committed_at)
        turns.append(Turn(committed_at, time.time(), template.live.number or 0))

    try:
        for opener in openers:
            opener.wait(0)
        assert {one["version"] for opener in openers for one in opener.said} == {1}
        move(lambda: version_publish(draft=draft(template, "v2")))
        move(lambda: version_revert(template=template, version=template.versions.get(number=1)))
        hour = datetime.now(UTC) + timedelta(hours=1)
        schedule_create(version=draft(template, "v3"), hours=Hours(hour))
        move(lambda: schedules_run(hour))
    finally:
        for opener in openers:
            opener.end()
    answers = [opener.said for opener in openers]
    print(f"\n{connection.vendor}: {figures(answers, turns)}")  # noqa: T201  # to be quoted
    for said in answers:
        for turn in turns:
            began = [one for one in said if turn.committed_at < one["at"] < turn.ended_at]
            assert len(began) >= CONVERSATIONS
            # Whoever asks after the commit gets it: there is nothing in between that could lag.
            assert {one["version"] for one in began} == {turn.number}


def figures(answers: list[list[dict[str, Any]]], turns: list[Turn]) -> str:
    """Return how many conversations began, and when the first one after each move did."""
    firsts = [
        min(one["at"] - turn.committed_at for one in process if one["at"] > turn.committed_at)
        for process in answers
        for turn in turns
    ]
    soonest = ", ".join(f"{first * 1000:.0f}" for first in firsts)
    return f"{sum(map(len, answers))} conversations; the first after each move came at {soonest} ms"
