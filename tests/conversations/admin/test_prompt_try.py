"""The panel "Try it": whose words it streams, from what, and to whom."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import Group
from django.test import AsyncClient, Client
from pytest_django import Settings

from conversations.models import Conversation, PromptVersion, Widget
from gateway.db import db
from gateway.models import Call
from gateway.runtime import gateway_close
from tests.admin_world import World
from tests.conversations.admin.workshop import BASE, typed, world_answered
from tests.conversations.echo import Echo

QUESTION = json.dumps([{"author": "customer", "text": "When do you open?"}])
FACT = "Q: When do you open?\nA: At {{hour}}."


async def lines(world: World, person: str = "editor", **fields: str) -> tuple[int, list[Any]]:
    client = AsyncClient()
    await client.aforce_login(world.people[person])
    response: Any = await client.post(f"{BASE}{world.template.pk}/try/", fields)
    if not response.streaming:
        return response.status_code, [json.loads(response.content)]
    body = "".join([part.decode() async for part in response])
    return response.status_code, [json.loads(line) for line in body.splitlines()]


def said(found: list[Any]) -> str:
    return "".join(line["text"] for line in found if line["type"] == "said")


async def form(world: World, *rows: dict[str, str], **changes: str) -> dict[str, str]:
    return await sync_to_async(typed)(world, *rows, **changes)


async def test_the_draft_answers_as_it_stands_in_the_form_and_nothing_is_saved(
    tried: World,
) -> None:
    row = {"name": "hour", "default": "", "sample": "nine", "required": "on"}
    fields = await form(tried, row, instructions=FACT, side="draft", turns=QUESTION)
    status, found = await lines(tried, **fields)
    assert status == 200
    assert found[0] == {"type": "began", "model": "acme · sandbox-1"}
    assert "At nine." in said(found)
    assert found[-1]["type"] == "ended"
    assert "tokens" in found[-1]["note"]
    assert "cost unknown" in found[-1]["note"]
    drafts = PromptVersion.objects.filter(number=None)
    stored = await db(lambda: drafts.values_list("instructions", flat=True).get())
    assert stored == "You speak briefly."
    assert await db(Conversation.objects.count) == 1  # the world's own


async def test_a_real_customers_values_go_before_the_samples(tried: World) -> None:
    row = {"name": "hour", "default": "", "sample": "nine"}
    values = json.dumps({"hour": "ten\x00"})
    fields = await form(tried, row, instructions=FACT, side="draft", turns=QUESTION, values=values)
    assert "At ten." in said((await lines(tried, **fields))[1])


async def test_the_live_side_says_what_is_live_and_is_labelled_with_its_version(
    tried: World,
) -> None:
    fields = await form(tried, instructions=FACT, side="live", turns=QUESTION)
    _, found = await lines(tried, **fields)
    assert found[-1]["type"] == "ended"
    assert "At " not in said(found)
    async with asyncio.timeout(10):
        while not (calls := await db(lambda: list(Call.objects.filter(purpose="trial")))):
            await asyncio.sleep(0.05)
    assert [call.prompt_version for call in calls] == [str(tried.template.live_id)]


async def test_who_may_not_change_the_draft_tries_it_as_it_is_saved(tried: World) -> None:
    group = await Group.objects.aget(name="Prompt editors")
    kept = [p async for p in group.permissions.exclude(codename="change_prompttemplate")]
    await group.permissions.aset(kept)
    fields = await form(tried, instructions=FACT, side="draft", turns=QUESTION)
    _, found = await lines(tried, **fields)
    assert found[-1]["type"] == "ended"
    assert "{{hour}}" not in said(found)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"side": "draft", "turns": QUESTION, "instructions": ""}, "required"),
        ({"side": "draft", "turns": QUESTION, "instructions": "{{what}}"}, "{{what}}"),
        ({"side": "other", "turns": QUESTION}, "reload"),
        ({"side": "draft", "turns": "[]"}, "customer might ask"),
        ({"side": "draft", "turns": '[{"author": "customer", "text": " "}]'}, "might ask"),
        ({"side": "draft", "turns": '[{"author": "system", "text": "x"}]'}, "reload"),
        ({"side": "draft", "turns": '[{"author": "assistant", "text": "x"}]'}, "might ask"),
        ({"side": "draft", "turns": "{"}, "reload"),
        ({"side": "draft", "turns": "7"}, "reload"),
        ({"side": "draft", "turns": json.dumps("x" * 60_001)}, "more than"),
        (
            {
                "side": "draft",
                "turns": json.dumps([{"author": "customer", "text": "x"}] * 61),
            },
            "more than",
        ),
    ],
)
async def test_what_cannot_be_tried_is_refused_with_a_reason(
    tried: World, fields: dict[str, str], words: str
) -> None:
    data = await form(tried) | fields
    status, [refusal] = await lines(tried, **data)
    assert (status, refusal["type"]) == (400, "failed")
    assert words in refusal["text"]


async def test_a_provider_that_fails_is_told_in_the_stream(tried: World) -> None:
    turns = json.dumps([{"author": "customer", "text": "/fault 400"}])
    _, found = await lines(tried, **await form(tried, side="draft", turns=turns))
    assert found == [{"type": "failed", "text": "No answer came: invalid_request."}]


async def test_the_stream_is_kept_nowhere_on_its_way(tried: World) -> None:
    client = AsyncClient()
    await client.aforce_login(tried.people["editor"])
    data = await form(tried, side="draft", turns=QUESTION)
    response = await client.post(f"{BASE}{tried.template.pk}/try/", data)
    assert "no-store" in response.headers["Cache-Control"]
    assert response.headers["X-Accel-Buffering"] == "no"
    assert response.headers["Content-Type"] == "application/x-ndjson"


def test_trying_is_a_right_of_its_own(world: World) -> None:
    Group.objects.get(name="Prompt editors").permissions.remove(
        *Group.objects.get(name="Prompt editors").permissions.filter(codename="test_promptversion")
    )
    client = world.client("editor")
    page = f"{BASE}{world.template.pk}/"
    assert client.get(f"{page}change/").context["may_test"] is False
    assert b"data-try" not in client.get(f"{page}change/").content
    assert client.post(f"{page}try/", {}).status_code == 403
    assert client.post(f"{page}weigh/", {}).status_code == 403
    assert client.get(f"{page}opening/").status_code == 403


def opening(client: Client, world: World, conversation: object) -> Any:
    url = f"{BASE}{world.template.pk}/opening/?conversation={conversation}"
    return client.get(url)


def test_a_real_conversation_lends_its_first_question_and_its_values(world: World) -> None:
    answer = opening(world.client("editor"), world, world.conversation.pk)
    assert answer.json() == {
        "text": "Where is my order?",
        "values": {
            "customer_language": "en",
            "page_url": "",  # who looks at which page is not for editors
            "widget_name": "Harbour & Pine",
        },
    }


def test_a_conversation_that_is_not_there_is_not_found(world: World) -> None:
    client = world.client("editor")
    assert opening(client, world, uuid4()).status_code == 404
    assert opening(client, world, "1").status_code == 404


def test_who_may_not_read_conversations_finds_none_in_the_panel(world: World) -> None:
    page = f"{BASE}{world.template.pk}/change/"
    assert list(world.client("editor").get(page).context["openings"]) == [
        (world.conversation.pk, world.conversation.opening)
    ]
    group = Group.objects.get(name="Prompt editors")
    group.permissions.remove(*group.permissions.filter(codename="read_conversation_text"))
    client = world.client("editor")
    assert list(client.get(page).context["openings"]) == []
    assert opening(client, world, world.conversation.pk).status_code == 403


def weight(world: World, **changes: str) -> str:
    url = f"{BASE}{world.template.pk}/weigh/"
    return str(world.client("editor").post(url, typed(world, **changes)).json()["text"])


def test_the_form_is_weighed_as_it_stands(world: World) -> None:
    route = "sandbox / sandbox-1"
    words = weight(world, instructions="word " * 400, route=route)
    assert (
        words
        == "About 503 tokens of instructions · sandbox / sandbox-1 · 0.0002 to 0.0027 USD an answer"
    )
    assert "its price is unknown" in weight(world, route="sandbox / other")
    assert "mistake" in weight(world, instructions="")


def test_what_is_too_long_for_its_model_is_warned_of_while_it_is_written(
    world: World, settings: Settings
) -> None:
    settings.MODEL_CONTEXT_TOKENS = {"sandbox-1": 4000}
    url = f"{BASE}{world.template.pk}/weigh/"
    page = world.client("editor")
    told = page.post(url, typed(world, instructions="word " * 400, route="sandbox / sandbox-1"))
    assert "sandbox-1 takes 4000:" in told.json()["warning"]
    other = page.post(url, typed(world, instructions="word " * 400, route="sandbox / other"))
    assert other.json()["warning"] == ""


async def test_what_is_tried_is_masked_as_soon_as_one_widget_masks(
    transactional_db: None,
) -> None:
    echo = Echo()
    runner = await echo.start()
    world = await db.write(world_answered, echo.url)
    await db.write(Widget.objects.update, is_masking=True)
    turns = json.dumps([{"author": "customer", "text": "I am anna.canary@example.com"}])
    status, found = await lines(world, **await form(world, side="draft", turns=turns))
    assert status == 200
    assert said(found) == "You said: I am anna.canary@example.com"
    assert "I am [EMAIL-1]" in echo.text
    assert "canary" not in echo.text
    await gateway_close()
    await runner.cleanup()
