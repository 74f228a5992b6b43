"""What each role sees of a conversation, on every page that shows some of it."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from conversations.models import (
    Conversation,
    Customer,
    Message,
    Note,
    Rating,
    Reading,
    Reply,
    ReplyStatus,
    SavedView,
    Verdict,
)
from tests.admin_world import World, conversation_make

LIST = "/admin/conversations/conversation/"
NAMES = ("Lovelace", "ada@engine.example", "c-4711", "Ockham", "vip-gold", "shop.example/lamps")
SAID = ("parcel", "courier", "kindly-said", "blunt-reason", "colleague-note", "sorry-comment")


@pytest.fixture
def ada(world: World) -> World:
    """A world whose only conversation is Ada's; her name is said in it, too."""
    Conversation.objects.all().delete()
    customer = Customer.objects.create(
        widget=world.widget,
        external_id="c-4711",
        name="Ada Lovelace",
        email="ada@engine.example",
        attributes={"city": "Ockham"},
    )
    conversation = conversation_make(
        world.widget,
        opening="I am Ada Lovelace, c-4711: where is my parcel?",
        answer="Dear Ms. **Lovelace** of Ockham, the courier has it: ada@engine.example",
        statuses=(ReplyStatus.COMPLETE, ReplyStatus.COMPLETE),
    )
    Conversation.objects.filter(pk=conversation.pk).update(
        customer=customer, attributes={"tier": "vip-gold"}
    )
    reply = Reply.objects.filter(message__conversation=conversation).earliest("message__position")
    Rating.objects.create(reply=reply, value="down", comment="sorry-comment, Lovelace")
    Verdict.objects.create(
        reply=reply,
        attempt=1,
        judgement="wrong",
        reason="blunt-reason for Lovelace",
        should_have_said="kindly-said",
    )
    Note.objects.create(conversation=conversation, text="colleague-note on Lovelace")
    object.__setattr__(world, "conversation", conversation)
    return world


def pages(world: World, person: str) -> dict[str, str]:
    """Return everything that shows some of the conversation to somebody, by name."""
    client, one = world.client(person), f"{LIST}{world.conversation.pk}/"
    addresses = {
        "list": LIST,
        "search": f"{LIST}?q=parcel",
        "by name": f"{LIST}?q=Lovelace",
        "transcript": f"{one}change/",
        "news": f"{one}turns/?revision=0",
        "sent": f"{one}sent/2/",
        "history": f"{one}history/",
        "end access": f"{one}revoke/",
        "report": "/admin/conversations/report/",
        "file": "/admin/conversations/report/questions.csv",
        "desk": "/admin/",
        "workshop": f"/admin/conversations/prompttemplate/{world.template.pk}/change/",
        "opening": reverse("admin:conversations_prompttemplate_opening", args=[world.template.pk])
        + f"?conversation={world.conversation.pk}",
        "readings": "/admin/conversations/reading/",
    }
    found = {name: client.get(url).content.decode() for name, url in addresses.items()}
    for name, typed in {"search": "parcel", "by name": "Lovelace"}.items():
        # What somebody typed is theirs.
        found[name] = found[name].replace(f'value="{typed}"', "").replace(f"q={typed}", "")
    return found


def test_support_sees_who_wrote_what(ada: World) -> None:
    shown = pages(ada, "support")
    for name in ("list", "transcript", "news", "search"):
        assert "Lovelace" in shown[name], name
        assert "parcel" in shown[name], name
    for known in (*NAMES, *SAID):
        assert known in shown["transcript"], known


def test_editors_see_what_was_said_but_nowhere_by_whom(ada: World) -> None:
    shown = pages(ada, "editor")
    for name, html in shown.items():
        for known in NAMES:
            assert known not in html, (name, known)
    for said in SAID:
        assert said in shown["transcript"], said
    assert "<mark>parcel</mark>" in shown["search"]
    assert "•••" in shown["transcript"]
    assert "parcel" in shown["opening"]


def test_operators_see_counts_and_times_but_nothing_of_what_was_said(ada: World) -> None:
    Reply.objects.update(
        provider="sandbox", model="sandbox-1", error_code="overloaded", total_ms=1_234
    )
    shown = pages(ada, "operator")
    for name, html in shown.items():
        for known in (*NAMES, *SAID):
            assert known not in html, (name, known)
    for known in ("sandbox-1", "overloaded", "1.2 s", "Wrong", "Not helpful"):
        assert known in shown["transcript"], known
    assert str(ada.conversation.pk) in shown["list"]


