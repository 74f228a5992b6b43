from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.chat.leases import Claim
from conversations.chat.prompt import history_trim, reply_request, tokens_estimate
from conversations.chat.services import Visit, message_receive
from conversations.models import Message, PromptVersion, Reply, Widget
from gateway.engine.types import ChatMessage, Role


def test_chinese_counts_more_than_latin() -> None:
    assert tokens_estimate("退货政策是什么") > tokens_estimate("returns")


def test_the_newest_messages_stay() -> None:
    newest_first = [ChatMessage(Role.USER, text * 40) for text in "cba"]
    kept = history_trim(newest_first, 2 * tokens_estimate("x" * 40))
    assert [message.content[0] for message in kept] == ["b", "c"]


def test_the_question_itself_always_stays() -> None:
    assert len(history_trim([ChatMessage(Role.USER, "x" * 4000)], 1)) == 1


@given(st.lists(st.text()), st.integers(0, 500))
def test_it_keeps_an_unbroken_end_of_the_history(texts: list[str], budget: int) -> None:
    newest_first = [ChatMessage(Role.USER, text) for text in texts]
    kept = history_trim(newest_first, budget)
    assert kept == newest_first[: len(kept)][::-1]
    assert len(kept) <= 1 or sum(tokens_estimate(m.content) for m in kept) <= budget


def claimed(visit: Visit, text: str, conversation: UUID | None = None) -> Claim:
    receipt = message_receive(
        visit=visit, conversation=conversation, client_id=uuid4(), text=text, owner="me"
    )
    assert receipt.claim is not None
    return receipt.claim


@pytest.mark.django_db
def test_a_reply_is_counted_for_its_widget_and_its_customer(visit: Visit) -> None:
    request = reply_request(claimed(visit, "When do you open?"))
    assert request.scopes == {"widget": str(visit.widget), "customer": str(visit.visitor)}
    assert request.labels.items() >= request.scopes.items()


@pytest.mark.django_db
def test_only_a_template_that_allows_it_has_its_first_answers_repeated(visit: Visit) -> None:
    assert reply_request(claimed(visit, "When do you open?")).cache is None
    template = Widget.objects.get().prompt_template
    template.live = PromptVersion.objects.create(
        template=template, number=2, instructions="Q: When do you open?", may_cache=True
    )
    template.save()
    claim = claimed(visit, "When do you open?")
    first = reply_request(claim).cache
    stranger = reply_request(claimed(replace(visit, visitor=uuid4()), "When do you open?")).cache
    assert first == stranger
    assert first is not None
    assert str(visit.widget) in first.scope
    Message.objects.filter(pk=claim.reply).update(text="At nine.")
    Reply.objects.filter(pk=claim.reply).update(status="complete", owner="", lease_until=None)
    later = claimed(visit, "And on Sundays?", claim.conversation)
    assert reply_request(later).cache is None
