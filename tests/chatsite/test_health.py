from __future__ import annotations

import asyncio
import json

import pytest
from django.test import AsyncClient, Client
from pytest_django import Settings

from chatsite import health

pytestmark = pytest.mark.django_db(transaction=True)


async def probe(path: str) -> tuple[int, dict[str, str]]:
    answer = await AsyncClient().get(path)
    return answer.status_code, json.loads(answer.content)


async def test_a_living_process_says_so() -> None:
    assert await probe("/healthz") == (200, {"server": "ok"})


async def test_a_process_is_ready_when_everything_answers() -> None:
    assert await probe("/readyz") == (200, {"database": "ok", "redis": "ok", "server": "ok"})


async def test_a_draining_process_lives_but_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health.lifecycle, "is_draining", True)
    assert (await probe("/healthz"))[0] == 200
    code, states = await probe("/readyz")
    assert (code, states["server"]) == (503, "draining")


@pytest.mark.parametrize(("part", "status"), [("database", 503), ("redis", 200)])
async def test_it_names_what_is_down_and_not_why(
    part: str, status: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail() -> None:
        raise ConnectionError("password=hunter2 refused")

    monkeypatch.setitem(health.PROBES, part, fail)
    code, states = await probe("/readyz")
    assert (code, states[part]) == (status, "down")
    assert "hunter2" not in json.dumps(states)


async def test_whoever_hangs_counts_as_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "PROBE_SECONDS", 0.01)
    monkeypatch.setitem(health.PROBES, "database", asyncio.Event().wait)
    code, states = await probe("/readyz")
    assert (code, states["database"]) == (503, "down")


async def test_redis_is_asked_where_there_is_one(settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert await probe("/readyz") == (200, {"database": "ok", "redis": "down", "server": "ok"})


def test_a_probe_knows_neither_our_name_nor_https(settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    for path in ("/healthz", "/readyz"):
        assert Client().get(path, headers={"host": "10.1.2.3:8000"}).status_code == 200


def test_a_probe_sets_no_cookie() -> None:
    assert not Client().get("/readyz").cookies
