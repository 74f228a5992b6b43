"""A customer takes a copy of a conversation, or erases it; nobody else can."""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import UTC, datetime
from hashlib import sha256
from http import HTTPStatus
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.http import HttpResponse
from django.test import AsyncClient
from pytest_django import Settings

from conversations.chat.leases import Ending, reply_end
from conversations.chat.limits import turnstile
from conversations.chat.runs import runs
from conversations.chat.services import Opinion, Visit, message_receive, reply_rate
from conversations.identity.tokens import visitor_token_make
from conversations.models import (
    Conversation,
    Message,
    RatingReason,
    RatingValue,
    ReplyStatus,
    Widget,
)
from gateway.db import db

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("transactional_db")]

ATTACK = "<script>alert(1)</script>"


@pytest.fixture
def conversation(visit: Visit) -> UUID:
    """A conversation with one rated answer."""
    receipt = message_receive(
        visit=visit, conversation=None, client_id=uuid4(), text=f"我想退货 {ATTACK}", owner="a"
    )
    assert receipt.claim
    text = f"**30 days** {ATTACK}\n\n![x](https://evil.example/pixel.png)"
    reply_end(receipt.claim, Ending(status=ReplyStatus.COMPLETE, text=text))
    opinion = Opinion(RatingValue.DOWN, RatingReason.WRONG, ATTACK)
    reply_rate(conversation=receipt.conversation, position=2, opinion=opinion)
    return receipt.conversation


@pytest.fixture
def token(widget: Widget, visitor: UUID) -> str:
    return visitor_token_make(visitor, widget.public_key)


async def ask(
    method: str, widget: Widget, conversation: UUID, token: str | None, path: str = ""
) -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    address = f"/widget/{widget.public_key}/conversations/{conversation}/{path}"
    return await getattr(AsyncClient(), method)(address, headers=headers)


def code(response: HttpResponse) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]  # type: ignore[attr-defined]  # the test client's


class TestCopy:
    async def test_it_is_a_file_with_a_plain_name(
        self, widget: Widget, conversation: UUID, token: str
    ) -> None:
        response = await ask("get", widget, conversation, token, "copy/?zone=Asia/Shanghai")
        assert response.status_code == HTTPStatus.OK
        assert response["Content-Type"] == "text/html; charset=utf-8"
        assert response["Cache-Control"] == "private, no-store"
        assert re.fullmatch(
            r'attachment; filename="shop-\d{4}-\d\d-\d\d\.html"', response["Content-Disposition"]
        )
        assert not response.cookies

    async def test_a_name_that_plain_letters_cannot_say_becomes_chat(
        self, widget: Widget, conversation: UUID, token: str
    ) -> None:
        await db.write(lambda: Widget.objects.update(name='客服"; x='))
        response = await ask("get", widget, conversation, token, "copy/")
        assert 'filename="x-' in response["Content-Disposition"]
        await db.write(lambda: Widget.objects.update(name="客服"))
        response = await ask("get", widget, conversation, token, "copy/")
        assert 'filename="chat-' in response["Content-Disposition"]

    async def test_it_holds_what_was_said_and_nothing_in_it_acts(
        self, widget: Widget, conversation: UUID, token: str
    ) -> None:
        response = await ask("get", widget, conversation, token, "copy/")
        html = response.content.decode()
        assert "我想退货 &lt;script&gt;" in html
        assert "<strong>30 days</strong>" in html
        assert "Not helpful · Wrong" in html
        assert "<script" not in html
        assert "<img" not in html
        assert not re.search(r'(?:src|href)="(?!https://evil)', html)

    async def test_its_policy_lets_in_its_own_style_alone(
        self, widget: Widget, conversation: UUID, token: str
    ) -> None:
        html = (await ask("get", widget, conversation, token, "copy/")).content.decode()
        style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
        assert style
        digest = b64encode(sha256(style[1].encode()).digest()).decode()
        assert f"default-src 'none'; style-src 'sha256-{digest}'" in html
        assert " style=" not in html

    async def test_it_speaks_the_language_and_keeps_the_time_of_its_reader(
        self, widget: Widget, conversation: UUID, token: str
    ) -> None:
        moment = datetime(2026, 11, 23, 20, 30, tzinfo=UTC)
        await db.write(lambda: Message.objects.update(created_at=moment))
        await db.write(lambda: Conversation.objects.update(created_at=moment))
        response = await ask(
            "get", widget, conversation, token, "copy/?locale=zh-CN&zone=Asia/Shanghai"
        )
        html = response.content.decode()
        assert '<html lang="zh-hans">' in html
        assert "AI 助手" in html
        assert "04:30" in html
        assert "2026-11-24.html" in response["Content-Disposition"]

    @pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd", "%00", "a" * 5000])
    async def test_a_time_zone_that_there_is_not_becomes_the_sites(
        self, widget: Widget, conversation: UUID, token: str, zone: str
    ) -> None:
        response = await ask("get", widget, conversation, token, f"copy/?zone={zone}")
        assert response.status_code == HTTPStatus.OK
        assert "times are in UTC" in response.content.decode()

    @pytest.mark.parametrize(
        ("status", "words"),
        [
            (ReplyStatus.RUNNING, "The answer is on its way."),
            (ReplyStatus.STOPPED, "Stopped"),
            (ReplyStatus.FAILED, "Something went wrong on our side."),
        ],
    )
    async def test_it_says_how_an_answer_ended(
        self, widget: Widget, visit: Visit, token: str, status: ReplyStatus, words: str
    ) -> None:
        receipt = await db.write(
            lambda: message_receive(
                visit=visit, conversation=None, client_id=uuid4(), text="When?", owner="a"
            )
        )
        if status is not ReplyStatus.RUNNING:
            assert receipt.claim
            await db.write(reply_end, receipt.claim, Ending(status=status, text=""))
        response = await ask("get", widget, receipt.conversation, token, "copy/")
        assert words in response.content.decode()


