"""A trial speaks as the chat does, tells its price, and ends upstream when it is left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import date
from decimal import Decimal

import pytest

from conversations.masking.mask import Mask
from conversations.prompts.content import PromptContent
from conversations.proving.costs import Cost, content_weigh
from conversations.proving.request import Precautions, Purpose, proving_request
from conversations.proving.trial import (
    TrialBegan,
    TrialEnded,
    TrialEvent,
    TrialFailed,
    TrialSaid,
    trial_run,
)
from gateway.db import db
from gateway.engine.types import ChatMessage, ChatRequest, Role, Target
from gateway.models import Call, Price, Provider
from gateway.sandbox.server import Sandbox
from tests.conversations.proving.conftest import Judge

CONTENT = PromptContent(
    instructions="# Opening\n\nQ: When do you open?\nA: At **nine**, <b>sharp</b>.",
    route=[["sandbox", "sandbox-1"]],
)


def asked(question: str = "When do you open?") -> ChatRequest:
    turns = [ChatMessage(Role.USER, question)]
    return proving_request(CONTENT, turns=turns, values={}, purpose=Purpose.TRIAL)


async def heard(question: str = "When do you open?") -> list[TrialEvent]:
    events: AsyncGenerator[TrialEvent, None] = trial_run(await db(asked, question))
    return [event async for event in events]


def price_set() -> None:
    Price.objects.create(
        provider=Provider.objects.get(),
        model="sandbox-1",
        prompt_per_million=Decimal(1000),
        completion_per_million=Decimal(2000),
        valid_from=date(2026, 1, 1),
    )


@pytest.mark.usefixtures("site_gateway")
async def test_blocks_come_safe_and_whole_and_the_rest_as_text() -> None:
    began, *said, ended = await heard()
    assert began == TrialBegan(Target("sandbox", "sandbox-1"))
    assert isinstance(ended, TrialEnded)
    words = [event for event in said if isinstance(event, TrialSaid)]
    assert len(words) == len(said) > 1  # the first words, and what gathered behind them
    assert "At **nine**, <b>sharp</b>." in "".join(event.text for event in words)
    html = [block for event in words for block in event.blocks] + [ended.block]
    assert html[-1].strip() == "<p>At <strong>nine</strong>, &lt;b&gt;sharp&lt;/b&gt;.</p>"
    assert html[0].strip() == "<p>Happy to help!</p>"
    assert words[-1].rest == "At **nine**, <b>sharp</b>."


@pytest.mark.usefixtures("site_gateway")
async def test_a_price_that_nobody_entered_is_unknown_and_not_zero() -> None:
    ended = (await heard())[-1]
    assert isinstance(ended, TrialEnded)
    assert ended.usage is not None
    assert ended.cost == Cost(None, "")
    await db.write(price_set)
    again = (await heard())[-1]
    assert isinstance(again, TrialEnded)
    assert again.usage is not None
    expected = again.usage.prompt_tokens + 2 * again.usage.completion_tokens
    assert again.cost == Cost(Decimal(expected) / 1000, "USD")


@pytest.mark.usefixtures("site_gateway")
async def test_a_failure_is_told_by_its_code() -> None:
    assert (await heard("/fault 400"))[-1] == TrialFailed("invalid_request")


@pytest.mark.usefixtures("site_gateway")
async def test_the_ledger_tells_a_trial_from_a_customers_question() -> None:
    await heard()
    async with asyncio.timeout(10):
        while not (calls := await db(lambda: list(Call.objects.all()))):
            await asyncio.sleep(0.05)
    assert [(call.purpose, call.conversation, call.widget) for call in calls] == [("trial", "", "")]


@pytest.mark.usefixtures("site_gateway")
async def test_leaving_a_trial_ends_the_call_upstream(slow_sandbox: Sandbox) -> None:
    async with aclosing(trial_run(await db(asked))) as events:
        async for event in events:
            if isinstance(event, TrialSaid):
                break
        assert slow_sandbox.open_streams == 1
    async with asyncio.timeout(1):
        while slow_sandbox.open_streams:
            await asyncio.sleep(0.01)


@pytest.mark.usefixtures("site_gateway")
async def test_a_draft_is_weighed_at_the_price_of_who_answers_first() -> None:
    unknown = await db(content_weigh, CONTENT)
    assert unknown.tokens > 10
    assert unknown.target == Target("sandbox", "sandbox-1")
    assert unknown.most.amount is None
    await db.write(price_set)
    weight = await db(content_weigh, CONTENT)
    assert weight.first == Cost(Decimal(weight.tokens) / 1000, "USD")
    assert weight.most == Cost(Decimal(weight.tokens + 3000 + 2 * 800) / 1000, "USD")


@pytest.mark.django_db
def test_a_draft_that_nobody_can_answer_has_a_length_and_no_price() -> None:
    weight = content_weigh(PromptContent(instructions="Be kind."))
    assert (weight.target, weight.most.amount) == (None, None)


async def test_what_terminals_obey_and_halves_of_characters_never_reach_the_page(
    judge: Judge,
) -> None:
    judge.answers = "Nine\x07 \ud83d"
    turns = [ChatMessage(Role.USER, "When?")]
    content = PromptContent(instructions="Be kind.")
    request = await db(
        lambda: proving_request(content, turns=turns, values={}, purpose=Purpose.TRIAL)
    )
    events = [event async for event in trial_run(request)]
    said = [event.text for event in events if isinstance(event, TrialSaid)]
    assert "".join(said) == "Nine \ufffd"


async def test_a_trial_is_masked_and_shows_the_values_again(judge: Judge) -> None:
    mask = Mask()
    turns = [ChatMessage(Role.USER, "I am anna.canary@example.com")]
    judge.answers = "Hello [EMAIL-1], not [EMAIL-2] or ["
    request = await db(
        lambda: proving_request(
            PromptContent(instructions="Be kind."),
            turns=turns,
            values={},
            purpose=Purpose.TRIAL,
            precautions=Precautions(mask),
        )
    )
    said = [event async for event in trial_run(request, mask=mask)]
    text = "".join(event.text for event in said if isinstance(event, TrialSaid))
    assert text == "Hello anna.canary@example.com, not [EMAIL-2] or ["
    assert "canary" not in str(judge.heard)
