from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Sequence
from decimal import Decimal
from typing import Any

import pytest
from django.db import DataError, OperationalError

from gateway.db import db
from gateway.engine.config import KeyStanding
from gateway.engine.telemetry import AttemptRecord, CallRecord, KeyChange, Outcome
from gateway.engine.types import Priority, Target, Usage
from gateway.models import ApiKey, Call
from gateway.models.provider import KeyState
from gateway.services import key_add, key_pause, provider_create
from gateway.stores import ledger as module
from gateway.stores.ledger import Ledger

pytestmark = pytest.mark.django_db(transaction=True)

TARGET = Target("example", "m-1")


async def at_once(_: float) -> None:
    await asyncio.sleep(0)


@pytest.fixture
async def ledger() -> AsyncIterator[Ledger]:
    keeper = Ledger(sleep=at_once, max_waiting=3)
    yield keeper
    await keeper.aclose()


def record(**changes: Any) -> CallRecord:
    values: dict[str, Any] = {
        "id": uuid.uuid4().hex,
        "started_at": 1_795_456_800.0,
        "outcome": Outcome.SUCCEEDED,
        "error_code": "",
        "status": 200,
        "target": TARGET,
        "key_label": "main",
        "attempts": (
            AttemptRecord(
                target=TARGET,
                key_label="main",
                wait_seconds=0.0,
                took_seconds=0.25,
                status=200,
                error_code="",
            ),
        ),
        "queue_seconds": 0.0,
        "first_token_seconds": 0.25,
        "total_seconds": 1.5,
        "usage": Usage(10, 20),
        "spent": Usage(10, 20),
        "spent_cost": Decimal("0.00012"),
        "cost": Decimal("0.00012"),
        "currency": "USD",
        "is_cached": False,
        "is_shared": False,
        "priority": Priority.CHAT,
        "labels": {"conversation": "c-1", "reply": "7.1", "unknown": "left out"},
    }
    return CallRecord(**{**values, **changes})


async def calls() -> list[Call]:
    return await db(lambda: list(Call.objects.order_by("started_at")))


async def test_a_call_is_written_with_everything_that_is_known(ledger: Ledger) -> None:
    ledger.call_ended(record())
    await ledger.aclose()
    (row,) = await calls()
    assert (row.provider, row.model, row.key_label) == ("example", "m-1", "main")
    assert (row.first_token_ms, row.total_ms, row.prompt_tokens) == (250, 1500, 10)
    assert (row.cost, row.currency) == (Decimal("0.00012"), "USD")
    assert (row.conversation, row.reply, row.widget) == ("c-1", "7.1", "")
    assert (row.spent_tokens, row.spent_cost) == (30, Decimal("0.00012"))
    assert row.attempts[0]["took_ms"] == 250
    assert not row.is_batch


async def test_what_is_unknown_stays_unknown_and_is_never_zero(ledger: Ledger) -> None:
    ledger.call_ended(
        record(
            outcome=Outcome.FAILED,
            error_code="no_key",
            target=None,
            status=None,
            attempts=(),
            first_token_seconds=None,
            usage=None,
            spent=None,
            spent_cost=None,
            cost=None,
            priority=Priority.BATCH,
        )
    )
    await ledger.aclose()
    (row,) = await calls()
    assert (row.cost, row.currency, row.prompt_tokens, row.first_token_ms) == (None, "", None, None)
    assert (row.outcome, row.error_code, row.provider) == ("failed", "no_key", "")
    assert row.is_batch


async def test_it_writes_by_itself_while_it_runs(ledger: Ledger) -> None:
    ledger.start()
    ledger.call_ended(record())
    async with asyncio.timeout(5):
        while not await calls():
            await asyncio.sleep(0)