class TestErasure:
    async def test_it_is_gone_for_good(
        self, widget: Widget, conversation: UUID, token: str
    ) -> None:
        response = await ask("delete", widget, conversation, token)
        assert response.status_code == HTTPStatus.NO_CONTENT
        assert not await db(Conversation.objects.exists)
        assert not await db(Message.objects.exists)
        again = await ask("delete", widget, conversation, token)
        assert code(again) == (404, "unknown_conversation")

    async def test_who_looks_on_is_woken(
        self, widget: Widget, conversation: UUID, token: str
    ) -> None:
        woken: list[bool] = []
        unwatch = runs().pokes.watch(conversation, lambda: woken.append(True))
        await ask("delete", widget, conversation, token)
        unwatch()
        assert woken == [True]

    @pytest.mark.parametrize("method", ["get", "post", "put"])
    async def test_it_takes_the_right_verb(
        self, widget: Widget, conversation: UUID, token: str, method: str
    ) -> None:
        response = await ask(method, widget, conversation, token)
        assert response.status_code == HTTPStatus.METHOD_NOT_ALLOWED


ROUTES = pytest.mark.parametrize(("method", "path"), [("get", "copy/"), ("delete", "")])


@ROUTES
class TestOwner:
    async def test_a_stranger_finds_nothing(
        self, widget: Widget, conversation: UUID, method: str, path: str
    ) -> None:
        stranger = visitor_token_make(uuid4(), widget.public_key)
        response = await ask(method, widget, conversation, stranger, path)
        assert code(response) == (404, "unknown_conversation")
        assert await db(Conversation.objects.exists)

    async def test_a_token_of_another_widget_opens_nothing(
        self, widget: Widget, conversation: UUID, visitor: UUID, method: str, path: str
    ) -> None:
        other = visitor_token_make(visitor, "another")
        assert code(await ask(method, widget, conversation, other, path)) == (401, "invalid_token")
        assert await db(Conversation.objects.exists)

    async def test_a_conversation_on_another_widget_is_not_found(
        self, widget: Widget, conversation: UUID, visitor: UUID, method: str, path: str
    ) -> None:
        other = await db.write(
            lambda: Widget.objects.create(name="B", prompt_template=widget.prompt_template)
        )
        token = visitor_token_make(visitor, other.public_key)
        response = await ask(method, other, conversation, token, path)
        assert code(response) == (404, "unknown_conversation")

    @pytest.mark.parametrize("token", [None, "", "forged", "a b c"])
    async def test_without_a_token_nobody_gets_in(
        self, widget: Widget, conversation: UUID, method: str, path: str, token: str | None
    ) -> None:
        response = await ask(method, widget, conversation, token, path)
        assert code(response) == (401, "invalid_token")
        assert response["Cache-Control"] == "private, no-store"
        assert await db(Conversation.objects.exists)

    async def test_a_token_in_the_address_is_not_read(
        self, widget: Widget, conversation: UUID, token: str, method: str, path: str
    ) -> None:
        response = await ask(method, widget, conversation, None, f"{path}?token={token}")
        assert code(response) == (401, "invalid_token")

    async def test_whoever_asks_too_often_waits(
        self,
        widget: Widget,
        conversation: UUID,
        visitor: UUID,
        token: str,
        method: str,
        path: str,
        settings: Settings,
    ) -> None:
        for _ in range(settings.VISITOR_MESSAGES_PER_MINUTE):
            await turnstile.message_admit(visitor, "")
        response = await ask(method, widget, conversation, token, path)
        assert code(response) == (429, "too_many")
        assert int(response["Retry-After"]) >= 1
        assert await db(Conversation.objects.exists)

    async def test_an_unknown_widget_has_no_conversations(
        self, widget: Widget, conversation: UUID, token: str, method: str, path: str
    ) -> None:
        await db.write(lambda: Widget.objects.update(is_active=False))
        response = await ask(method, widget, conversation, token, path)
        assert code(response) == (404, "unknown_widget")
