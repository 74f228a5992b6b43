from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from conversations.chat.leases import Ending, reply_end
from conversations.chat.services import (
    Receipt,
    Visit,
    message_receive,
    reply_retry,
    reply_stop,
)
from conversations.errors import (
    EmptyMessageError,
    MessageConflictError,
    MessageKeptElsewhereError,
    MessageTooLongError,
    UnknownConversationError,
    UnknownReplyError,
    UnknownWidgetError,
)
from conversations.models import Conversation, Customer, Message, Reply, ReplyStatus, Widget

OWNER = "process-1"


def send(
    visit: Visit,
    text: str = "When do you open?",
    conversation: UUID | None = None,
    client_id: UUID | None = None,
    owner: str = OWNER,
) -> Receipt:
    return message_receive(
        visit=visit,
        conversation=conversation,
        client_id=client_id or uuid4(),
        text=text,
        owner=owner,
    )


def test_a_message_opens_a_conversation_and_a_reply(visit: Visit) -> None:
    receipt = send(visit, "  When do you\x00 open?\r\n")
    conversation = Conversation.objects.get(pk=receipt.conversation)
    question, answer = conversation.messages.order_by("position")
    assert (conversation.opening, question.text) == ("When do you open?", "When do you open?")
    assert (question.position, answer.position, receipt.position) == (1, 2, 1)
    assert answer.reply.question == question
    assert receipt.claim
    assert (answer.reply.status, answer.reply.owner, answer.reply.attempt) == ("running", OWNER, 1)


def test_a_repeat_changes_nothing(visit: Visit) -> None:
    client_id = uuid4()
    first = send(visit, client_id=client_id)
    again = send(visit, client_id=client_id)
    on_the_open_one = send(visit, client_id=client_id, conversation=first.conversation)
    assert (again.conversation, again.position) == (first.conversation, 1)
    assert (on_the_open_one.position, on_the_open_one.claim) == (1, None)
    assert Message.objects.count() == 2


def test_the_same_id_with_other_words_is_a_conflict(visit: Visit) -> None:
    client_id = uuid4()
    send(visit, client_id=client_id)
    with pytest.raises(MessageConflictError):
        send(visit, "Something else", client_id=client_id)
    assert Message.objects.count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("goes_on", [False, True], ids=["begins", "goes on"])
def test_a_message_that_two_histories_bring_at_the_same_moment_is_stored_in_one(
    transactional_db: None, visit: Visit, *, goes_on: bool
) -> None:
    customer = Customer.objects.create(widget_id=visit.widget, external_id="ada")
    signed_in = replace(visit, customer=customer.pk)
    before, after = [send(who).conversation if goes_on else None for who in (visit, signed_in)]
    count, client_id = Message.objects.count(), uuid4()
    is_stored, may_commit = Event(), Event()

    def keep(who: Visit, conversation: UUID | None, *, waits: bool) -> str:
        try:
            with transaction.atomic():
                send(who, conversation=conversation, client_id=client_id)
                if waits:
                    is_stored.set()
                    assert may_commit.wait(20)
        except MessageKeptElsewhereError as error:
            return error.code
        finally:
            connection.close()
        return "stored"

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(keep, visit, before, waits=True)
        assert is_stored.wait(20)
        second = threads.submit(keep, signed_in, after, waits=False)
        with pytest.raises(TimeoutError):
            second.result(0.5)  # it waits for its turn
        may_commit.set()
        assert (first.result(20), second.result(20)) == ("stored", "kept_elsewhere")
    assert Message.objects.count() == count + 2


@pytest.mark.django_db(transaction=True)
def test_a_message_sent_fifty_times_at_once_is_one_message(visit: Visit) -> None:
    client_id = uuid4()

    def send_once(_: int) -> UUID:
        try:
            return send(visit, client_id=client_id).conversation
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        conversations = set(threads.map(send_once, range(50)))
    assert len(conversations) == 1
    assert (Message.objects.count(), Reply.objects.count()) == (2, 1)


@pytest.mark.parametrize("text", ["", " \n\t ", "\x00\x1b"])
def test_nothing_is_not_a_message(visit: Visit, text: str) -> None:
    with pytest.raises(EmptyMessageError):
        send(visit, text)
    assert not Conversation.objects.exists()


def test_a_message_has_an_end(visit: Visit) -> None:
    with pytest.raises(MessageTooLongError):
        send(visit, "x" * 4001)
    assert send(visit, "退" * 4000).position == 1


def test_nobody_speaks_in_anothers_conversation(visit: Visit, widget: Widget) -> None:
    receipt = send(visit)
    other_widget = Widget.objects.create(name="B", prompt_template=widget.prompt_template)
    for stranger in (replace(visit, visitor=uuid4()), replace(visit, widget=other_widget.pk)):
        with pytest.raises(UnknownConversationError):
            send(stranger, conversation=receipt.conversation)
    assert Message.objects.count() == 2


def test_a_widget_with_nothing_live_starts_nothing(visit: Visit, widget: Widget) -> None:
    type(widget.prompt_template).objects.update(live=None)
    with pytest.raises(UnknownWidgetError):
        send(visit)


def test_messages_are_answered_in_order(visit: Visit) -> None:
    first = send(visit)
    second = send(visit, "And on Sundays?", first.conversation)
    assert second.claim is None
    assert list(Reply.objects.order_by("message__position").values_list("status", flat=True)) == [
        "running",
        "queued",
    ]


def test_a_process_without_room_leaves_the_reply_in_the_queue(visit: Visit) -> None:
    receipt = send(visit, owner="")
    assert receipt.claim is None
    assert Reply.objects.get().status == ReplyStatus.QUEUED


def test_stop_is_written_down_for_a_running_reply(visit: Visit) -> None:
    receipt = send(visit)
    reply_stop(conversation=receipt.conversation, position=2)
    assert Reply.objects.get().stop_requested_at is not None


def test_stop_ends_a_queued_reply_at_once(visit: Visit) -> None:
    receipt = send(visit, owner="")
    reply_stop(conversation=receipt.conversation, position=2)
    assert Reply.objects.get().status == ReplyStatus.STOPPED


def test_stop_is_harmless_when_the_reply_has_ended(visit: Visit) -> None:
    receipt = send(visit)
    assert receipt.claim
    reply_end(receipt.claim, Ending(status=ReplyStatus.COMPLETE, text="At nine."))
    reply_stop(conversation=receipt.conversation, position=2)
    assert Reply.objects.get().status == ReplyStatus.COMPLETE


def test_only_what_failed_is_tried_again(visit: Visit) -> None:
    receipt = send(visit)
    assert receipt.claim
    assert not reply_retry(conversation=receipt.conversation, position=2)
    reply_end(receipt.claim, Ending(status=ReplyStatus.FAILED, text="", error_code="transient"))
    assert reply_retry(conversation=receipt.conversation, position=2)
    assert Reply.objects.get().status == ReplyStatus.QUEUED


@pytest.mark.parametrize("position", [1, 3])
def test_there_is_no_reply_where_none_stands(visit: Visit, position: int) -> None:
    receipt = send(visit)
    for command in (reply_stop, reply_retry):
        with pytest.raises(UnknownReplyError):
            command(conversation=receipt.conversation, position=position)
