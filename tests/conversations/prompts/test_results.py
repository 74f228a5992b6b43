"""What a test has found, counted by conversation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

from conversations.models import (
    Author,
    Conversation,
    Message,
    PromptSplit,
    PromptVersion,
    Rating,
    Reply,
    ReplyStatus,
    Verdict,
    Widget,
)
from conversations.prompts.evidence import Share
from conversations.prompts.evidence import Verdict as Finding
from conversations.prompts.results import Metric, split_results, version_shares
from conversations.prompts.splits import split_end
from gateway.models import Call


def converse(
    widget: Widget,
    version: PromptVersion,
    *statuses: ReplyStatus,
    rating: str = "",
    tokens: int | None = 100,
    cost: str | None = None,
    at: datetime | None = None,
) -> Conversation:
    """Add a conversation that has got these answers."""
    at = at or datetime.now(UTC)
    conversation = Conversation.objects.create(
        widget=widget, visitor=uuid4(), prompt_version=version, created_at=at
    )
    for number, status in enumerate(statuses):
        reply = _answered(conversation, number, status, tokens)
        if rating:
            Rating.objects.create(reply=reply, value=rating)
    if cost is not None:
        Call.objects.create(
            outcome="succeeded",
            cost=Decimal(cost) if cost else None,
            currency="USD" if cost else "",
            conversation=str(conversation.pk),
            prompt_version=str(version.pk),
            started_at=at,
        )
    return conversation


def _answered(
    conversation: Conversation, number: int, status: ReplyStatus, tokens: int | None
) -> Reply:
    question, answer = (
        Message.objects.create(
            conversation=conversation,
            position=2 * number + offset,
            author=author,
            created_at=conversation.created_at,
        )
        for offset, author in ((1, Author.CUSTOMER), (2, Author.ASSISTANT))
    )
    return Reply.objects.create(
        message=answer,
        question=question,
        prompt_version=conversation.prompt_version,
        status=status,
        completion_tokens=tokens,
    )


def metrics(split: PromptSplit) -> dict[str, Metric]:
    return {metric.name: metric for metric in split_results(split).metrics}


DONE, STOPPED, FAILED = ReplyStatus.COMPLETE, ReplyStatus.STOPPED, ReplyStatus.FAILED


def test_a_conversation_counts_once_whatever_happens_in_it(
    split: PromptSplit, widget: Widget
) -> None:
    converse(widget, split.control, STOPPED, STOPPED, STOPPED, rating="down")
    converse(widget, split.control, DONE, rating="up")
    converse(widget, split.challenger, DONE, FAILED, DONE)
    converse(widget, split.challenger, ReplyStatus.RUNNING, ReplyStatus.QUEUED)
    found = metrics(split)
    assert split_results(split).conversations == (2, 1)
    assert (found["stopped"].control, found["stopped"].challenger) == (Share(1, 2), Share(0, 1))
    assert (found["failed"].control, found["failed"].challenger) == (Share(0, 2), Share(1, 1))
    assert (found["helpful"].control, found["helpful"].challenger) == (Share(1, 2), Share(0, 0))
    assert {metric.comparison.verdict for metric in found.values()} == {Finding.NOT_ENOUGH}


def test_length_is_of_finished_answers_and_cost_of_whole_conversations(
    split: PromptSplit, widget: Widget
) -> None:
    converse(widget, split.control, DONE, tokens=100, cost="0.25")
    converse(widget, split.control, DONE, tokens=300, cost="0.75")
    converse(widget, split.control, STOPPED, tokens=7)
    converse(widget, split.challenger, DONE, tokens=None, cost="")
    found, results = metrics(split), split_results(split)
    assert (found["length"].control.value, found["length"].control.count) == (200, 2)
    assert found["length"].challenger.count == 0
    assert (found["cost"].control.value, found["cost"].currency) == (0.5, "USD")
    assert found["cost"].challenger.count == 0
    assert results.unpriced == 1


def judge(conversation: Conversation, *judgements: str, attempt: int = 0) -> None:
    """Judge a conversation's answers, one after the other."""
    replies = Reply.objects.filter(message__conversation=conversation).order_by("pk")
    for reply, judgement in zip(replies, judgements, strict=False):
        Verdict.objects.create(reply=reply, attempt=attempt, judgement=judgement)


def test_staffs_verdicts_count_by_conversation_and_on_the_attempt_they_are_about(
    split: PromptSplit, widget: Widget
) -> None:
    judge(converse(widget, split.control, DONE, DONE), "good", "good")
    judge(converse(widget, split.control, DONE, DONE), "good", "rude")
    for stale in ("wrong", "good"):
        judge(converse(widget, split.challenger, DONE), stale, attempt=7)
    converse(widget, split.challenger, DONE)
    judged = metrics(split)["judged"]
    assert (judged.control, judged.challenger) == (Share(1, 2), Share(0, 0))
    assert version_shares(split.control)["judged"] == Share(3, 4)


def test_what_was_before_or_after_the_test_does_not_count(
    split: PromptSplit, widget: Widget
) -> None:
    day = timedelta(days=1)
    converse(widget, split.control, DONE, cost="1", at=split.begun_at - day)
    converse(widget, split.control, DONE, cost="1")
    split_end(split=split)
    converse(widget, split.control, DONE, cost="1", at=datetime.now(UTC) + day)
    results = split_results(split)
    assert results.conversations == (1, 0)
    assert metrics(split)["cost"].control.count == 1


def test_an_answer_after_the_end_does_not_count(split: PromptSplit, widget: Widget) -> None:
    conversation = converse(widget, split.control, DONE, STOPPED)
    split_end(split=split)
    late = Message.objects.filter(conversation=conversation).order_by("position").last()
    assert late is not None
    Message.objects.filter(pk=late.pk).update(created_at=datetime.now(UTC) + timedelta(days=1))
    assert metrics(split)["stopped"].control == Share(0, 1)


def test_enough_conversations_tell_a_difference(split: PromptSplit, widget: Widget) -> None:
    for number in range(40):
        converse(widget, split.control, STOPPED if number % 2 else DONE)
        converse(widget, split.challenger, DONE)
    found = metrics(split)
    assert found["stopped"].comparison.verdict is Finding.LOWER
    assert found["failed"].comparison.verdict is Finding.NO_DIFFERENCE


def test_a_version_tells_how_its_answers_did(split: PromptSplit, widget: Widget) -> None:
    converse(widget, split.control, DONE, STOPPED, rating="up")
    converse(widget, split.control, FAILED, ReplyStatus.INTERRUPTED, rating="down")
    converse(widget, split.challenger, DONE)
    assert version_shares(split.control) == {
        "helpful": Share(2, 4),
        "judged": Share(0, 0),
        "stopped": Share(1, 4),
        "failed": Share(2, 4),
    }
