"""What leaves by the admin: as the list shows it, noted, and harmless wherever it is opened."""

from __future__ import annotations

import csv
import json
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import AsyncClient

from chatsite.roles import DATA_PROTECTION
from conversations.export import records
from conversations.export.cells import BYTE_ORDER_MARK
from conversations.export.deeds import deed_begin
from conversations.export.records import Contents
from conversations.export.stream import exported
from conversations.export.styles import Style
from conversations.models import Conversation, DataDeed, DeedKind, Message, Note, Reading
from conversations.models import ReplyStatus as Status
from gateway.db import db
from tests.admin_world import World, conversation_make, world_make
from tests.conversations.payloads import ACTING, PAYLOADS
from tests.conversations.review.acting import Page

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/admin/conversations/conversation/"
EVERYTHING = {"notes": "on", "identity": "on"}


def world_with_exporter() -> World:
    world = world_make()
    world.people["support"].groups.add(Group.objects.get(name=DATA_PROTECTION))
    return world


@pytest.fixture
async def world(transactional_db: None) -> World:
    return await db.write(world_with_exporter)


@pytest.fixture
async def client(world: World) -> AsyncClient:
    client = AsyncClient()
    await client.aforce_login(world.people["support"])
    return client


async def export(client: AsyncClient, place: str = "export/", **asked: str) -> Any:
    return await client.post(f"{LIST}{place}", {"style": "jsonl", **asked})


async def text_of(response: Any) -> str:
    assert response.streaming
    return "".join([part.decode() async for part in response.streaming_content])


async def exported_ids(client: AsyncClient, address: str) -> set[str]:
    text = await text_of(await export(client, address=address))
    return {json.loads(line)["conversation"] for line in text.splitlines()}


def add_conversations(world: World) -> dict[str, str]:
    broken = conversation_make(world.widget, opening="Unrelated", statuses=(Status.FAILED,))
    chinese = conversation_make(world.widget, opening="我想退款", statuses=(Status.COMPLETE,))
    return {
        "broken": str(broken.pk),
        "chinese": str(chinese.pk),
        "first": str(world.conversation.pk),
    }


async def test_it_is_what_the_list_shows(client: AsyncClient, world: World) -> None:
    there = await db.write(add_conversations, world)
    assert await exported_ids(client, "") == set(there.values())
    assert await exported_ids(client, "outcome=none") >= {there["broken"]}
    assert there["chinese"] not in await exported_ids(client, "outcome=none")
    assert await exported_ids(client, "q=退款") == {there["chinese"]}
    assert await exported_ids(client, "q=Unrelated&sign=failed") == {there["broken"]}
    assert await exported_ids(client, "q=nobodysaidthis") == set()


@pytest.mark.parametrize("query", ["sign=human", "outcome=answered", "q=order", "verified=yes"])
async def test_each_filter_exports_what_its_pages_list(
    client: AsyncClient, world: World, query: str
) -> None:
    await db.write(add_conversations, world)
    page = (await client.get(f"{LIST}?{query}")).context["cl"]
    listed = {str(row.pk) for row in page.result_list}
    assert await exported_ids(client, query) == listed


async def test_a_table_opens_in_a_spreadsheet(client: AsyncClient, world: World) -> None:
    await db.write(add_conversations, world)
    response = await export(client, style="csv", address="q=退款", **EVERYTHING)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"].startswith('attachment; filename="conversations-')
    assert "no-store" in response["Cache-Control"]
    text = await text_of(response)
    assert text.startswith(BYTE_ORDER_MARK)
    rows = list(csv.DictReader(StringIO(text.removeprefix(BYTE_ORDER_MARK))))
    assert [row["text"] for row in rows] == ["我想退款", "It is **on its way**."]
    assert [row["status"] for row in rows] == ["", "complete"]


async def test_notes_leave_with_those_who_ask_for_them(client: AsyncClient, world: World) -> None:
    note = Note(conversation=world.conversation, text="=canary-note")
    await db.write(note.save)
    without = await text_of(await export(client, style="csv"))
    assert "canary-note" not in without
    assert "canary-note" in await text_of(await export(client, style="csv", notes="on"))


