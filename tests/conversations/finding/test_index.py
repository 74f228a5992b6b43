"""Each message is found from the moment it is stored, and no longer than it exists."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from conversations.chat.leases import (
    Claim,
    Ending,
    reply_claim_next,
    reply_end,
    reply_restart,
)
from conversations.chat.services import Visit, message_receive, reply_retry, reply_stop
from conversations.finding.query import query_parse
from conversations.finding.selectors import FREQUENT, conversations_found, hits_first
from conversations.finding.upkeep import conversations_index, index_sweep
from conversations.models import (
    Conversation,
    Message,
    MessageWords,
    Outcome,
    Reply,
    ReplyStatus,
)
from conversations.models.terms import FTS_MATCHES
from tests.database_file import contents

OWNER = "process-1"


def ask(visit: Visit, text: str, conversation: UUID | None = None) -> tuple[UUID, Claim]:
    receipt = message_receive(
        visit=visit, conversation=conversation, client_id=uuid4(), text=text, owner=OWNER
    )
    assert receipt.claim is not None
    return receipt.conversation, receipt.claim


def answer(claim: Claim, text: str, status: ReplyStatus = ReplyStatus.COMPLETE) -> None:
    ending = Ending(status=status, text=text, prompt_tokens=100, completion_tokens=20)
    assert reply_end(claim, ending)[0]


def found(text: str) -> set[UUID]:
    conversations = conversations_found(Conversation.objects.all(), query_parse(text))
    return set(conversations.values_list("pk", flat=True))


def test_a_question_is_found_as_soon_as_it_is_accepted(visit: Visit) -> None:
    conversation, _claim = ask(visit, "Where is my parcel? 我想退款")
    for text in ("parcel", "PARC", "退", "退款", "想退款", '"my parcel"', "退款 parcel"):
        assert found(text) == {conversation}, text
    for text in ("refund", "arcel", "款退", '"parcel my"', "parcel refund", ""):
        assert found(text) == set(), text


def test_an_answer_is_found_once_it_has_ended(visit: Visit) -> None:
    conversation, claim = ask(visit, "Hello")
    assert found("thursday") == set()
    answer(claim, "It comes on *Thursday*.")
    assert found("thursday") == {conversation}


def test_what_a_new_attempt_takes_back_is_not_found(visit: Visit) -> None:
    conversation, claim = ask(visit, "Hello")
    answer(claim, "It comes on Thurs", ReplyStatus.INTERRUPTED)
    assert found("thurs") == {conversation}
    assert reply_retry(conversation=conversation, position=2)
    again, _ = reply_claim_next(conversation, OWNER)
    assert again is not None
    assert found("thurs") == set()
    answer(again, "It comes on Friday.")
    assert (found("thurs"), found("friday")) == (set(), {conversation})


def test_a_restarted_attempt_is_indexed_once(visit: Visit) -> None:
    conversation, claim = ask(visit, "Hello")
    again = reply_restart(claim)
    assert again is not None
    answer(again, "Friday")
    assert found("friday") == {conversation}
    assert MessageWords.objects.count() == 2


@pytest.mark.parametrize("is_stopped", [True, False])
def test_what_a_lost_process_said_is_found(visit: Visit, *, is_stopped: bool) -> None:
    conversation, claim = ask(visit, "Hello")
    Message.objects.filter(pk=claim.reply).update(text="Perhaps Monday")
    changes = {"stop_requested_at": timezone.now()} if is_stopped else {"recoveries": 1}
    Reply.objects.filter(pk=claim.reply).update(lease_until=timezone.now(), **changes)
    assert reply_claim_next(conversation, OWNER) == (None, True)
    assert found("monday") == {conversation}


def test_a_queued_retry_that_is_stopped_keeps_its_words_once(visit: Visit) -> None:
    conversation, claim = ask(visit, "Hello")
    answer(claim, "It comes on Thurs", ReplyStatus.INTERRUPTED)
    reply_retry(conversation=conversation, position=2)
    reply_stop(conversation=conversation, position=2)
    assert found("thurs") == {conversation}


def test_a_message_that_is_sent_twice_is_indexed_once(visit: Visit) -> None:
    client_id = uuid4()
    for _repeat in range(2):
        message_receive(
            visit=visit, conversation=None, client_id=client_id, text="Hello", owner=OWNER
        )
    assert MessageWords.objects.count() == 1


def test_a_message_without_words_harms_nothing(visit: Visit) -> None:
    conversation, claim = ask(visit, "?!")
    answer(claim, "")
    assert ask(visit, "?!", conversation)
    assert Conversation.objects.get().most_repeated == 1


def test_of_a_deleted_conversation_nothing_is_found(visit: Visit) -> None:
    conversation, claim = ask(visit, "Where is my parcel?")
    answer(claim, "On its way")
    Conversation.objects.filter(pk=conversation).delete()
    assert MessageWords.objects.count() == 0
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for word in ("parcel", "way"):
                cursor.execute(FTS_MATCHES, [word])
                assert cursor.fetchall() == []


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="it looks into SQLite's file")
@pytest.mark.django_db(transaction=True)
def test_a_swept_index_holds_no_byte_of_a_deleted_word(visit: Visit) -> None:
    conversation, claim = ask(visit, "my canaryquestion")
    answer(claim, "your canaryanswer")
    for number in range(60):
        ask(visit, f"other words {number}")
    Conversation.objects.filter(pk=conversation).delete()
    index_sweep()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for path, content in contents():
        assert b"canary" not in content, path
    assert len(found("other")) == 60


def test_frequent_words_are_found_as_rare_ones_are(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    both, claim = ask(visit, "parcel 退款")
    answer(claim, "refund")
    one, _claim = ask(visit, "parcel")
    rare = [found("parcel"), found("parcel refund"), found("退"), found("none")]
    monkeypatch.setattr("conversations.finding.selectors.FREQUENT", 1)
    assert [found("parcel"), found("parcel refund"), found("退"), found("none")] == rare
    assert rare == [{both, one}, {both}, {both}, set()]
    assert FREQUENT > 1000


def test_the_first_hit_of_each_conversation_is_shown(visit: Visit) -> None:
    conversation, claim = ask(visit, "Hello")
    answer(claim, "Your refund comes soon")
    ask(visit, "Which refund?", conversation)
    other, _claim = ask(visit, "Hello again")
    hits = hits_first([conversation, other], query_parse("refund"))
    assert set(hits) == {conversation}
    hit = hits[conversation]
    assert (hit.position, hit.count) == (2, 2)
    assert [part.text for part in hit.parts if part.is_hit] == ["refund"]
    assert hits_first([conversation], query_parse("")) == {}


def test_a_conversation_knows_what_became_of_it(visit: Visit) -> None:
    def now() -> tuple[str, int, int]:
        row = Conversation.objects.get()
        return row.outcome, row.failed_count, row.tokens

    conversation, claim = ask(visit, "One")
    assert now() == (Outcome.OPEN, 0, 0)
    answer(claim, "", ReplyStatus.FAILED)
    assert now() == (Outcome.NONE, 1, 120)
    reply_retry(conversation=conversation, position=2)
    assert now() == (Outcome.OPEN, 0, 120)
    again, _ = reply_claim_next(conversation, OWNER)
    assert again is not None
    message_receive(
        visit=visit, conversation=conversation, client_id=uuid4(), text="Two", owner=OWNER
    )
    answer(again, "Bro", ReplyStatus.INTERRUPTED)
    assert now() == (Outcome.OPEN, 1, 240)
    reply_stop(conversation=conversation, position=4)
    assert now() == (Outcome.STOPPED, 1, 240)


def test_a_wish_for_a_person_and_a_loop_are_noticed(visit: Visit) -> None:
    conversation, claim = ask(visit, "Where is it?")
    row = Conversation.objects.get()
    assert (row.has_asked_for_human, row.most_repeated) == (False, 1)
    for text in ("where is it", "An agent, please", "WHERE IS IT?!"):
        answer(claim, "Soon")
        _conversation, claim = ask(visit, text, conversation)
    row.refresh_from_db()
    assert (row.has_asked_for_human, row.most_repeated) == (True, 3)


def test_what_was_never_indexed_is_indexed_in_batches(visit: Visit) -> None:
    before = set()
    for number in range(5):
        conversation, claim = ask(visit, f"Question {number}, 转人工")
        answer(claim, "Answer", ReplyStatus.INTERRUPTED)
        before.add(conversation)
    ask(visit, "Running")
    rows = list(Conversation.objects.order_by("pk").values())
    MessageWords.objects.all().delete()
    Conversation.objects.update(
        outcome="", failed_count=0, has_asked_for_human=False, most_repeated=0, tokens=0
    )
    assert found("question") == set()
    assert len(conversations_index(after=None, batch=2)) == 2
    call_command("reindex", batch=2)
    assert found("question") == found("answer") == before
    assert list(Conversation.objects.order_by("pk").values()) == rows
    assert MessageWords.objects.count() == 11
    assert conversations_index(after=None, batch=2) == []


def test_everything_is_indexed_anew_on_demand(visit: Visit) -> None:
    first, second = sorted(ask(visit, text)[0] for text in ("One thing", "Other thing"))
    MessageWords.objects.all().delete()
    call_command("reindex", all=True, after=first)
    assert found("thing") == {second}
    call_command("reindex", all=True, batch=1)
    assert found("thing") == {first, second}
