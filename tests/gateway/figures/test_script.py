"""A thousand calls through the real gateway, by a script, and every figure agrees with it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from gateway.db import db
from gateway.engine.config import KeyConfig, Price, ProviderConfig, Secret
from gateway.engine.errors import GatewayError
from gateway.engine.keys import BenchPolicy
from gateway.engine.pipeline import Gateway, Settings
from gateway.engine.retry import RetryPolicy
from gateway.engine.telemetry import CallRecord, KeyChange, Outcome
from gateway.engine.types import CacheRule, ChatMessage, ChatRequest, Priority, Role, Target
from gateway.figures.histogram import RELATIVE_ERROR
from gateway.figures.reading import Sums, stretch_of, sums_by_name
from gateway.figures.tally import Facet, milliseconds
from gateway.models import Call
from gateway.sandbox.server import Sandbox
from gateway.stores.ledger import Ledger

pytestmark = pytest.mark.django_db(transaction=True)

OURS, THEIRS = Target("ours", "sandbox-1"), Target("theirs", "sandbox-1")
MISSING = Target("ours", "sandbox-9")
PRICE = Price("USD", Decimal(1), Decimal(2))
MESSAGES = (
    ChatMessage(Role.SYSTEM, "Q: Do you ship?\nA: Yes, we ship everywhere."),
    ChatMessage(Role.USER, "Do you ship?"),
)
SCRIPT = {
    "plain": 600,
    "batch": 60,
    "remembered": 120,  # the first is asked for, the others come from memory
    "elsewhere": 80,  # the first target has no such model
    "overloaded": 40,  # 503, tried again once, and 503 again
    "refused": 50,  # 400: the caller's fault
    "broken": 30,  # three words, then the line is cut
    "left": 20,  # the customer leaves after the first word
}
FAULTS = {"overloaded": "503", "refused": "400", "broken": "cut 3", "left": "slow 9"}


class Witness:
    """Remembers each record, beside the ledger."""

    def __init__(self) -> None:
        self.records: list[CallRecord] = []

    def call_ended(self, record: CallRecord) -> None:
        self.records.append(record)

    def key_changed(self, change: KeyChange) -> None:
        raise AssertionError(change)


def request(kind: str) -> ChatRequest:
    asked = ChatRequest(
        messages=MESSAGES, route=(OURS,), labels={"widget": kind, "prompt_version": "3"}
    )
    if kind in FAULTS:
        fault = ChatMessage(Role.USER, f"/fault {FAULTS[kind]}")
        return replace(asked, messages=(MESSAGES[0], fault))
    if kind == "elsewhere":
        return replace(asked, route=(MISSING, THEIRS))
    if kind == "remembered":
        return replace(asked, cache=CacheRule("shop", 600.0))
    return replace(asked, priority=Priority.BATCH) if kind == "batch" else asked


async def play(gateway: Gateway, kind: str) -> None:
    stream = gateway.stream(request(kind))
    try:
        async for _ in stream:
            if kind == "left":
                break
    except GatewayError:
        assert kind in FAULTS
    finally:
        await stream.aclose()


def provider(sandbox: Sandbox, name: str) -> ProviderConfig:
    key = KeyConfig(id=name, label="main", secret=Secret(f"sandbox-{name}"))
    return ProviderConfig(
        name=name,
        base_url=sandbox.url,
        keys=(key,),
        allow_private=True,
        prices={"sandbox-1": PRICE} if name == "ours" else {},
    )


async def test_a_thousand_calls_agree_with_their_script(sandbox: Sandbox) -> None:
    ledger, witness = Ledger(), Witness()
    gateway = Gateway(
        [provider(sandbox, "ours"), provider(sandbox, "theirs")],
        settings=Settings(
            retry=RetryPolicy(attempts=2, first_wait_seconds=0.02),
            bench=BenchPolicy(failures=10_000),
        ),
        observers=[ledger, witness],
    )
    ledger.start()
    began = datetime.now(UTC)
    kinds = _dealt()
    for kind in kinds:
        await play(gateway, kind)
    await gateway.aclose()
    await ledger.aclose()
    now = datetime.now(UTC)
    stretch = stretch_of(now - began + timedelta(minutes=1), timedelta(minutes=1), now)
    found = await db(sums_by_name, stretch, list(Facet))
    assert (len(kinds), ledger.dropped, await db(Call.objects.count)) == (1000, 0, 1000)
    _agrees_with_script(found, sandbox.calls)
    _agrees_with_witness(found[Facet.ALL][""], witness.records)


def _dealt() -> list[str]:
    # Evenly, so that the budget for retries is never spent.
    places = [
        ((number + 0.5) / count, kind) for kind, count in SCRIPT.items() for number in range(count)
    ]
    return [kind for _, kind in sorted(places)]


def _agrees_with_script(found: dict[Facet, dict[str, Sums]], arrived: Counter[str]) -> None:
    total = found[Facet.ALL][""]
    assert total.calls == sum(SCRIPT.values())
    assert total.cached == 119
    assert total.batch == 60
    assert (total.succeeded, total.failed, total.cancelled) == (860, 120, 20)
    assert total.success_rate == 860 / 980
    own = 1000 - 119
    assert (total.attempts, total.faults) == (own + 80 + 40, 80 + 80 + 50)
    assert (total.retries, total.rotations) == (40, 80)
    assert {name: sums.calls for name, sums in found[Facet.WIDGET].items()} == SCRIPT
    assert found[Facet.VERSION]["3"].calls == 1000
    assert {name: sums.calls for name, sums in found[Facet.ERROR].items()} == {
        "overloaded": 40,
        "invalid_request": 50,
        "stream_broken": 30,
    }
    assert {name: sums.faults for name, sums in found[Facet.TROUBLE].items()} == {
        "model_missing": 80,
        "overloaded": 80,
        "invalid_request": 50,
    }
    assert {name: sums.attempts for name, sums in found[Facet.MODEL].items()} == {
        "ours/sandbox-1": own - 80 + 40,
        "ours/sandbox-9": 80,
        "theirs/sandbox-1": 80,
    }
    # What the provider counted at its own door.
    assert found[Facet.KEY]["ours/main"].attempts == arrived["sandbox-ours"] == own + 40
    assert found[Facet.KEY]["theirs/main"].attempts == arrived["sandbox-theirs"] == 80
    assert found[Facet.PROVIDER]["theirs"].succeeded == 80
    assert (total.uncounted, total.unpriced) == (0, 80)


def _agrees_with_witness(total: Sums, records: list[CallRecord]) -> None:
    good = [record for record in records if record.outcome is Outcome.SUCCEEDED]
    times = [milliseconds(record.total_seconds) for record in good]
    firsts = [milliseconds(record.first_token_seconds or 0) for record in good]
    waits = [milliseconds(record.queue_seconds) for record in records]
    usages = [record.usage for record in records if record.usage]
    assert total.mean_ms == sum(times) / len(times)
    assert total.first_token_mean_ms == sum(firsts) / len(firsts)
    for share in (0.5, 0.95, 0.99):
        _is_near(total.total_times.percentile(share), times, share)
        _is_near(total.first_times.percentile(share), firsts, share)
    assert (total.wait_chat_ms + total.wait_batch_ms, total.waits.total) == (
        sum(waits),
        sum(wait > 0 for wait in waits),
    )
    assert (total.prompt_tokens, total.completion_tokens) == (
        sum(usage.prompt_tokens for usage in usages),
        sum(usage.completion_tokens for usage in usages),
    )
    costs = sum((record.cost for record in records if record.cost is not None), Decimal(0))
    assert sum(total.costs.values()) == costs.quantize(Decimal("1e-8")) > 0


def _is_near(told: float | None, values: Iterable[int], share: float) -> None:
    ordered = sorted(values)
    exact = ordered[math.ceil(share * len(ordered)) - 1]
    assert told is not None
    # At a bucket's very edge the two sides are equal but for their last bit.
    assert abs(told - exact) <= exact * RELATIVE_ERROR * (1 + 1e-12)
