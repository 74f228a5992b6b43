"""Conversations go once their widget's days are over, and no others."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from io import StringIO
from uuid import UUID, uuid4

import pytest
from django.core.management import call_command
from django.utils import timezone

from conversations.chat.pokes import Pokes
from conversations.chat.runs import Runs
from conversations.chat.services import Visit, message_receive
from conversations.chat.streamlog import MemoryStreamLog
from conversations.jobs import apply_retention
from conversations.models import Conversation, Message, Widget
from conversations.privacy import retention
from conversations.privacy.retention import Outlived, outlived_count, retention_apply
from gateway.db import db

pytestmark = pytest.mark.django_db(transaction=True)

NOW = timezone.now()


def begin(visit: Visit, *, days_ago: float) -> UUID:
    """Return a conversation that was last active so long ago."""
    receipt = message_receive(
        visit=visit, conversation=None, client_id=uuid4(), text="When do you open?", owner=""
    )
    Conversation.objects.filter(pk=receipt.conversation).update(
        active_at=NOW - timedelta(days=days_ago)
    )
    return receipt.conversation


def keep(widget: Widget, days: int | None) -> None:
    widget.retention_days = days
    widget.save(update_fields=["retention_days"])


async def applied(now: datetime = NOW) -> int:
    return await retention_apply(now, Runs("ours", MemoryStreamLog(), Pokes()))


def left() -> set[UUID]:
    return set(Conversation.objects.values_list("pk", flat=True))


async def test_only_what_is_past_its_days_goes(visit: Visit, widget: Widget) -> None:
    await db.write(keep, widget, 30)
    old = await db.write(begin, visit, days_ago=30.1)
    young = await db.write(begin, visit, days_ago=29.9)
    assert await applied() == 1
    assert await db(left) == {young}
    assert not await db(Message.objects.filter(conversation=old).exists)


def elsewhere(visit: Visit, widget: Widget) -> UUID:
    """Return an old conversation on a widget that keeps everything."""
    other = Widget.objects.create(name="Other", prompt_template=widget.prompt_template)
    return begin(replace(visit, widget=other.pk), days_ago=1000)


async def test_each_widget_has_days_of_its_own(visit: Visit, widget: Widget) -> None:
    await db.write(keep, widget, 1)
    await db.write(begin, visit, days_ago=2)
    kept = await db.write(elsewhere, visit, widget)
    assert await applied() == 1
    assert await db(left) == {kept}


async def test_a_widget_without_days_keeps_everything(visit: Visit, widget: Widget) -> None:
    kept = await db.write(begin, visit, days_ago=10_000)
    assert await applied() == 0
    assert await db(left) == {kept}


async def test_more_than_a_batch_goes_in_batches(
    visit: Visit, widget: Widget, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    await db.write(keep, widget, 1)
    for _ in range(5):
        await db.write(begin, visit, days_ago=2)
    assert await applied() == 5
    assert await db(left) == set()


async def test_what_somebody_else_erases_meanwhile_is_passed_over(
    visit: Visit, widget: Widget, monkeypatch: pytest.MonkeyPatch
) -> None:
    await db.write(keep, widget, 1)
    await db.write(begin, visit, days_ago=2)
    found = retention._batch  # noqa: SLF001 - what the test comes between

    def beforehand(now: datetime) -> list[UUID]:
        batch = found(now)
        Conversation.objects.filter(pk__in=batch).delete()
        return batch

    monkeypatch.setattr(retention, "_batch", beforehand)
    assert await applied() == 0


async def test_housekeeping_does_it(visit: Visit, widget: Widget) -> None:
    await db.write(keep, widget, 1)
    await db.write(begin, visit, days_ago=2)
    await apply_retention()
    assert await db(left) == set()


def test_the_command_says_what_would_go_and_erases_only_when_told(
    visit: Visit, widget: Widget
) -> None:
    keep(widget, 7)
    old = begin(visit, days_ago=8)
    assert outlived_count(NOW) == [Outlived(widget.name, 7, 1)]
    said = StringIO()
    call_command("purge", dry_run=True, stdout=said)
    assert said.getvalue() == f"{widget.name}: 1 older than 7 days\n"
    assert left() == {old}
    call_command("purge", stdout=said)
    assert said.getvalue().endswith("Erased 1.\n")
    assert left() == set()


def test_the_command_says_that_everything_is_kept(widget: Widget) -> None:
    said = StringIO()
    call_command("purge", stdout=said)
    assert "everything is kept" in said.getvalue()
