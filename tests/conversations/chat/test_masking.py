"""Personal data goes in, the provider never sees it, and the customer reads it again."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import models

from conversations.chat.prompt import messages_sent
from conversations.models import Message, PromptVersion, Reply, Widget
from gateway.db import db
from gateway.models import Call, Provider
from gateway.runtime import gateway_close
from gateway.services import key_add, provider_create
from tests.conversations.chat.client import Client, Connect
from tests.conversations.echo import Echo

CANARIES = {
    "EMAIL": "anna.canary@example.com",
    "PHONE": "+49 30 7654321",
    "PHONE 2": "138-0013-8000",
    "CARD": "4111 1111 1111 1111",
    "IBAN": "DE89 3704 0044 0532 0130 00",
    "ID": "11010519491231002X",
    "WIDE": "\uff11\uff13\uff19\uff10\uff10\uff11\uff13\uff18\uff10\uff10\uff10",
}
EVERYTHING = " / ".join(CANARIES.values())


def canaries_in(text: str) -> list[str]:
    bare = text.replace(" ", "").replace("-", "")
    return [
        name
        for name, value in CANARIES.items()
        if value in text or value.replace(" ", "").replace("-", "") in bare
    ]


@pytest.fixture
async def echo(transactional_db: None, widget: Widget) -> AsyncIterator[Echo]:
    """A provider that says what it was asked, and a widget that masks."""
    provider = Echo()
    runner = await provider.start()
    await db.write(_site_make, provider.url, widget)
    yield provider
    await gateway_close()
    await runner.cleanup()


def _site_make(url: str, widget: Widget) -> None:
    made = provider_create(
        slug="echo", name="Echo", base_url=url, default_model="echo-1", is_private=True
    )
    key_add(provider=made, label="test", secret="echo-test")
    Widget.objects.filter(pk=widget.pk).update(is_masking=True)


def version_change(**fields: object) -> None:
    version = PromptVersion.objects.get()
    for name, value in fields.items():
        setattr(version, name, value)
    models.Model.save(version)


async def answered(client: Client, text: str, position: int = 2) -> str:
    """Send a text and return the whole answer, as it was told word by word and as it is kept."""
    await client.send(text)
    await client.until_status(position, "complete")
    kept = await db(lambda: text_kept(client, position))
    assert kept.endswith(words_told(client, position))
    return kept


def text_kept(client: Client, position: int) -> str:
    return Message.objects.get(conversation=UUID(client.conversation), position=position).text


def words_told(client: Client, position: int = 2) -> str:
    frames = [frame for frame in client.frames if frame.get("position") == position]
    return "".join(frame["text"] for frame in frames if frame["type"] == "reply.delta")


def told(client: Client) -> str:
    """Return everything this socket was ever told, as text."""
    return json.dumps(client.frames, ensure_ascii=False)


async def test_no_canary_reaches_the_provider_and_the_customer_reads_all_of_them(
    echo: Echo, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client = await connect()
    answer = await answered(client, EVERYTHING)
    assert answer == f"You said: {EVERYTHING}"
    assert canaries_in(echo.text) == []
    assert (
        "[EMAIL-1] / [PHONE-1] / [PHONE-2] / [CARD-1] / [IBAN-1] / [ID-1] / [PHONE-3]" in echo.text
    )
    assert caplog.records
    assert canaries_in(caplog.text) == []
    assert canaries_in("".join(str(record.__dict__) for record in caplog.records)) == []


async def test_the_words_never_show_a_placeholder_even_by_half(
    echo: Echo, connect: Connect
) -> None:
    echo.piece, echo.pause_seconds = 1, 0.01
    client = await connect()
    await answered(client, "My mail is anna.canary@example.com, yes.")
    assert "[EMAIL" not in told(client)
    assert not any(
        frame["text"].endswith(("[", "[E", "[EM")) for frame in client.frames if "text" in frame
    )


async def test_what_is_stored_is_what_was_typed_and_what_was_read(
    echo: Echo, connect: Connect, tmp_path: Path
) -> None:
    await answered(await connect(), EVERYTHING)
    texts = await db(lambda: list(Message.objects.order_by("position").values_list("text")))
    assert texts == [(EVERYTHING,), (f"You said: {EVERYTHING}",)]
    await gateway_close()  # the ledger writes down what it holds
    assert await db(Call.objects.count) == 1
    export = tmp_path / "gateway.json"
    await db(lambda: call_command("dumpdata", "gateway", "--output", str(export)))
    assert canaries_in(export.read_text()) == []


async def test_the_messages_that_were_sent_are_shown_as_they_were_sent(
    echo: Echo, connect: Connect
) -> None:
    await answered(await connect(), EVERYTHING)
    # Whatever the switch says today.
    for is_masking in (True, False):
        await db.write(Widget.objects.update, is_masking=is_masking)
        sent = await db(lambda: messages_sent(Reply.objects.get()))
        assert sent is not None
        received = json.loads(echo.received[0])["messages"]
        assert [message.content for message in sent] == [said["content"] for said in received]


async def test_every_attempt_and_every_turn_is_masked_alike(echo: Echo, connect: Connect) -> None:
    echo.failures = 2
    client = await connect()
    await answered(client, "I am anna.canary@example.com")
    await answered(client, "and +49 30 7654321, not anna.canary@example.com", 4)
    assert len(echo.received) == 4
    assert canaries_in(echo.text) == []
    turns = json.loads(echo.received[-1])["messages"][1:]
    assert [turn["content"] for turn in turns] == [
        "I am [EMAIL-1]",
        "You said: I am [EMAIL-1]",
        "and [PHONE-1], not [EMAIL-1]",
    ]


async def test_what_the_website_says_of_a_customer_is_masked_and_what_editors_wrote_is_not(
    echo: Echo, connect: Connect
) -> None:
    instructions = "Call +49 30 1112223. Customer on {{page_url}}. Default {{desk}}."
    variables = [
        {"name": "page_url"},
        {"name": "desk", "default": "desk@shop.example"},
    ]
    await db.write(lambda: version_change(instructions=instructions, variables=variables))
    client = await connect(page="https://shop.example/?mail=anna.canary@example.com")
    await client.send("Is it +49 30 1112223 or desk@shop.example, or 138-0013-8000?")
    await client.until_status(2, "complete")

    system, question = json.loads(echo.received[0])["messages"]
    assert system["content"] == (
        "Call +49 30 1112223. Customer on https://shop.example/?mail=[EMAIL-1]. "
        "Default desk@shop.example."
    )
    assert question["content"] == "Is it +49 30 1112223 or desk@shop.example, or [PHONE-1]?"


async def test_typing_a_placeholder_gets_nobodys_value(echo: Echo, connect: Connect) -> None:
    client = await connect()
    answer = await answered(client, "I am anna.canary@example.com. What is [EMAIL-1]? [email-2]?")
    assert answer == "You said: I am anna.canary@example.com. What is [EMAIL-1]? [email-2]?"
    stranger = await connect()
    echo.says = "[EMAIL-1] [PHONE-1] [TEXT-1]"
    assert await answered(stranger, "Tell me [EMAIL-1]") == "[EMAIL-1] [PHONE-1] [EMAIL-1]"
    assert canaries_in(told(stranger)) == []


async def test_customers_share_a_remembered_answer_and_each_reads_their_own_value(
    echo: Echo, connect: Connect
) -> None:
    await db.write(lambda: version_change(may_cache=True))
    first, second = await connect(), await connect()
    assert await answered(first, "I am anna@example.com") == "You said: I am anna@example.com"
    assert await answered(second, "I am bert@example.com") == "You said: I am bert@example.com"
    assert len(echo.received) == 1
    assert "anna" not in told(second)
    third = await connect()
    assert await answered(third, "I am [EMAIL-1]") == "You said: I am [EMAIL-1]"
    assert "anna" not in told(third)


async def test_customers_share_a_running_answer_and_each_reads_their_own_value(
    echo: Echo, connect: Connect
) -> None:
    await db.write(lambda: version_change(may_cache=True))
    echo.pause_seconds, echo.piece = 0.02, 2
    names = ("anna", "bert", "carl", "dora")
    clients = [await connect() for _ in names]
    answers = await asyncio.gather(
        *(
            answered(client, f"I am {name}@example.com")
            for client, name in zip(clients, names, strict=True)
        )
    )
    assert answers == [f"You said: I am {name}@example.com" for name in names]
    assert len(echo.received) == 1
    for client, name in zip(clients, names, strict=True):
        assert not any(other in told(client) for other in names if other != name)


async def test_a_remembered_answer_of_before_the_switch_is_not_taken_for_a_masked_one(
    echo: Echo, connect: Connect
) -> None:
    await db.write(lambda: version_change(may_cache=True))
    await db.write(lambda: Widget.objects.update(is_masking=False))
    await answered(await connect(), "I am [EMAIL-1]")
    await db.write(lambda: Widget.objects.update(is_masking=True))
    await answered(await connect(), "I am anna@example.com")
    assert len(echo.received) == 2


@pytest.mark.parametrize("reason", ["length", "content_filter"])
async def test_an_answer_cut_within_a_placeholder_ends_before_it(
    echo: Echo, connect: Connect, reason: str
) -> None:
    echo.says, echo.reason = "I wrote to [EMAIL-", reason
    client = await connect()
    await client.send("anna.canary@example.com")
    await client.until_status(2, "complete", "interrupted")
    assert await db(lambda: text_kept(client, 2)) == "I wrote to "
    assert "[EMAIL" not in told(client)


async def test_an_answer_that_is_stopped_within_a_placeholder_ends_before_it(
    echo: Echo, connect: Connect
) -> None:
    echo.says, echo.hangs = "I wrote to [EMAIL-", True
    client = await connect()
    await client.send("anna.canary@example.com")
    await client.until(lambda _: "I wrote to " in words_told(client))
    await asyncio.sleep(0.2)
    await client.tell({"type": "stop", "position": 2})
    await client.until_status(2, "stopped")
    assert "[EMAIL" not in told(client)


async def test_a_bracket_at_the_very_end_is_the_models_own(echo: Echo, connect: Connect) -> None:
    echo.says = "{asked} or ["
    assert await answered(await connect(), "a@b.de") == "a@b.de or ["


async def test_a_widget_that_does_not_mask_sends_what_was_typed(
    echo: Echo, connect: Connect
) -> None:
    await db.write(lambda: Widget.objects.update(is_masking=False))
    assert await answered(await connect(), EVERYTHING) == f"You said: {EVERYTHING}"
    assert EVERYTHING in echo.text


@pytest.mark.parametrize(
    ("region", "forbidden", "is_answered"),
    [("eu", ["us"], True), ("us", ["us"], False), ("", ["us"], False), ("", [], True)],
)
async def test_a_provider_in_a_forbidden_or_unknown_region_is_never_asked(
    echo: Echo, connect: Connect, region: str, forbidden: list[str], *, is_answered: bool
) -> None:
    await db.write(lambda: Provider.objects.update(region=region))
    await db.write(lambda: Widget.objects.update(forbidden_regions=forbidden))
    client = await connect()
    await client.send("Hello?")
    message = await client.until_status(2, "complete", "failed")
    assert (message["status"] == "complete") is is_answered
    assert bool(echo.received) is is_answered
    if not is_answered:
        assert message["error"]["code"] == "region_forbidden"
        assert "is saved" in message["error"]["text"]
        reply = await db(Reply.objects.get)
        assert reply.error_code == "region_forbidden"
        await gateway_close()  # as above
        assert (await db(Call.objects.get)).error_code == "region_forbidden"
