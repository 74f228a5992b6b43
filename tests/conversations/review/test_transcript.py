"""A transcript shows what was said, and nothing in it acts."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conversations.models import ReplyStatus
from conversations.review.access import EVERYTHING, Eyes
from conversations.review.transcript import transcript_read
from tests.admin_world import World, conversation_make

EYES = Eyes(EVERYTHING)
ATTACKS = [
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "![x](https://evil.example/pixel.png)",
    "[click](javascript:alert(1))",
    '<a href="https://ok.example" style="position:fixed" onclick="x()">a</a>',
    "<iframe src=//evil.example></iframe>",
    "\u202ereversed",
]


def test_turns_come_in_order_with_their_replies(world: World) -> None:
    turns = transcript_read(world.conversation, EYES)
    assert [turn.message.position for turn in turns] == list(range(1, 13))
    assert [turn.is_customer for turn in turns] == [True, False] * 6
    assert [turn.reply.status for turn in turns if turn.reply] == list(ReplyStatus)


def test_an_answer_is_markdown_and_a_question_is_not(world: World) -> None:
    conversation = conversation_make(
        world.widget, opening="**bold?**", answer="**bold!**", statuses=(ReplyStatus.COMPLETE,)
    )
    question, answer = transcript_read(conversation, EYES)
    assert question.html == "**bold?**"
    assert "<strong>bold!</strong>" in answer.html


def test_a_reply_has_the_calls_that_were_made_for_it(world: World) -> None:
    turns = transcript_read(world.conversation, EYES)
    assert [len(turn.calls) for turn in turns] == [0, 1, *[0] * 10]
    assert turns[1].calls[0].cost == world.call.cost


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_that_was_said_acts(world: World, attack: str) -> None:
    conversation = conversation_make(
        world.widget, opening=attack, answer=attack, statuses=(ReplyStatus.COMPLETE,)
    )
    for turn in transcript_read(conversation, EYES):
        html = turn.html.lower()
        for part in ("<script", "<img", "<iframe", "<a href='javascript", 'href="javascript'):
            assert part not in html
        assert " onclick=" not in html.replace("&quot;", "").split("&lt;")[0]
        assert "\u202e" not in html


def test_the_number_of_queries_does_not_grow_with_the_conversation(world: World) -> None:
    short = conversation_make(world.widget, statuses=(ReplyStatus.COMPLETE,))
    long = conversation_make(world.widget, statuses=(ReplyStatus.COMPLETE,) * 30)
    counts = []
    for conversation in (short, long):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            turns = transcript_read(conversation, EYES)
            assert [str(turn.reply.prompt_version) for turn in turns if turn.reply]
            assert not [turn for turn in turns if hasattr(turn.reply, "rating")]
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 3
