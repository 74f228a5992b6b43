"""Cases are written whole or not at all, and a bad answer becomes one."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import connection

from conversations.case_errors import InvalidCheckError, InvalidTurnsError, NoAnswerError
from conversations.models import (
    Author,
    Conversation,
    Customer,
    Message,
    PromptCase,
    PromptTemplate,
    Reply,
    ReplyStatus,
    Widget,
)
from conversations.proving.services import (
    CaseContent,
    case_change,
    case_create,
    case_delete,
    case_from_reply,
)
from conversations.review.services import Opinion, verdict_give
from tests.admin_world import conversation_make

pytestmark = pytest.mark.django_db

TURNS = [{"author": "customer", "text": "Open?"}]
CHECKS = [{"kind": "contains", "text": "nine"}]


def content(**changes: Any) -> CaseContent:
    return CaseContent(**{"name": "Hours", "turns": TURNS, "checks": CHECKS, **changes})


def test_a_case_is_kept_as_it_was_written(template: PromptTemplate) -> None:
    case = case_create(
        template=template,
        content=content(name=" Hours ", variables={"shop": "Pine", "day": ""}),
    )
    case.refresh_from_db()
    assert (case.name, case.turns, case.checks) == ("Hours", TURNS, CHECKS)
    assert case.variables == {"shop": "Pine"}
    before = case.changed_at
    case_change(case=case, content=content(is_active=False))
    case.refresh_from_db()
    assert not case.is_active
    assert case.changed_at > before
    case_delete(case=case)
    assert not PromptCase.objects.exists()


@pytest.mark.parametrize(
    "turns",
    [
        [],
        [{"author": "customer", "text": " "}],
        [{"author": "system", "text": "x"}, *TURNS],
        [{"author": "assistant", "text": "Hello."}],
        [*TURNS] * 41,
        [{"author": "customer", "text": "x" * 10_001}],
    ],
)
def test_turns_without_a_question_are_refused(
    template: PromptTemplate, turns: list[dict[str, str]]
) -> None:
    with pytest.raises(InvalidTurnsError):
        case_create(template=template, content=content(turns=turns))
    assert not PromptCase.objects.exists()


def test_checks_without_sense_and_names_taken_are_refused(template: PromptTemplate) -> None:
    with pytest.raises(InvalidCheckError):
        case_create(template=template, content=content(checks=[]))
    case_create(template=template, content=content())
    with pytest.raises(ValidationError):
        case_create(template=template, content=content())


@pytest.fixture
def conversation(widget: Widget) -> Conversation:
    statuses = (ReplyStatus.COMPLETE, ReplyStatus.STOPPED)
    widget = Widget.objects.get(pk=widget.pk)  # as it is now: its template has gone live
    return conversation_make(widget, opening="Open?", answer="Never.", statuses=statuses)


@pytest.fixture
def editor() -> User:
    return User.objects.create_user("editor")


def reply_at(conversation: Conversation, position: int) -> Reply:
    return Reply.objects.get(message__conversation=conversation, message__position=position)


def test_a_bad_answer_becomes_a_case_up_to_its_question(
    conversation: Conversation, editor: User
) -> None:
    case, is_new = case_from_reply(reply=reply_at(conversation, 4), author=editor)
    assert is_new
    assert [(turn["author"], turn["text"]) for turn in case.turns] == [
        ("customer", "Open?"),
        ("assistant", "Never."),
        ("customer", "Open?"),
    ]
    assert case.variables == {
        "customer_language": "en",
        "page_url": "https://shop.example/lamps",
        "widget_name": "Shop",
    }
    assert (case.author, case.name) == (editor, "Open?")
    assert case.template == conversation.prompt_version.template
    [check] = case.checks
    assert check["kind"] == "judged"
    assert "Never." in check["text"]


def test_the_customers_names_are_left_out_for_editors_read_cases(
    conversation: Conversation, editor: User
) -> None:
    conversation.customer = Customer.objects.create(
        widget=conversation.widget, external_id="id-4711", name="Mia Pine", email="m@pine.example"
    )
    conversation.save()
    Message.objects.filter(conversation=conversation).update(
        text="Mia Pine, id-4711 (m@pine.example): open?"
    )
    case, _ = case_from_reply(reply=reply_at(conversation, 2), author=editor)
    kept = str((case.name, case.turns, case.checks, case.variables)).lower()
    assert "open?" in kept
    for name in ("mia", "4711", "m@pine"):
        assert name not in kept


def test_the_same_question_again_gets_a_name_of_its_own(
    conversation: Conversation, editor: User
) -> None:
    cases = [
        case_from_reply(reply=reply_at(conversation, place), author=editor) for place in (2, 4)
    ]
    assert [case.name for case, _ in cases] == ["Open?", "Open? (2)"]


def test_an_answer_becomes_a_case_once(conversation: Conversation, editor: User) -> None:
    first, _ = case_from_reply(reply=reply_at(conversation, 2), author=editor)
    assert case_from_reply(reply=reply_at(conversation, 2), author=editor) == (first, False)
    case_delete(case=first)
    assert case_from_reply(reply=reply_at(conversation, 2), author=editor)[1]


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_make_one_case(conversation: Conversation, editor: User) -> None:
    start = threading.Barrier(2)
    made: list[bool] = []

    def press() -> None:
        reply = reply_at(conversation, 2)
        start.wait()
        try:
            made.append(case_from_reply(reply=reply, author=editor)[1])
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [False, True]
    assert PromptCase.objects.count() == 1


@pytest.mark.parametrize(
    ("opinion", "lines"),
    [
        (
            Opinion(judgement="wrong", reason="Says “never”", should_have_said="At  nine."),
            [
                "It does not repeat this earlier answer: “Never.”.",
                "A colleague found wrong with it: Says 'never'",
                "It says in these words or others: “At nine.”.",
            ],
        ),
        (Opinion(judgement="good"), ["It says in these words or others: “Never.”."]),
    ],
)
def test_what_staff_think_stands_in_the_rubric(
    conversation: Conversation, editor: User, opinion: Opinion, lines: list[str]
) -> None:
    verdict_give(conversation=conversation, position=2, opinion=opinion, by=editor)
    case, _ = case_from_reply(reply=reply_at(conversation, 2), author=editor)
    assert case.checks[0]["text"].split("\n")[1:] == lines


def test_the_longest_words_make_a_rubric_that_can_be_kept(
    conversation: Conversation, editor: User
) -> None:
    opinion = Opinion(judgement="wrong", reason="x" * 500, should_have_said="y" * 8000)
    verdict_give(conversation=conversation, position=2, opinion=opinion, by=editor)
    Message.objects.filter(conversation=conversation, position=2).update(text="z" * 9000)
    case, _ = case_from_reply(reply=reply_at(conversation, 2), author=editor)
    assert 1700 < len(case.checks[0]["text"]) < 2000


def test_a_long_question_gives_a_short_name(conversation: Conversation, editor: User) -> None:
    Message.objects.filter(conversation=conversation, author=Author.CUSTOMER).update(text="x" * 500)
    case, _ = case_from_reply(reply=reply_at(conversation, 2), author=editor)
    assert len(case.name) == 110


@pytest.mark.parametrize("status", [ReplyStatus.RUNNING, ReplyStatus.QUEUED, ReplyStatus.FAILED])
def test_without_a_finished_answer_there_is_no_case(
    widget: Widget, editor: User, status: ReplyStatus
) -> None:
    widget = Widget.objects.get(pk=widget.pk)
    conversation = conversation_make(widget, statuses=(status,))
    with pytest.raises(NoAnswerError):
        case_from_reply(reply=reply_at(conversation, 2), author=editor)


def test_a_case_goes_with_the_customers_words(conversation: Conversation, editor: User) -> None:
    case_from_reply(reply=reply_at(conversation, 2), author=editor)
    conversation.delete()
    assert not PromptCase.objects.exists()
