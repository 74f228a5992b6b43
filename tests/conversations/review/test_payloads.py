"""Nothing that was said acts in the list, in what a search shows, or in a transcript."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from django.contrib.auth.models import User

from conversations.models import Conversation, ReplyStatus, SavedView
from tests.admin_world import World, conversation_make
from tests.conversations.payloads import ACTING, PAYLOADS
from tests.conversations.review.acting import Page

LIST = "/admin/conversations/conversation/"


def test_the_page_itself_finds_what_acts() -> None:
    missed = [payload for payload in PAYLOADS[:26] if not Page(payload).acting]
    assert len(missed) <= 3, missed  # what this parser reads otherwise than a browser


@pytest.fixture
def said(world: World) -> World:
    """A world in which every payload was said by a customer, by a model, and by their browser."""
    Conversation.objects.all().delete()
    for number, payload in enumerate(PAYLOADS):
        text = f"needle {payload}"
        conversation = conversation_make(
            world.widget, opening=text[:120], answer=text, statuses=(ReplyStatus.COMPLETE,)
        )
        Conversation.objects.filter(pk=conversation.pk).update(
            page_url=payload[:500], locale=payload[:16]
        )
        if number < 25:
            SavedView.objects.create(
                owner=User.objects.get(username="support"), name=payload[:50], query="q=x"
            )
    return world


def test_nothing_acts_in_the_list_or_in_what_was_found(said: World) -> None:
    client = said.client("support")
    addresses = [LIST, f"{LIST}?p=2", f"{LIST}?q=needle", f"{LIST}?q=needle&p=2"]
    for payload in PAYLOADS:
        addresses.append(f"{LIST}?q={quote(payload[:200])}")
        addresses.append(f"{LIST}?sign={quote(payload[:200])}&sample={quote(payload[:200])}")
    for address in addresses:
        html = client.get(address, follow=True).content.decode()
        assert Page(html).acting == [], address
    for address in addresses[:4]:
        html = client.get(address).content.decode()
        assert not set(ACTING) & set(html), address
        assert "<mark>needle</mark>" in html or "q=" not in address


def test_nothing_acts_in_a_transcript_or_in_its_news(said: World) -> None:
    client = said.client("editor")
    for conversation in Conversation.objects.all():
        for place in ("change/", "turns/?revision=0"):
            html = client.get(f"{LIST}{conversation.pk}/{place}").content.decode()
            assert Page(html).acting == [], conversation.opening
            assert not set(ACTING) & set(html), conversation.opening
