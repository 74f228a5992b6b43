"""Staff see who is verified, and can end what a browser or a customer may see."""

from __future__ import annotations

import pytest
from django.utils import timezone

from conversations.identity.claims import Claims
from conversations.identity.customers import customer_recognize
from conversations.models import Conversation, Customer, Revocation
from tests.admin_world import World, conversation_make

BASE = "/admin/conversations/conversation/"


@pytest.fixture
def customer(world: World) -> Customer:
    """Somebody signed in, whose name would like to be a script."""
    claims = Claims("shop-7", "Ada <b>\u202e", "ada@shop.example", {"plan": "gold", "orders": 3})
    customer = customer_recognize(widget=world.widget.pk, claims=claims, now=timezone.now())
    conversation = conversation_make(world.widget, opening="I am mallory@evil.example")
    Conversation.objects.filter(pk=conversation.pk).update(customer=customer)
    return customer


def get(world: World, page: str, name: str = "support") -> str:
    return world.client(name).get(f"{BASE}{page}").content.decode()


def test_the_list_shows_the_verified_name_and_nothing_typed(
    world: World, customer: Customer
) -> None:
    html = get(world, "")
    badge = "Ada &lt;b&gt;⟦U+202E⟧"
    assert html.count(badge) == 1
    assert "Verified: signed in at your website" in html
    [who] = [part for part in html.split('<span class="who">')[1:] if badge in part]
    assert "mallory" not in who.split("</div>")[0]


def test_the_list_is_filtered_by_whether_the_customer_is_verified(
    world: World, customer: Customer
) -> None:
    assert "mallory" in get(world, "?verified=yes")
    assert "Where is my order?" not in get(world, "?verified=yes")
    assert "mallory" not in get(world, "?verified=no")
    assert "Where is my order?" in get(world, "?verified=no")


def test_a_signed_in_customer_is_found_by_name_and_by_the_websites_id(
    world: World, customer: Customer
) -> None:
    for wanted in ("Ada", "shop-7"):
        assert "mallory" in get(world, f"?q={wanted}")
    assert "mallory" not in get(world, "?q=Grace")


def test_the_transcript_shows_what_the_website_says(world: World, customer: Customer) -> None:
    html = get(world, f"{customer.conversations.get().pk}/change/")
    for words in ("Ada &lt;b&gt;⟦U+202E⟧", "shop-7", "ada@shop.example", "plan", "gold"):
        assert words in html
    assert "Visitor" not in html


def test_a_browser_loses_its_conversations(world: World) -> None:
    page = f"{BASE}{world.conversation.pk}/revoke/"
    client = world.client("support")
    assert "The browser it was written in loses it" in client.get(page).content.decode()
    assert not Revocation.objects.exists()
    html = client.post(page, follow=True).content.decode()
    assert "Ended access to this conversation." in html
    revocation = Revocation.objects.get()
    assert revocation.subject == world.conversation.visitor
    assert revocation.revoked_by == world.people["support"]
    assert "Access ended" in html


def test_a_customer_is_signed_out(world: World, customer: Customer) -> None:
    page = f"{BASE}{customer.conversations.get().pk}/revoke/"
    client = world.client("support")
    html = client.get(page).content.decode()
    assert "Ada &lt;b&gt;⟦U+202E⟧ is signed out of the chat" in html
    client.post(page)
    assert Revocation.objects.get().subject == customer.pk


def test_who_only_reads_is_not_offered_it(world: World) -> None:
    assert "End access" in get(world, f"{world.conversation.pk}/change/")
    assert "End access" not in get(world, f"{world.conversation.pk}/change/", "editor")


def test_a_conversation_that_is_not_there_is_not_found(world: World) -> None:
    page = f"{BASE}00000000-0000-0000-0000-000000000000/revoke/"
    assert world.client("support").get(page).status_code == 404
