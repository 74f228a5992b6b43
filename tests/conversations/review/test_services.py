"""What staff write beside a conversation."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from conversations.errors import UnknownReplyError
from conversations.models import Note, ReplyStatus, Verdict
from conversations.review.services import (
    TAGS,
    Opinion,
    note_add,
    note_delete,
    tags_tidy,
    verdict_give,
    verdict_withdraw,
)
from conversations.staff_errors import EmptyNoteError
from tests.admin_world import World, conversation_make

pytestmark = pytest.mark.django_db


def test_a_verdict_takes_the_place_of_the_one_before(world: World) -> None:
    support, owner = world.people["support"], world.people["owner"]
    wrong = Opinion(judgement="wrong", reason=" old price ", tags=["Prices"])
    verdict_give(conversation=world.conversation, position=6, opinion=wrong, by=support)
    good = Opinion(judgement="good", should_have_said="It was fine.")
    verdict_give(conversation=world.conversation, position=6, opinion=good, by=owner)
    verdict = Verdict.objects.get()
    assert (verdict.judgement, verdict.reason, verdict.tags) == ("good", "", [])
    assert verdict.should_have_said == "It was fine."
    assert verdict.judged_by == owner
    assert verdict.attempt == verdict.reply.attempt


def test_it_can_be_taken_back(world: World) -> None:
    opinion = Opinion(judgement="rude")
    verdict_give(
        conversation=world.conversation, position=6, opinion=opinion, by=world.people["support"]
    )
    verdict_withdraw(conversation=world.conversation, position=1)
    assert Verdict.objects.exists()
    verdict_withdraw(conversation=world.conversation, position=6)
    assert not Verdict.objects.exists()


@pytest.mark.parametrize("position", [1, 9])
def test_only_an_answer_is_judged(world: World, position: int) -> None:
    with pytest.raises(UnknownReplyError):
        verdict_give(
            conversation=world.conversation,
            position=position,
            opinion=Opinion(judgement="good"),
            by=world.people["support"],
        )


def test_an_answer_that_still_runs_is_not_judged(world: World) -> None:
    running = conversation_make(world.widget, statuses=(ReplyStatus.RUNNING,))
    with pytest.raises(UnknownReplyError):
        verdict_give(
            conversation=running,
            position=6,
            opinion=Opinion(judgement="good"),
            by=world.people["support"],
        )


@pytest.mark.parametrize(
    "opinion", [Opinion(judgement="odd"), Opinion(judgement="good", reason="x" * 501)]
)
def test_what_does_not_hold_leaves_the_old_verdict(world: World, opinion: Opinion) -> None:
    by = world.people["support"]
    first = Opinion(judgement="wrong")
    verdict_give(conversation=world.conversation, position=6, opinion=first, by=by)
    with pytest.raises(ValidationError):
        verdict_give(conversation=world.conversation, position=6, opinion=opinion, by=by)
    assert Verdict.objects.get().judgement == "wrong"


def test_tags_are_tidied() -> None:
    assert tags_tidy([" Late   delivery", "late delivery", "", "退货"]) == ["late delivery", "退货"]
    assert len(tags_tidy(map(str, range(50)))) == TAGS  # type: ignore[arg-type]  # any iterable
    assert tags_tidy(["x" * 99]) == ["x" * 40]


def test_a_note_is_left_and_deleted_by_its_author_alone(world: World) -> None:
    support, owner = world.people["support"], world.people["owner"]
    note = note_add(conversation=world.conversation, text="  Call her. ", by=support)
    assert note.text == "Call her."
    assert not note_delete(note=note.pk, conversation=world.conversation, by=owner)
    elsewhere = conversation_make(world.widget, statuses=())
    assert not note_delete(note=note.pk, conversation=elsewhere, by=support)
    assert note_delete(note=note.pk, conversation=world.conversation, by=support)
    assert not Note.objects.exists()


def test_an_empty_note_and_a_book_are_refused(world: World) -> None:
    by: User = world.people["support"]
    with pytest.raises(EmptyNoteError):
        note_add(conversation=world.conversation, text=" \n ", by=by)
    with pytest.raises(ValidationError):
        note_add(conversation=world.conversation, text="x" * 4001, by=by)
    assert not Note.objects.exists()
