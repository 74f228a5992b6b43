"""Budgets behind the door: what a call costs, and what comes back of it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from gateway.engine.budgets import Budget, Budgets, Spent
from gateway.engine.config import Price
from gateway.engine.errors import LimitedError, StreamBrokenError
from gateway.engine.estimate import request_tokens, text_tokens
from gateway.engine.limits import Limit, Rate
from gateway.engine.pipeline import Stores
from gateway.engine.types import Started, TextDelta
from tests.gateway.engine.conftest import Diary, GatewayFactory, ScriptedFactory, limited
from tests.gateway.engine.upstreams import (
    answers,
    ask,
    events,
    good_stream,
    good_whole,
    provider,
    streams,
    word,
)


class Books:
    """A ledger in which nothing was ever spent."""

    async def spent(self, scope: str, currency: str, since: float) -> Spent:
        return Spent()


async def test_tokens_are_settled_from_usage(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(good_whole)
    gateway = gateway_of(
        provider(server.url), settings=limited(widget=Limit(tokens=Rate(0.0, 2000.0)))
    )
    request = ask(scopes={"widget": "7"})  # reserves more than a thousand, costs ten
    for _ in range(20):
        await gateway.complete(request)

    assert len(server.received) == 20


async def test_an_answer_that_broke_off_costs_what_was_heard(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(streams(events(word("x" * 300))), good_whole)
    capacity = float(request_tokens(ask()))
    gateway = gateway_of(
        provider(server.url), settings=limited(widget=Limit(tokens=Rate(0.0, capacity)))
    )
    request = ask(scopes={"widget": "7"})
    stream = gateway.stream(request)
    chunks = [await anext(stream), await anext(stream)]
    with pytest.raises(StreamBrokenError):
        await anext(stream)

    assert [type(chunk) for chunk in chunks] == [Started, TextDelta]
    with pytest.raises(LimitedError):
        await gateway.complete(request)
    await gateway.complete(ask(scopes={"widget": "7"}, max_output_tokens=800))


async def test_a_call_that_never_began_costs_nothing(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(answers(b"{}", "400 Bad Request"))
    settings = limited(widget=Limit(tokens=Rate(0.0, float(request_tokens(ask())))))
    gateway = gateway_of(provider(server.url), settings=settings)
    for _ in range(3):
        with pytest.raises(Exception, match="HTTP 400"):
            await gateway.complete(ask(scopes={"widget": "7"}))


async def test_a_budget_is_kept_in_money_by_the_price_of_the_model(
    scripted: ScriptedFactory, gateway_of: GatewayFactory, diary: Diary
) -> None:
    server = await scripted(good_stream)
    price = Price("USD", Decimal(1000), Decimal(1000))
    budgets = Budgets(Books(), {"widget": Budget(money=Decimal("1.1"))})
    gateway = gateway_of(
        provider(server.url, prices={"model-1": price}), stores=Stores(budgets=budgets)
    )
    request = ask(scopes={"widget": "7"})
    for _ in range(5):
        assert [chunk async for chunk in gateway.stream(request)]

    assert diary.calls[0].cost == Decimal("0.01")
    assert diary.calls[0].currency == "USD"
    with pytest.raises(LimitedError, match="budget"):
        await gateway.complete(ask("x" * 400, scopes={"widget": "7"}))


async def test_a_denied_call_gives_its_part_of_the_budget_back(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(good_whole)
    budgets = Budgets(Books(), {"widget": Budget(tokens=1100)})
    gateway = gateway_of(
        provider(server.url),
        stores=Stores(budgets=budgets),
        settings=limited(address=Limit(requests=Rate(0.01, 1.0))),
    )
    scopes = {"widget": "7", "address": "192.0.2.1"}
    await gateway.complete(ask(scopes=scopes))
    for _ in range(3):
        with pytest.raises(LimitedError, match="limit of ours"):
            await gateway.complete(ask(scopes=scopes))

    await gateway.complete(ask(scopes={"widget": "7"}))


def test_estimates_err_upwards() -> None:
    assert text_tokens("") == 0
    assert text_tokens("Do you ship to Norway?") == 8
    assert text_tokens("可以退货吗") == 5
    assert request_tokens(ask("", max_output_tokens=10)) == 14
