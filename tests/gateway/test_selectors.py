from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from gateway.engine.types import Target
from gateway.models import Call, Price, Provider
from gateway.models.call import Outcome
from gateway.selectors import (
    calls_for_conversation,
    calls_for_reply,
    default_route,
    prices,
)
from gateway.services import provider_create, provider_update

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)


def provider(slug: str) -> Provider:
    return provider_create(slug=slug, name=slug.title(), base_url=f"https://{slug}.example/v1")


def call(minutes_ago: float, **values: Any) -> Call:
    started_at = NOW - timedelta(minutes=minutes_ago)
    return Call.objects.create(started_at=started_at, **{"outcome": Outcome.SUCCEEDED, **values})


def test_nobody_answers_where_there_is_no_provider() -> None:
    assert default_route() == ()


def test_the_sandbox_answers_only_where_there_is_no_real_provider() -> None:
    provider_update(provider=provider("sandbox"), default_model="sandbox-1")
    assert default_route() == (Target("sandbox", "sandbox-1"),)
    real = provider_update(provider=provider("real"), default_model="gpt")
    assert default_route() == (Target("real", "gpt"),)
    provider_update(provider=real, is_active=False)
    assert default_route() == (Target("sandbox", "sandbox-1"),)


def test_every_provider_with_a_default_model_stands_in_for_those_before_it() -> None:
    provider("named-only")
    for slug in ("first", "second"):
        provider_update(provider=provider(slug), default_model=f"{slug}-model")
    assert default_route() == (Target("first", "first-model"), Target("second", "second-model"))


def test_the_calls_of_all_attempts_at_a_reply_are_found_oldest_first() -> None:
    call(1, conversation="c", reply="7.2", model="second")
    call(2, conversation="c", reply="7.1", model="first")
    call(3, conversation="c", reply="77.1")
    call(4, conversation="other", reply="7.1")
    found = calls_for_reply(conversation="c", reply="7")
    assert [summary.model for summary in found] == ["first", "second"]
    assert len(calls_for_reply(conversation="c", reply="7.1")) == 1
    assert len(calls_for_conversation("c")) == 3


def test_a_price_holds_from_its_day_on() -> None:
    example = provider("example")
    for day, amount in ((date(2026, 1, 1), "1.0"), (date(2026, 11, 1), "2.0")):
        Price.objects.create(
            provider=example,
            model="m",
            prompt_per_million=Decimal(amount),
            completion_per_million=Decimal(amount),
            valid_from=day,
        )
    assert prices(date(2025, 12, 31)) == []
    assert [tag.prompt_per_million for tag in prices(date(2026, 10, 31))] == [Decimal("1.0")]
    assert [tag.prompt_per_million for tag in prices(date(2026, 11, 1))] == [Decimal("2.0")]
