"""The draw: each conversation gets its version, the same always."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.chat.services import Visit, message_receive
from conversations.models import Conversation, PromptSplit, Reply, Widget
from conversations.prompts.assignment import Choice, is_challenged
from conversations.prompts.content import PromptContent
from conversations.prompts.services import template_create, version_publish
from conversations.prompts.splits import split_end
from tests.conversations.prompts.drafts import editable


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