async def test_what_comes_while_it_writes_waits_for_more_as_all_others_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A batch costs nearly the same whatever its size, so a busy site must not write many."""
    done: list[str] = []
    loop = asyncio.get_running_loop()

    async def gather(seconds: float) -> None:
        assert seconds == module.GATHER_SECONDS
        done.append("gathered")

    def write(calls: Sequence[CallRecord], changes: Sequence[KeyChange]) -> None:
        done.append("wrote")
        if len(done) < 6:
            loop.call_soon_threadsafe(keeper.call_ended, record())

    keeper = Ledger(sleep=gather)
    monkeypatch.setattr(module, "ledger_write", write)
    keeper.start()
    keeper.call_ended(record())
    async with asyncio.timeout(5):
        while len(done) < 6:
            await asyncio.sleep(0)
    await keeper.aclose()
    assert done[:6] == ["gathered", "wrote"] * 3


async def test_a_record_written_twice_is_one_row(ledger: Ledger) -> None:
    twice = record()
    ledger.call_ended(twice)
    ledger.call_ended(twice)
    await ledger.aclose()
    assert len(await calls()) == 1


async def test_over_its_bound_it_drops_the_oldest_and_counts(ledger: Ledger) -> None:
    for second in range(5):
        ledger.call_ended(record(started_at=1_795_456_800.0 + second))
    await ledger.aclose()
    assert ledger.dropped == 2
    assert [row.started_at.second for row in await calls()] == [2, 3, 4]


async def test_while_the_database_is_away_records_wait(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = 0
    write = module.ledger_write

    def sometimes(calls: Sequence[CallRecord], changes: Sequence[KeyChange]) -> None:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise OperationalError("the database is away")
        write(calls, changes)

    monkeypatch.setattr(module, "ledger_write", sometimes)
    ledger.start()
    ledger.call_ended(record())
    async with asyncio.timeout(5):
        while not await calls():
            await asyncio.sleep(0)
    assert ledger.dropped == 0


async def test_a_record_that_can_never_be_written_stops_no_other(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = module.ledger_write

    def picky(calls: Sequence[CallRecord], changes: Sequence[KeyChange]) -> None:
        if calls[0].error_code == "poison":
            raise DataError("the value is out of range")
        write(calls, changes)

    monkeypatch.setattr(module, "ledger_write", picky)
    ledger.start()
    ledger.call_ended(record(error_code="poison"))
    async with asyncio.timeout(5):
        while not ledger.dropped:
            await asyncio.sleep(0)
    ledger.call_ended(record())
    await ledger.aclose()
    assert len(await calls()) == 1


async def test_a_number_that_no_database_takes_costs_its_own_call_alone(ledger: Ledger) -> None:
    key = await db.write(key_made)
    ledger.key_changed(change_of(key))
    for spent in (Usage(1, 1), Usage(10**20, 0), Usage(2, 2)):
        ledger.call_ended(record(spent=spent))
    await ledger.aclose()
    assert sorted(row.spent_tokens for row in await calls()) == [2, 4]
    assert ledger.dropped == 1
    assert (await db(ApiKey.objects.get)).state == KeyState.EXHAUSTED


async def test_closing_over_a_dead_database_gives_up_and_says_how_much(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def never(*_: object) -> None:
        raise OperationalError("the database is away")

    monkeypatch.setattr(module, "ledger_write", never)
    ledger.call_ended(record())
    await ledger.aclose()
    assert ledger.dropped == 1
    assert "1 calls were never written: OperationalError" in caplog.text


def key_made() -> ApiKey:
    provider = provider_create(slug="example", name="Example", base_url="https://x.example/v1")
    return key_add(provider=provider, label="main", secret="sk-1")


def change_of(key: ApiKey) -> KeyChange:
    return KeyChange(
        provider="example",
        key_id=str(key.pk),
        key_label=key.label,
        standing=KeyStanding.EXHAUSTED,
        reason="quota_spent",
    )


async def test_a_key_that_changed_for_good_is_written_back(ledger: Ledger) -> None:
    key = await db.write(key_made)
    ledger.key_changed(change_of(key))
    await ledger.aclose()
    await db(key.refresh_from_db)
    assert (key.state, key.state_reason) == (KeyState.EXHAUSTED, "quota_spent")


async def test_what_a_person_decided_meanwhile_stays(ledger: Ledger) -> None:
    key = await db.write(key_made)
    await db.write(key_pause, key=key)
    ledger.key_changed(change_of(key))
    await ledger.aclose()
    await db(key.refresh_from_db)
    assert key.state == KeyState.PAUSED