def test_an_operator_whom_the_owner_allows_reads(ada: World) -> None:
    permission = Permission.objects.get(codename="read_conversation_text")
    ada.people["operator"].user_permissions.add(permission)
    shown = pages(ada, "operator")
    assert "courier" in shown["transcript"]
    assert "Lovelace" not in shown["transcript"]


@pytest.mark.parametrize("query", ["Lovelace", "lovel", "ada", "ada@engine.example", "c-4711"])
def test_a_search_by_name_finds_nothing_for_who_may_not_see_names(ada: World, query: str) -> None:
    rows = {
        person: list(ada.client(person).get(f"{LIST}?q={query}").context["cl"].result_list)
        for person in ("support", "editor")
    }
    assert rows == {"support": [ada.conversation], "editor": []}


def test_a_search_by_other_words_finds_named_customers_for_editors(ada: World) -> None:
    for query in ("parcel", "courier"):
        changelist = ada.client("editor").get(f"{LIST}?q={query}").context["cl"]
        assert list(changelist.result_list) == [ada.conversation]


def test_a_search_says_nothing_to_who_may_not_read(ada: World) -> None:
    conversation_make(ada.widget, opening="Something else")
    client = ada.client("operator")
    for query in ("q=parcel", "q=nonsense", f"alike={ada.conversation.pk}"):
        assert len(client.get(f"{LIST}?{query}").context["cl"].result_list) == 2
    assert 'id="searchbar"' not in client.get(LIST).content.decode()


def test_a_shared_search_by_name_is_not_offered_to_who_may_not_see_names(ada: World) -> None:
    support = ada.people["support"]
    SavedView.objects.create(owner=support, name="Ada's", query="q=Ada", is_shared=True)
    SavedView.objects.create(owner=support, name="Bad", query="sign=failed", is_shared=True)
    offered = {
        person: [view.name for view, _is in ada.client(person).get(LIST).context["saved_views"]]
        for person in ("support", "editor", "operator")
    }
    assert offered == {"support": ["Ada's", "Bad"], "editor": ["Bad"], "operator": ["Bad"]}


def test_news_while_one_reads_are_seen_with_the_same_eyes(ada: World) -> None:
    Message.objects.filter(conversation=ada.conversation, position=4).update(
        text="Goodbye, Lovelace, the courier rings", revision=9
    )
    address = f"{LIST}{ada.conversation.pk}/turns/?revision=8"
    news = {
        person: ada.client(person).get(address).content.decode()
        for person in ("support", "editor", "operator")
    }
    assert "Lovelace, the courier" in news["support"]
    assert "•••, the courier" in news["editor"]
    assert "courier" not in news["operator"]
    assert "Words you may not read." in news["operator"]


def test_only_who_reads_is_noted_as_a_reader(ada: World) -> None:
    Reading.objects.all().delete()
    for person in ("editor", "operator"):
        pages(ada, person)
    assert set(Reading.objects.values_list("reader_name", flat=True)) == {"editor"}


@pytest.mark.parametrize("page", ["verdict", "note", "review", "next"])
def test_who_may_not_read_judges_nothing(ada: World, page: str) -> None:
    rights = Permission.objects.filter(codename__in=("add_verdict", "add_note"))
    ada.people["operator"].user_permissions.add(*rights)
    place: list[object] = [] if page == "next" else [ada.conversation.pk]
    place += [2] if page == "verdict" else []
    address = reverse(f"admin:conversations_conversation_{page}", args=place)
    fields = {"judgement": "good", "text": "x", "done": "1"}
    assert ada.client("operator").post(address, fields).status_code == 403


def test_the_log_of_readers_names_nothing_to_who_may_not_read(ada: World) -> None:
    Reading.objects.all().delete()
    pages(ada, "support")
    permission = Permission.objects.get(codename="view_reading")
    ada.people["operator"].user_permissions.add(permission)
    shown = {
        person: ada.client(person).get("/admin/conversations/reading/").content.decode()
        for person in ("owner", "operator")
    }
    assert "parcel" in shown["owner"]
    assert "parcel" not in shown["operator"]
    assert re.search(str(ada.conversation.pk)[:8], shown["operator"])
    row = Reading.objects.get()
    one = ada.client("operator").get(f"/admin/conversations/reading/{row.pk}/change/")
    assert "parcel" not in one.content.decode()
