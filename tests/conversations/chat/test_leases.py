from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from conversations.chat.leases import (
    Claim,
    Ending,
    Spoken,
    conversations_waiting,
    replies_checkpoint,
    reply_claim_next,
    reply_end,
    reply_release,
    reply_restart,
)
from conversations.chat.services import Visit, message_receive, reply_stop
from conversations.models import Conversation, Message, Reply, ReplyStatus

OURS, THEIRS = "process-1", "process-2"
COMPLETE = Ending(status=ReplyStatus.COMPLETE, text="At nine.", model="sandbox-1")


@pytest.fixture
def claim(visit: Visit) -> Claim:
    """A running reply of this process."""
    receipt = message_receive(
        visit=visit, conversation=None, client_id=uuid4(), text="Open?", owner=OURS
    )
    assert receipt.claim
    return receipt.claim


def lapse() -> None:
    Reply.objects.update(lease_until=timezone.now() - timedelta(seconds=1))


def text() -> str:
    return Message.objects.get(author="assistant").text


def revision() -> int:
    return Conversation.objects.get().revision


def test_a_running_reply_is_nobody_elses(claim: Claim) -> None:
    assert reply_claim_next(claim.conversation, THEIRS) == (None, False)
    assert conversations_waiting() == []


def test_a_lapsed_lease_is_taken_over_as_the_next_attempt(claim: Claim) -> None:
    lapse()
    assert conversations_waiting() == [claim.conversation]
    taken, has_news = reply_claim_next(claim.conversation, THEIRS)
    assert taken
    assert has_news
    assert (taken.owner, taken.attempt, taken.may_restart) == (THEIRS, 2, False)


def test_a_reply_is_begun_again_once_and_then_interrupted(claim: Claim) -> None:
    for _ in range(2):
        replies_checkpoint([Spoken(claim, "At n")])
        lapse()
        taken, has_news = reply_claim_next(claim.conversation, THEIRS)
        assert has_news
        claim = taken or claim
    assert taken is None
    reply = Reply.objects.get()
    assert (reply.status, reply.error_code, text()) == ("interrupted", "process_lost", "At n")


def test_what_never_said_a_word_has_failed(claim: Claim) -> None:
    for _ in range(2):
        lapse()
        reply_claim_next(claim.conversation, THEIRS)
    assert Reply.objects.get().status == ReplyStatus.FAILED


def test_a_stop_outlives_the_process_that_should_have_heard_it(claim: Claim) -> None:
    replies_checkpoint([Spoken(claim, "At n")])
    reply_stop(conversation=claim.conversation, position=2)
    lapse()
    assert reply_claim_next(claim.conversation, THEIRS) == (None, True)
    assert (Reply.objects.get().status, text()) == ("stopped", "At n")


def test_a_frozen_process_that_wakes_up_changes_nothing(claim: Claim) -> None:
    lapse()
    taken, _ = reply_claim_next(claim.conversation, THEIRS)
    assert taken
    replies_checkpoint([Spoken(taken, "theirs")])
    before = revision()

    assert replies_checkpoint([Spoken(claim, "ours")]).lost == {claim.reply}
    assert reply_end(claim, COMPLETE) == (False, None)
    assert reply_restart(claim) is None
    reply_release(claim, "ours")
    assert (text(), revision(), Reply.objects.get().owner) == ("theirs", before, THEIRS)


def test_an_end_is_written_with_what_was_learned(claim: Claim) -> None:
    before = revision()
    assert reply_end(claim, COMPLETE) == (True, None)
    reply = Reply.objects.get()
    assert (reply.status, reply.model, text()) == ("complete", "sandbox-1", "At nine.")
    assert Message.objects.get(author="assistant").revision == revision() == before + 1
    assert reply_end(claim, COMPLETE) == (False, None)


def test_a_checkpoint_saves_renews_and_hears_of_stops(claim: Claim) -> None:
    lapse()
    assert not replies_checkpoint([Spoken(claim, "At n")]).stop
    assert text() == "At n"
    assert conversations_waiting() == []
    reply_stop(conversation=claim.conversation, position=2)
    assert replies_checkpoint([Spoken(claim, "At ni")]).stop == {claim.reply}


def test_a_checkpoint_is_silent_for_sockets(claim: Claim) -> None:
    before = revision()
    replies_checkpoint([Spoken(claim, "At n")])
    assert revision() == before


def test_a_broken_attempt_begins_again_from_nothing(claim: Claim) -> None:
    replies_checkpoint([Spoken(claim, "At n")])
    again = reply_restart(claim)
    assert again
    assert (again.attempt, again.may_restart, text()) == (2, False, "")


def test_a_released_reply_waits_for_another_process(claim: Claim) -> None:
    reply_release(claim, "At n")
    assert text() == "At n"
    assert conversations_waiting() == [claim.conversation]


def test_the_next_in_the_queue_waits_for_the_one_before(claim: Claim, visit: Visit) -> None:
    message_receive(
        visit=visit, conversation=claim.conversation, client_id=uuid4(), text="And?", owner=OURS
    )
    assert conversations_waiting() == []
    reply_end(claim, COMPLETE)
    assert conversations_waiting() == [claim.conversation]
    following, _ = reply_claim_next(claim.conversation, OURS)
    assert following
    assert following.reply != claim.reply


def test_an_end_claims_the_next_in_the_same_breath(claim: Claim, visit: Visit) -> None:
    message_receive(
        visit=visit, conversation=claim.conversation, client_id=uuid4(), text="And?", owner=OURS
    )
    is_ours, following = reply_end(claim, COMPLETE, goes_on=True)
    assert is_ours
    assert following
    assert (following.owner, following.attempt) == (OURS, 1)
    assert following.reply != claim.reply
