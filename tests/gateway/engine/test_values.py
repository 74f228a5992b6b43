"""Small promises of the plain values."""

from __future__ import annotations

from decimal import Decimal

import pytest

from gateway.engine.config import Price, Secret
from gateway.engine.errors import (
    DeadlineExceededError,
    GatewayError,
    InvalidRequestError,
    TransientError,
)
from gateway.engine.telemetry import cost_of
from gateway.engine.types import TextDelta, Usage, completion_of
from tests.gateway.engine.upstreams import provider

PRICE = Price("USD", Decimal("2.50"), Decimal(10))


def test_a_secret_shows_itself_only_to_who_asks_for_it() -> None:
    secret = Secret("sk-canary")

    assert (
        "canary" not in f"{secret} {secret!r} {provider('https://x', 'sk-canary').keys[0].secret!r}"
    )
    assert secret.reveal() == "sk-canary"
    assert {secret} == {Secret("sk-canary")}
    assert secret != "sk-canary"


def test_a_price_is_for_a_million_tokens() -> None:
    assert cost_of(Usage(1000, 200), PRICE) == Decimal("0.0045")


def test_what_is_unknown_costs_an_unknown_amount_and_not_nothing() -> None:
    assert cost_of(None, PRICE) is None
    assert cost_of(Usage(1, 1), None) is None


def test_a_stream_without_its_ends_is_no_completion() -> None:
    with pytest.raises(TypeError):
        completion_of([TextDelta("a"), TextDelta("b")])


def _tree(kind: type[GatewayError]) -> list[type[GatewayError]]:
    return [kind, *(leaf for child in kind.__subclasses__() for leaf in _tree(child))]


def test_every_error_has_a_code_of_its_own() -> None:
    codes = [kind.code for kind in _tree(GatewayError)]

    assert len(codes) == len(set(codes))


def test_every_error_is_drawn_in_the_tree() -> None:
    from gateway.engine import errors  # noqa: PLC0415  # its docstring is what is tested

    assert errors.__doc__
    for kind in _tree(GatewayError):
        assert kind.__name__ in errors.__doc__


def test_an_error_without_a_detail_says_its_code() -> None:
    assert str(TransientError()) == "transient"
    assert not DeadlineExceededError.reroutes
    assert InvalidRequestError(parameter="temperature").parameter == "temperature"
