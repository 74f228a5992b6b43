"""What customers leave is kept once, by its owner alone, and closed once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from conversations.chat.services import Visit, message_receive
from conversations.chat.team import team_told
from conversations.errors import (
    ConversationError,
    EmptyMessageError,
    InvalidAnswerAddressError,
    ManyOpenError,
    MessageConflictError,
    MessageTooLongError,
    NoWayToTeamError,
    UnknownConversationError,
)
from conversations.models import Conversation, Offer, Reply, TeamMessage, Widget
from conversations.team.services import (
    MOST_OPEN,
    Letter,
    team_message_close,
    team_message_leave,
)

pytestmark = pytest.mark.django_db

LETTER = Letter(id=uuid4(), name=" Ada\nL. ", email=" ada@example.org ", text=" Call me. ")
NOW = timezone.now()


@pytest.fixture
def widget(widget: Widget) -> Widget:
    widget.team_offers = [Offer.ALWAYS]
    widget.team_recipients = ["team@shop.example"]
    widget.save()
    return widget


def leave(visit: Visit, conversation: UUID | None = None, **changes: Any) -> UUID:
    letter = replace(LETTER, **changes)
    return team_message_leave(visit=visit, conversation=conversation, letter=letter, now=NOW)


def test_it_is_kept_tidy_beside_its_conversation(visit: Visit, conversation: UUID) -> None:
    revision = Conversation.objects.get().revision
    assert leave(visit, conversation) == conversation
    row = TeamMessage.objects.get()
    assert (row.name, row.email, row.text) == ("Ada L.", "ada@example.org", "Call me.")
    assert (row.mail_due_at, row.closed_at) == (NOW, None)
    assert Conversation.objects.get().revision == revision + 1  # other tabs hear of it


def test_before_the_first_message_a_conversation_begins_without_a_turn(visit: Visit) -> None:
    begun = leave(visit)
    row = Conversation.objects.get()
    assert (row.pk, row.message_count, row.outcome) == (begun, 0, "")
    receipt = message_receive(
        visit=visit, conversation=begun, client_id=uuid4(), text="Hello?", owner=""
    )
    assert receipt.position == 1


def test_the_name_of_a_conversation_says_not_who_left_it(visit: Visit) -> None:
    leave(visit, text="I am ada l., write to ada@example.org")
    assert Conversation.objects.get().opening == "I am •••, write to •••"
    assert TeamMessage.objects.get().text == "I am ada l., write to ada@example.org"


def test_a_repeat_is_harmless_and_other_words_under_its_id_are_not(visit: Visit) -> None:
    assert leave(visit) == leave(visit)
    assert TeamMessage.objects.count() == 1
    with pytest.raises(MessageConflictError):
        leave(visit, text="Other words")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"text": " \n "}, EmptyMessageError),
        ({"text": "a" * 4001}, MessageTooLongError),
        ({"name": "a" * 81}, MessageTooLongError),
        ({"email": ""}, InvalidAnswerAddressError),
        ({"email": "ada"}, InvalidAnswerAddressError),
        ({"email": "ada@example.org\nBcc: all@example.org"}, InvalidAnswerAddressError),
        ({"email": "ada@\ud800.org"}, InvalidAnswerAddressError),
        ({"email": '"\x01ada"@example.org'}, InvalidAnswerAddressError),
        ({"email": f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}"}, ConversationError),
    ],
)
def test_what_nobody_could_answer_is_refused(
    visit: Visit, changes: dict[str, Any], error: type[ConversationError]
) -> None:
    with pytest.raises(error):
        leave(visit, **changes)
    assert not TeamMessage.objects.exists()
    assert not Conversation.objects.exists()


def test_a_widget_that_offers_nothing_takes_nothing(visit: Visit, widget: Widget) -> None:
    Widget.objects.update(team_offers=[])
    with pytest.raises(NoWayToTeamError):
        leave(visit)


def test_nobody_leaves_anything_in_another_s_conversation(visit: Visit, conversation: UUID) -> None:
    with pytest.raises(UnknownConversationError):
        leave(replace(visit, visitor=uuid4()), conversation)
    assert not TeamMessage.objects.exists()


def test_one_customer_does_not_fill_the_team_s_list(visit: Visit) -> None:
    for _ in range(MOST_OPEN):
        leave(visit, id=uuid4())
    with pytest.raises(ManyOpenError):
        leave(visit, id=uuid4())
    leave(replace(visit, visitor=uuid4()), id=uuid4())


@pytest.mark.django_db(transaction=True)
def test_many_at_once_are_no_way_around_that(visit: Visit) -> None:
    ready = threading.Barrier(MOST_OPEN + 3, timeout=20)

    def come() -> None:
        ready.wait()
        try:
            with suppress(ManyOpenError):
                leave(visit, id=uuid4())
        finally:
            connection.close()

    threads = [threading.Thread(target=come) for _ in range(ready.parties)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert TeamMessage.objects.count() == MOST_OPEN


def test_without_recipients_no_mail_is_due(visit: Visit, widget: Widget) -> None:
    Widget.objects.update(team_recipients=[])
    leave(visit)
    assert TeamMessage.objects.get().mail_due_at is None


def test_it_is_closed_once_with_who_and_why(visit: Visit, conversation: UUID) -> None:
    leave(visit, conversation)
    message, by = TeamMessage.objects.get(), User.objects.create(username="kim")
    close: Callable[[], bool] = lambda: team_message_close(  # noqa: E731 - twice the same
        message=message.pk, conversation=conversation, note=" Called. ", by=by, now=NOW
    )
    assert close()
    row = TeamMessage.objects.get()
    assert (row.closed_at, row.closed_by, row.note) == (NOW, by, "Called.")
    assert row.mail_due_at is None
    assert not close()


def test_of_another_conversation_nothing_is_closed(visit: Visit, conversation: UUID) -> None:
    other = leave(visit)
    message, by = TeamMessage.objects.get(), User.objects.create(username="kim")
    assert other != conversation
    assert not team_message_close(
        message=message.pk, conversation=conversation, note="", by=by, now=NOW
    )


def test_the_customer_is_told_that_it_waits_and_that_it_is_closed(
    visit: Visit, widget: Widget, conversation: UUID
) -> None:
    assert team_told(widget.pk, None, NOW).told == {"way": "menu", "asked": []}
    leave(visit, conversation)
    told = team_told(widget.pk, conversation, NOW)
    assert told.told is not None
    [asked] = told.told["asked"]
    assert (asked["email"], asked["open"]) == ("ada@example.org", True)
    assert told.revision == Conversation.objects.get().revision
    TeamMessage.objects.update(closed_at=NOW + timedelta(hours=1))
    after = team_told(widget.pk, conversation, NOW).told
    assert after is not None
    assert not after["asked"][0]["open"]


def test_a_widget_without_a_way_tells_nothing(widget: Widget) -> None:
    Widget.objects.update(team_offers=[])
    assert team_told(widget.pk, None, NOW).told is None


def test_the_assistants_offer_stands_for_twenty_answers(
    visit: Visit, widget: Widget, conversation: UUID
) -> None:
    Widget.objects.update(team_offers=[Offer.ASSISTANT])
    assert team_told(widget.pk, conversation, NOW).told is None
    Reply.objects.update(offers_team=True)
    for messages, way in ((2, "offer"), (41, "offer"), (42, None)):
        Conversation.objects.update(message_count=messages)
        told = team_told(widget.pk, conversation, NOW).told
        assert (told and told["way"]) == way


OFFICE = {"mon": "09:00-17:00", "tue": "09:00-17:00"}


@pytest.mark.parametrize(
    ("clock", "way", "until"),
    [("08:59", "offer", "09:00"), ("09:00", None, "17:00"), ("17:00", "offer", None)],
)
def test_the_way_is_told_with_the_moment_that_changes_it(
    widget: Widget, clock: str, way: str | None, until: str | None
) -> None:
    Widget.objects.update(team_offers=[Offer.AWAY], office_hours=OFFICE, time_zone="UTC")
    monday = "2026-11-23"
    told = team_told(widget.pk, None, datetime.fromisoformat(f"{monday}T{clock}Z"))
    assert (told.told and told.told["way"]) == way
    expected = f"{monday}T{until}Z" if until else "2026-11-24T09:00Z"
    assert told.until == datetime.fromisoformat(expected)


def test_where_the_hours_are_no_condition_no_moment_changes_it(widget: Widget) -> None:
    Widget.objects.update(team_offers=[Offer.ALWAYS], office_hours=OFFICE, time_zone="UTC")
    assert team_told(widget.pk, None, NOW).until is None
