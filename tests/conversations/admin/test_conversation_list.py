"""Support staff find conversations: by words, by signs, by chance, and again by a view."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conversations.admin.conversation_list import MOST_PAGES
from conversations.models import Conversation, ReplyStatus, SavedView
from conversations.review.saved_views import MOST_VIEWS
from tests.admin_world import World, conversation_make

LIST = "/admin/conversations/conversation/"
SAVE, DROP = f"{LIST}views/save/", f"{LIST}views/drop/"
FINE = (ReplyStatus.COMPLETE,)


def found(world: World, query: str) -> set[str]:
    response = world.client("support").get(f"{LIST}?{query}")
    assert response.status_code == 200, response.headers
    return {conversation.opening for conversation in response.context["cl"].result_list}


def page(world: World, query: str = "", person: str = "support") -> str:
    html: str = world.client(person).get(f"{LIST}?{query}").content.decode()
    return html


@pytest.fixture
def shop(world: World) -> World:
    """A world with conversations of our own alone."""
    Conversation.objects.all().delete()
    return world


def test_any_word_of_a_conversation_finds_it(shop: World) -> None:
    conversation_make(shop.widget, opening="我想退货", answer="好的", statuses=FINE)
    conversation_make(shop.widget, opening="My order?", answer="On its way", statuses=FINE)
    assert found(shop, "q=退货") == found(shop, "q=退") == found(shop, "q=好") == {"我想退货"}
    assert found(shop, "q=ORDER+way") == {"My order?"}
    assert found(shop, "q=%22on+its%22") == {"My order?"}
    assert found(shop, "q=nothing+like+it") == found(shop, "q=%22") == set()


def test_a_hit_is_marked_and_leads_to_its_message(shop: World) -> None:
    conversation = conversation_make(
        shop.widget, opening="Hello", answer="A <refund>?", statuses=FINE * 2
    )
    html = page(shop, "q=refund")
    address = f"{LIST}{conversation.pk}/change/"
    assert f'href="{address}#message-2">A &lt;<mark>refund</mark>&gt;?</a>' in html
    assert "and 1 more message" in html
    assert f'<a class="opening untrusted" href="{address}">Hello</a>' in html


@pytest.mark.parametrize(
    ("query", "openings"),
    [
        ("outcome=wrong", {"broke off", "failed"}),
        ("outcome=none", {"failed"}),
        ("outcome=broken", {"broke off"}),
        ("outcome=answered", {"fine", "once failed"}),
        ("outcome=open", {"running"}),
        ("outcome=nonsense", {"fine", "failed", "broke off", "once failed", "running"}),
        ("sign=failed", {"failed", "broke off", "once failed"}),
        ("sign=failed&outcome=answered&q=once", {"once failed"}),
    ],
)
def test_conversations_are_found_by_what_became_of_their_answers(
    shop: World, query: str, openings: set[str]
) -> None:
    for opening, statuses in {
        "fine": FINE,
        "failed": (ReplyStatus.FAILED,),
        "broke off": (ReplyStatus.INTERRUPTED,),
        "once failed": (ReplyStatus.FAILED, ReplyStatus.COMPLETE),
        "running": (ReplyStatus.RUNNING,),
    }.items():
        conversation_make(shop.widget, opening=opening, statuses=statuses)
    assert found(shop, query) == openings


def test_conversations_are_found_by_their_signs(shop: World) -> None:
    conversation_make(shop.widget, opening="Let me talk to a human", statuses=FINE)
    conversation_make(shop.widget, opening="Again?", statuses=FINE * 3)
    conversation_make(shop.widget, opening="Long", statuses=FINE * 10)
    dear = conversation_make(shop.widget, opening="Dear", statuses=FINE)
    Conversation.objects.filter(pk=dear.pk).update(tokens=20_000)
    assert found(shop, "sign=human") == {"Let me talk to a human"}
    assert found(shop, "sign=loop") == {"Again?", "Long"}
    assert found(shop, "sign=long") == {"Long"}
    assert found(shop, "sign=expensive") == {"Dear"}
    html = page(shop)
    for sign in ("Asked for a human", "In circles", "Long", "Expensive"):
        assert f'<span class="sign">{sign}</span>' in html


def test_conversations_are_found_by_widget_language_version_and_time(shop: World) -> None:
    old = conversation_make(shop.widget, opening="old", statuses=FINE)
    new = conversation_make(shop.widget, opening="new", statuses=FINE)
    Conversation.objects.filter(pk=old.pk).update(
        active_at=timezone.now() - timedelta(days=8), locale="zh-CN"
    )
    Conversation.objects.filter(pk=new.pk).update(locale="fr")
    assert found(shop, f"widget={shop.widget.pk}") == {"old", "new"}
    assert found(shop, f"widget={shop.widget.pk + 1}") == set()
    assert found(shop, f"version={new.prompt_version_id}") == {"old", "new"}
    assert found(shop, f"version={new.prompt_version_id + 1}") == set()
    assert found(shop, "active=week") == {"new"}
    assert found(shop, "active=month") == {"old", "new"}
    assert found(shop, "language=zh") == {"old"}
    assert found(shop, "language=other") == {"new"}
    for nonsense in ("widget=x", "version=9999999999999999999999", "widget=²", "active=x"):
        assert found(shop, nonsense) == {"old", "new"}


def test_a_sample_stays_the_same_while_one_works_through_it(shop: World) -> None:
    for number in range(12):
        status = ReplyStatus.FAILED if number % 2 else ReplyStatus.COMPLETE
        conversation_make(shop.widget, opening=f"{number}", statuses=(status,))
    now = int(timezone.now().timestamp()) + 1
    samples = [found(shop, f"sample=4-{seed}-{now}") for seed in ("a", "b", "c", "d", "e", "f")]
    assert {len(sample) for sample in samples} == {4}
    assert len({frozenset(sample) for sample in samples}) > 1
    failed = found(shop, f"sample=4-a-{now}&sign=failed")
    assert len(failed) == 4
    assert all(int(opening) % 2 for opening in failed)
    late = conversation_make(shop.widget, opening="late", statuses=FINE)
    Conversation.objects.filter(pk=late.pk).update(created_at=timezone.now() + timedelta(hours=1))
    assert [found(shop, f"sample=4-{seed}-{now}") for seed in ("a", "b", "c")] == samples[:3]
    assert len(found(shop, f"sample=50-a-{now}")) == 12
    for nonsense in ("sample=x", "sample=4-%22-1", "sample=4-a-99999999999999"):
        assert len(found(shop, nonsense)) == 13


def test_the_address_offers_a_fresh_sample_and_keeps_the_drawn_one(shop: World) -> None:
    html = page(shop)
    for size in (20, 50, 200):
        assert re.search(rf'value="{size}-[0-9a-f]+-\d+">{size} at random<', html)
    html = page(shop, "sample=20-ab-1900000000")
    assert html.count("20 at random<") == 2  # chosen, and the chip that says so
    assert re.search(r'value="20-[0-9a-f]+-\d+">Draw others<', html)
    assert "50 at random<" in html


def test_the_number_of_queries_does_not_grow_with_the_list(shop: World) -> None:
    client = shop.client("support")
    queries = ("", "q=order", "q=way&sign=failed", "sample=10-a-1900000000", "outcome=answered&p=1")
    conversation_make(shop.widget, statuses=FINE)
    counts: list[list[int]] = []
    for _round in range(2):
        for _number in range(10):
            conversation_make(shop.widget, statuses=FINE)
        counts.append([])
        for query in queries:
            with CaptureQueriesContext(connection) as captured:
                client.get(f"{LIST}?{query}")
            counts[-1].append(len(captured))
        _many(shop)
    # Fewer, if anything: a sample that goes round the end of all ids takes a query more.
    assert all(many <= few for few, many in zip(*counts, strict=True)), counts


def _many(shop: World) -> None:
    template = Conversation.objects.latest("created_at")
    rows = []
    for number in range(490):
        row = Conversation.objects.get(pk=template.pk)
        row.pk, row.opening = uuid4(), str(number)
        rows.append(row)
    Conversation.objects.bulk_create(rows)


def test_pages_are_turned_without_counting(shop: World) -> None:
    for _number in range(3):
        conversation_make(shop.widget, statuses=FINE)
    _many(shop)
    client = shop.client("support")
    with CaptureQueriesContext(connection) as captured:
        first = client.get(LIST)
    counts = [query["sql"] for query in captured if "COUNT(*)" in query["sql"].split("FROM")[0]]
    # What waits is counted no further than a hundred, and what one has read today is little.
    assert not [sql for sql in counts if "LIMIT 100" not in sql and "_review" not in sql]
    assert len(first.context["cl"].result_list) == 50
    html = first.content.decode()
    assert 'href="?p=2"' in html
    assert "Previous page" not in html
    last = client.get(f"{LIST}?p=10")
    assert len(last.context["cl"].result_list) == 43
    assert "Next page" not in last.content.decode()
    assert 'href="?p=9"' in last.content.decode()
    shown = {
        row.pk
        for number in (1, 2)
        for row in client.get(f"{LIST}?p={number}").context["cl"].result_list
    }
    assert len(shown) == 100
    for beyond in (0, -1, MOST_PAGES + 1):
        assert client.get(f"{LIST}?p={beyond}").status_code == 302


def test_a_view_is_saved_found_again_and_let_go_of(shop: World) -> None:
    client = shop.client("support")
    address = "q=退款&sign=human&p=3&junk=1&_popup=1"
    response = client.post(SAVE, {"name": "Humans", "address": address}, follow=True)
    view = SavedView.objects.get()
    assert view.query == "q=%E9%80%80%E6%AC%BE&sign=human"
    html = response.content.decode()
    assert (
        f'<a class="saved" href="?{view.query.replace("&", "&amp;")}" aria-current="page"' in html
    )
    assert "The view “Humans” is saved." in html
    client.post(SAVE, {"name": "Humans", "address": "sign=loop"})
    assert SavedView.objects.get().query == "sign=loop"
    assert "Humans" not in page(shop, person="editor")
    client.post(DROP, {"view": view.pk})
    assert not SavedView.objects.exists()


def test_a_shared_view_is_everybodys_to_use_and_its_owners_to_delete(shop: World) -> None:
    support, editor = shop.client("support"), shop.client("editor")
    support.post(SAVE, {"name": "Loops", "address": "sign=loop", "is_shared": "on"})
    html = page(shop, "sign=loop", person="editor")
    assert "Shared by support" in html
    assert "Delete this view" not in html
    assert "Delete this view" in page(shop, "sign=loop")
    editor.post(DROP, {"view": SavedView.objects.get().pk})
    assert SavedView.objects.count() == 1
    for nonsense in ("", "x", "9" * 30):
        assert editor.post(DROP, {"view": nonsense}).status_code == 302


@pytest.mark.parametrize(
    "data",
    [
        {"name": "", "address": "sign=loop"},
        {"name": "x" * 61, "address": "sign=loop"},
        {"name": "Nothing", "address": "junk=1"},
        {"name": "Endless", "address": "q=" + "x" * 1_000},
    ],
)
def test_what_is_no_view_is_not_saved(shop: World, data: dict[str, str]) -> None:
    html = shop.client("support").post(SAVE, data, follow=True).content.decode()
    assert 'class="error"' in html
    assert not SavedView.objects.exists()


def test_nobody_keeps_views_without_end(shop: World) -> None:
    owner = User.objects.get(username="support")
    SavedView.objects.bulk_create(
        SavedView(owner=owner, name=str(number), query="sign=loop") for number in range(MOST_VIEWS)
    )
    client = shop.client("support")
    client.post(SAVE, {"name": "One more", "address": "sign=long"})
    client.post(SAVE, {"name": "0", "address": "sign=long"})
    assert SavedView.objects.count() == MOST_VIEWS
    assert SavedView.objects.get(name="0").query == "sign=long"


def test_cost_stands_in_the_row_and_what_is_unknown_is_said(world: World) -> None:
    html = page(world)
    assert "0.0001 USD" in html
    type(world.call).objects.filter(pk=world.call.pk).update(cost=None)
    assert '<td class="field-number_cost">unknown</td>' in page(world)


def test_an_empty_list_says_what_to_do_next(shop: World) -> None:
    assert "No conversations yet" in page(shop)
    assert "Nothing fits" in page(shop, "q=x")


def test_a_name_of_a_view_never_acts(shop: World) -> None:
    attack = '"><script>x</script>'
    shop.client("support").post(SAVE, {"name": attack, "address": f"q={attack}", "is_shared": "on"})
    html = page(shop, f"q={attack}", person="editor")
    assert "<script>x" not in html
