"""A share of new conversations gets another version, and what is found is counted honestly."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from hypothesis import given
from hypothesis import strategies as st

from conversations.chat.services import Visit, message_receive
from conversations.models import (
    Author,
    Conversation,
    Message,
    PromptMove,
    PromptSplit,
    PromptTemplate,
    PromptVersion,
    Rating,
    Reply,
    ReplyStatus,
    Verdict,
    Widget,
)
from conversations.prompt_errors import PublishConflictError, SecondPersonError
from conversations.prompts.assignment import Choice, is_challenged
from conversations.prompts.content import PromptContent
from conversations.prompts.evidence import Share
from conversations.prompts.evidence import Verdict as Finding
from conversations.prompts.results import Metric, split_results, version_shares
from conversations.prompts.schedules import Hours, schedule_create, schedules_run
from conversations.prompts.services import (
    draft_save,
    template_create,
    version_publish,
    version_to_edit,
)
from conversations.prompts.splits import split_begin, split_end, split_running
from conversations.schedule_errors import NothingToTestError, SplitClosedError, SplitRunningError
from gateway.models import Call


@pytest.fixture
def template(db: None) -> PromptTemplate:
    template = template_create(name="Shop", content=PromptContent(instructions="Everyday."))
    version_publish(draft=editable(template))
    template.refresh_from_db()
    return template


@pytest.fixture
def widget(template: PromptTemplate) -> Widget:
    return Widget.objects.create(name="Shop", prompt_template=template)


@pytest.fixture
def split(template: PromptTemplate) -> PromptSplit:
    return split_begin(challenger=draft(template))


def editable(template: PromptTemplate) -> PromptVersion:
    version = version_to_edit(template)
    assert version is not None
    return version


def draft(template: PromptTemplate, instructions: str = "Bolder.") -> PromptVersion:
    return draft_save(
        template=template,
        content=PromptContent(instructions=instructions),
        seen=editable(template).changed_at,
    )


@given(split=st.integers(1, 10**6), conversation=st.uuids(), percent=st.integers(1, 98))
def test_the_draw_is_the_same_always_and_a_larger_share_keeps_whom_it_has(
    split: int, conversation: UUID, percent: int
) -> None:
    drawn = is_challenged(split, conversation, percent)
    assert is_challenged(split, UUID(conversation.hex), percent) is drawn
    assert not drawn or is_challenged(split, conversation, percent + 1)


@pytest.mark.parametrize("percent", [1, 10, 50, 90])
def test_each_version_gets_its_share(percent: int) -> None:
    drawn = sum(is_challenged(7, UUID(int=number), percent) for number in range(20_000))
    assert drawn / 20_000 == pytest.approx(percent / 100, abs=0.012)


def test_another_test_draws_anew() -> None:
    ids = [UUID(int=number) for number in range(400)]
    draws = [[is_challenged(split, one, 50) for one in ids] for split in (1, 2)]
    same = sum(one == other for one, other in zip(*draws, strict=True))
    assert 140 < same < 260


def test_a_draft_that_is_tested_is_final_and_not_live(split: PromptSplit) -> None:
    assert (split.control.number, split.challenger.number, split.percent) == (1, 2, 50)
    split.template.refresh_from_db()
    assert split.template.live == split.control
    assert editable(split.template) == split.challenger


def test_new_conversations_draw_and_keep_what_they_drew(split: PromptSplit, widget: Widget) -> None:
    drawn = set()
    for _ in range(30):
        visit = Visit(widget=widget.pk, visitor=uuid4())
        receipt = message_receive(
            visit=visit, conversation=None, client_id=uuid4(), text="Hi", owner=""
        )
        again = message_receive(
            visit=visit,
            conversation=receipt.conversation,
            client_id=uuid4(),
            text="And now?",
            owner="",
        )
        versions = Reply.objects.filter(message__conversation=again.conversation).values_list(
            "prompt_version", flat=True
        )
        assert len(set(versions)) == 1
        conversation = Conversation.objects.get(pk=receipt.conversation)
        assert conversation.prompt_version_id in versions
        is_drawn = is_challenged(split.pk, receipt.conversation, split.percent)
        drawn_for_it = split.challenger_id if is_drawn else split.control_id
        assert conversation.prompt_version_id == drawn_for_it
        drawn.add(conversation.prompt_version_id)
    assert drawn == {split.control_id, split.challenger_id}


def test_without_a_test_what_is_live_is_drawn() -> None:
    assert Choice(live=5).draw(uuid4()) == 5


def begun_with(widget: Widget) -> set[int]:
    """Return the versions that some new conversations begin with."""
    versions = set()
    for _ in range(40):
        visit = Visit(widget=widget.pk, visitor=uuid4())
        receipt = message_receive(
            visit=visit, conversation=None, client_id=uuid4(), text="Hi", owner=""
        )
        versions.add(Conversation.objects.get(pk=receipt.conversation).prompt_version_id)
    return versions


def test_a_test_of_another_template_or_one_that_is_over_concerns_nobody(
    split: PromptSplit,
) -> None:
    template = template_create(name="Other", content=PromptContent(instructions="x"))
    live = version_publish(draft=editable(template))
    other = Widget.objects.create(name="Other", prompt_template=template)
    assert begun_with(other) == {live.pk}
    widget = Widget.objects.create(name="Ours", prompt_template=split.template)
    assert begun_with(widget) == {split.control_id, split.challenger_id}
    split_end(split=split)
    assert begun_with(widget) == {split.control_id}


def test_a_template_has_one_test_at_a_time(split: PromptSplit) -> None:
    with pytest.raises(SplitRunningError):
        split_begin(challenger=draft(split.template))
    split_end(split=split)
    assert split_begin(challenger=editable(split.template)).pk != split.pk


def test_what_makes_no_test_is_refused(template: PromptTemplate) -> None:
    assert template.live is not None
    with pytest.raises(NothingToTestError):
        split_begin(challenger=template.live)
    for percent in (0, 100, -1):
        with pytest.raises(NothingToTestError):
            split_begin(challenger=draft(template), percent=percent)
    fresh = template_create(name="Fresh", content=PromptContent(instructions="x"))
    with pytest.raises(NothingToTestError):
        split_begin(challenger=editable(fresh))
    assert editable(template).is_draft


def test_a_draft_that_changed_meanwhile_is_not_tested(template: PromptTemplate) -> None:
    seen = draft(template)
    draft(template, "Changed.")
    with pytest.raises(PublishConflictError):
        split_begin(challenger=seen)


def test_testing_needs_a_second_person_where_publishing_does(template: PromptTemplate) -> None:
    author = User.objects.create_user("a")
    PromptTemplate.objects.update(needs_second_person=True)
    version = draft(template)
    PromptVersion.objects.filter(pk=version.pk).update(author=author)
    version.refresh_from_db()
    with pytest.raises(SecondPersonError):
        split_begin(challenger=version, by=author)


def test_ending_keeps_what_is_live(split: PromptSplit) -> None:
    editor = User.objects.create_user("edith")
    ended = split_end(split=split, by=editor)
    assert ended.ended_at is not None
    assert (ended.ended_by, PromptMove.objects.count()) == (editor, 1)
    assert split_running(split.template) is None


def test_ending_can_make_the_challenger_live(split: PromptSplit) -> None:
    editor = User.objects.create_user("edith")
    split_end(split=split, with_challenger=True, reason="Rated better", by=editor)
    split.template.refresh_from_db()
    assert split.template.live == split.challenger
    move = PromptMove.objects.latest("pk")
    assert (move.moved_by, move.reason) == (editor, "Rated better")


def test_who_ends_what_has_ended_is_told(split: PromptSplit) -> None:
    seen = PromptSplit.objects.get()
    split_end(split=split)
    with pytest.raises(SplitClosedError):
        split_end(split=seen, with_challenger=True)
    assert PromptMove.objects.count() == 1


def test_publishing_ends_the_test(split: PromptSplit) -> None:
    editor = User.objects.create_user("edith")
    version_publish(draft=draft(split.template, "Newest."), by=editor)
    split.refresh_from_db()
    assert split.ended_at is not None
    assert split.ended_by == editor


def test_what_goes_live_as_scheduled_ends_the_test(split: PromptSplit) -> None:
    now = datetime.now(UTC)
    schedule_create(version=draft(split.template, "Sale!"), hours=Hours(now + timedelta(hours=1)))
    assert split_running(split.template) == split
    schedules_run(now + timedelta(hours=1))
    assert split_running(split.template) is None


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
        question, answer = (
            Message.objects.create(
                conversation=conversation,
                position=2 * number + offset,
                author=author,
                created_at=at,
            )
            for offset, author in ((1, Author.CUSTOMER), (2, Author.ASSISTANT))
        )
        reply = Reply.objects.create(
            message=answer,
            question=question,
            prompt_version=version,
            status=status,
            completion_tokens=tokens,
        )
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