async def test_it_is_noted_before_it_begins_and_at_its_end(
    client: AsyncClient, world: World
) -> None:
    response = await export(client, address="q=order&sign=failed&p=3", notes="on")
    deed = await db(DataDeed.objects.latest, "pk")
    assert (deed.kind, deed.by_name, deed.is_whole) == (DeedKind.EXPORTED, "support", False)
    assert deed.query == "q=***&sign=failed"
    assert (deed.has_notes, deed.has_identity, deed.style) == (True, False, "jsonl")
    await text_of(response)
    await db(deed.refresh_from_db)
    assert deed.is_whole
    messages = await db(Message.objects.count)
    assert (deed.conversation_count, deed.message_count) == (1, messages)


async def test_who_hangs_up_ends_the_work(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "BATCH_CONVERSATIONS", 1)
    await db.write(add_conversations, world)
    deed = await db.write(deed_begin, kind=DeedKind.EXPORTED, by=world.people["owner"])
    parts = exported(
        chosen=Conversation.objects.all(),
        style=Style.JSON_LINES,
        contents=Contents(has_notes=False, has_identity=False),
        deed=deed,
    )
    await anext(parts)
    await anext(parts)
    await parts.aclose()
    await db(deed.refresh_from_db)
    assert (deed.is_whole, deed.conversation_count) == (False, 1)
    assert deed.ended_at


async def test_one_conversation_goes_alone_and_reading_it_is_noted(
    client: AsyncClient, world: World
) -> None:
    there = await db.write(add_conversations, world)
    text = await text_of(await export(client, f"{there['chinese']}/export/"))
    assert [json.loads(line)["conversation"] for line in text.splitlines()] == [there["chinese"]]
    assert await db(Reading.objects.filter(conversation_id=there["chinese"]).exists)


async def test_who_may_not_export_sees_no_button_and_gets_nothing(world: World) -> None:
    await db.write(
        world.people["support"].groups.remove, await db(Group.objects.get, name=DATA_PROTECTION)
    )
    client = AsyncClient()
    await client.aforce_login(world.people["support"])
    assert "export/" not in (await client.get(LIST)).content.decode()
    page = (await client.get(f"{LIST}{world.conversation.pk}/change/")).content.decode()
    assert "/print/" not in page
    assert (await export(client)).status_code == 403
    assert (await client.get(f"{LIST}{world.conversation.pk}/print/")).status_code == 403
    assert not await db(DataDeed.objects.filter(by_name="support").exists)


def say_payloads(world: World) -> list[Conversation]:
    Conversation.objects.all().delete()
    rows = []
    for payload in PAYLOADS:
        row = conversation_make(
            world.widget, opening=payload[:120], answer=payload, statuses=(Status.COMPLETE,)
        )
        Message.objects.filter(conversation=row, position=1).update(text=payload)
        Conversation.objects.filter(pk=row.pk).update(
            page_url=payload[:500], locale=payload[:16], attributes={payload: payload}
        )
        Note.objects.create(conversation=row, text=payload)
        rows.append(row)
    return rows


async def test_no_payload_acts_in_any_export_or_on_the_page_to_print(
    client: AsyncClient, world: World
) -> None:
    rows = await db.write(say_payloads, world)
    table = await text_of(await export(client, style="csv", **EVERYTHING))
    assert not set(ACTING) & set(table.removeprefix(BYTE_ORDER_MARK))
    lines = await text_of(await export(client, **EVERYTHING))
    assert not set(ACTING) & set(lines)
    said = {json.loads(line)["messages"][0]["text"] for line in lines.splitlines()}
    assert said == set(PAYLOADS)
    for row in rows:
        html = (await client.get(f"{LIST}{row.pk}/print/?notes=1")).content.decode()
        assert Page(html).acting == [], row.opening
        assert not set(ACTING) & set(html), row.opening


async def test_the_page_to_print_shows_notes_only_when_asked(
    client: AsyncClient, world: World
) -> None:
    await db.write(Note(conversation=world.conversation, text="canary-note").save)
    place = f"{LIST}{world.conversation.pk}/print/"
    plain, noted = [(await client.get(f"{place}{q}")).content.decode() for q in ("", "?notes=1")]
    assert "canary-note" not in plain
    assert "canary-note" in noted
    assert "<strong>on its way</strong>" in plain
    assert await db(DataDeed.objects.filter(kind=DeedKind.PRINTED, is_whole=True).count) == 2
