"""What was erased is nowhere: no row, no word under way, no way back."""

from __future__ import annotations

from uuid import uuid4

import pytest

from conversations.chat.leases import Ending, Spoken, replies_checkpoint, reply_end, reply_restart
from conversations.chat.services import Opinion, Receipt, Visit, reply_rate, reply_stop
from conversations.errors import UnknownConversationError
from conversations.models import (
    Conversation,
    Message,
    Rating,
    RatingReason,
    RatingValue,
    Reply,
    ReplyStatus,
    TeamMessage,
)
from conversations.privacy.erasure import conversation_erase
from tests.conversations.privacy.canaries import (
    ANSWERED,
    CANARIES,
    LEFT,
    LIVE,
    THOUGHT,
    ask,
    tables,
)


@pytest.fixture
def live_instructions() -> str:
    """A prompt with which the sandbox says the canary, and goes on for a while."""
    return LIVE


def answered(visit: Visit) -> Receipt:
    receipt = ask(visit)
    assert receipt.claim
    reply_end(receipt.claim, Ending(status=ReplyStatus.COMPLETE, text=f"{ANSWERED}."))
    opinion = Opinion(RatingValue.DOWN, RatingReason.WRONG, THOUGHT)
    reply_rate(conversation=receipt.conversation, position=2, opinion=opinion)
    TeamMessage.objects.create(
        conversation_id=receipt.conversation,
        client_id=uuid4(),
        name=LEFT,
        email=f"{LEFT}@example.org",
        text=LEFT,
        note=LEFT,
    )
    return receipt


def test_no_table_holds_a_word_of_it(visit: Visit) -> None:
    receipt = answered(visit)
    held = tables()
    assert all(canary in held for canary in CANARIES)
    conversation_erase(conversation=receipt.conversation)
    left = tables()
    assert not any(canary in left for canary in CANARIES)
    for model in (Conversation, Message, Reply, Rating, TeamMessage):
        assert not model.objects.exists(), model


def test_another_conversation_of_the_same_visitor_stays(visit: Visit) -> None:
    kept, erased = answered(visit), answered(visit)
    conversation_erase(conversation=erased.conversation)
    assert [row.pk for row in Conversation.objects.all()] == [kept.conversation]
    assert (Message.objects.count(), Rating.objects.count()) == (2, 1)


def test_it_says_which_replies_are_gone_and_which_of_them_were_open(visit: Visit) -> None:
    receipt = answered(visit)
    ask(visit, receipt.conversation)
    first, second = Reply.objects.order_by("message__position").values_list("pk", flat=True)
    erased = conversation_erase(conversation=receipt.conversation)
    assert set(erased.replies) == {first, second}
    assert erased.open_replies == (second,)


def test_what_is_gone_cannot_be_erased_again(visit: Visit) -> None:
    receipt = answered(visit)
    conversation_erase(conversation=receipt.conversation)
    with pytest.raises(UnknownConversationError):
        conversation_erase(conversation=receipt.conversation)


def test_a_run_that_still_speaks_brings_nothing_back(visit: Visit) -> None:
    receipt = ask(visit)
    claim = receipt.claim
    assert claim
    conversation_erase(conversation=receipt.conversation)
    assert replies_checkpoint([Spoken(claim, ANSWERED)]).lost == {claim.reply}
    for write in (
        lambda: reply_end(claim, Ending(status=ReplyStatus.COMPLETE, text=ANSWERED)),
        lambda: reply_restart(claim),
        lambda: reply_stop(conversation=receipt.conversation, position=2),
        lambda: ask(visit, receipt.conversation),
    ):
        with pytest.raises(UnknownConversationError):
            write()
    assert not any(canary in tables() for canary in CANARIES)
