from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from pytest_django import Settings

from gateway.configuration import configuration_read, providers_of
from gateway.engine.budgets import Budget as EngineBudget
from gateway.engine.config import KeyStanding
from gateway.engine.limits import Limit as EngineLimit
from gateway.engine.limits import Rate
from gateway.models import ApiKey, Budget, Limit, Price, Provider
from gateway.services import (
    budget_save,
    key_add,
    key_pause,
    key_replace,
    key_retire,
    limit_save,
    provider_create,
    provider_update,
)

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 23)


@pytest.fixture
def provider() -> Provider:
    return provider_create(slug="example", name="Example", base_url="https://x.example/v1")


@pytest.fixture
def key(provider: Provider) -> ApiKey:
    return key_add(provider=provider, label="main", secret="sk-canary", weight=3)


def test_the_engine_gets_open_keys_and_their_standing(key: ApiKey, settings: Settings) -> None:
    settings.GATEWAY_CONNECTIONS, settings.GATEWAY_IDLE_CONNECTIONS = 7, 5
    key_pause(key=key)
    (config,) = providers_of(configuration_read(TODAY))
    (given,) = config.keys
    assert (config.name, config.base_url, config.proxy_url) == (
        "example",
        key.provider.base_url,
        None,
    )
    assert (config.pool.connections, config.pool.idle) == (7, 5)
    assert (given.id, given.label, given.weight) == (str(key.pk), "main", 3)
    assert given.secret.reveal() == "sk-canary"
    assert given.standing is KeyStanding.PAUSED


def test_nothing_open_is_in_what_a_poll_compares(key: ApiKey) -> None:
    assert "sk-canary" not in repr(configuration_read(TODAY))


def test_the_same_database_reads_the_same(key: ApiKey) -> None:
    assert configuration_read(TODAY) == configuration_read(TODAY)


def test_every_change_an_operator_can_make_reads_differently(key: ApiKey) -> None:
    seen = [configuration_read(TODAY)]

    def changed() -> bool:
        seen.append(configuration_read(TODAY))
        return seen[-1] not in seen[:-1]

    new = key_replace(key=key, secret="sk-new")
    assert changed()
    key_pause(key=new)
    assert changed()
    key_retire(key=new)
    assert changed()
    provider_update(provider=key.provider, proxy_url="http://proxy.example:3128")
    assert changed()
    provider_update(provider=key.provider, base_url="https://y.example/v1")
    assert changed()
    provider_update(provider=key.provider, is_active=False)
    assert changed()
    assert seen[-1].providers == ()


def test_keys_without_a_secret_are_not_given(key: ApiKey) -> None:
    provider_update(provider=key.provider, base_url="https://y.example/v1")
    (config,) = providers_of(configuration_read(TODAY))
    assert config.keys == ()


def test_a_key_under_a_lost_master_key_is_left_out_and_the_others_serve(
    key: ApiKey, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.MASTER_KEYS = ["QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="]
    key_add(provider=key.provider, label="new", secret="sk-new")
    (config,) = providers_of(configuration_read(TODAY))
    assert [given.label for given in config.keys] == ["new"]
    assert "Key main of example is left out: No entry of MASTER_KEYS has the id" in caplog.text


def test_without_any_master_key_the_providers_stay_and_their_keys_go(
    key: ApiKey, settings: Settings
) -> None:
    settings.MASTER_KEYS = []
    (config,) = providers_of(configuration_read(TODAY))
    assert config.keys == ()


def test_limits_and_budgets_reach_the_engine_by_the_names_it_asks_for(key: ApiKey) -> None:
    before = configuration_read(TODAY)
    for fields in (
        {"kind": "provider", "concurrency": 9},
        {"kind": "provider", "subject": "example", "concurrency": 5},
        {"kind": "key", "subject": str(key.pk), "requests_per_minute": 60, "burst": 2},
        {"kind": "model", "subject": "example/org/m-1", "tokens_per_minute": 600},
        {"kind": "widget", "subject": "7", "concurrency": 1},
        {"kind": "customer", "concurrency": 2},
    ):
        limit_save(limit=Limit(**fields))
    budget_save(budget=Budget(kind="customer", money=Decimal("1.50")))
    found = configuration_read(TODAY)
    (config,) = providers_of(found)
    assert found != before
    assert config.limit == EngineLimit(concurrency=5)
    assert config.keys[0].limit == EngineLimit(requests=Rate(1.0, 2))
    assert config.model_limits == {"org/m-1": EngineLimit(tokens=Rate(10.0, 600))}
    assert found.allowances.caller_limits() == {
        "widget:7": EngineLimit(concurrency=1),
        "customer": EngineLimit(concurrency=2),
    }
    assert found.allowances.daily_budgets() == {"customer": EngineBudget(None, Decimal("1.50"))}


def test_a_price_comes_into_force_on_its_day(provider: Provider) -> None:
    Price.objects.create(
        provider=provider,
        model="m-1",
        prompt_per_million=Decimal(2),
        completion_per_million=Decimal(8),
        valid_from=TODAY,
    )
    (before,) = providers_of(configuration_read(TODAY - timedelta(days=1)))
    (today,) = providers_of(configuration_read(TODAY))
    assert before.prices == {}
    assert today.prices["m-1"].completion_per_million == 8
