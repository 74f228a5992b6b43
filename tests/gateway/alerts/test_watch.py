"""An alert begins once and ends once, whoever looks, for each of the four kinds of trouble."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection

from gateway.alerts import watch
from gateway.alerts.machine import Look
from gateway.alerts.readings import spent_look, success_look
from gateway.alerts.watch import alerts_read, alerts_settle, rules_ensure
from gateway.alerts.words import notice_text
from gateway.figures.keeping import calls_count
from gateway.models import (
    AlertNotice,
    AlertRecipient,
    AlertRule,
    AlertState,
    ApiKey,
    Budget,
    Call,
    Process,
)
from gateway.models.provider import KeyState
from gateway.services import key_add, provider_create
from tests.gateway.figures.records import failure, record

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def rules(db: None) -> None:
    rules_ensure()
    AlertRecipient.objects.create(name="On call", address="ops@shop.example")
    AlertRecipient.objects.create(name="Away", address="away@shop.example", is_active=False)


def look(*, minutes: float = 0) -> int:
    now = NOW + timedelta(minutes=minutes)
    return alerts_settle(alerts_read(now), now)


def told() -> list[tuple[str, str, str]]:
    """Return what was told so far, in order."""
    return [
        (notice.event, notice.kind, notice_text(notice))
        for notice in AlertNotice.objects.order_by("at")
    ]


def calls(succeeded: int, failed: int, *, minutes: float = 0) -> None:
    at = (NOW + timedelta(minutes=minutes)).timestamp()
    calls_count(
        [record(started_at=at - 2) for _ in range(succeeded)]
        + [failure(started_at=at - 2) for _ in range(failed)]
    )


def key_make(**changes: object) -> ApiKey:
    provider = provider_create(slug="ours", name="Ours", base_url="https://api.example/v1")
    key = key_add(provider=provider, label="first", secret="sk-0123456789abcdef")
    ApiKey.objects.filter(pk=key.pk).update(**changes)
    return key


def test_rules_that_are_there_stay_as_people_have_made_them() -> None:
    AlertRule.objects.filter(kind="budget").update(threshold=50)
    rules_ensure()
    assert AlertRule.objects.count() == 4
    assert AlertRule.objects.get(kind="budget").threshold == 50


def test_failing_calls_are_told_once_after_a_while_and_once_when_they_succeed_again() -> None:
    calls(10, 10)
    assert [look(minutes=n / 2) for n in range(8)] == [0, 0, 0, 0, 1, 0, 0, 0]
    for minutes in range(15, 25):
        calls(100, 0, minutes=minutes)
    assert [look(minutes=n) for n in range(15, 25)] == [0, 0, 0, 0, 0, 1, 0, 0, 0, 0]
    assert told() == [
        ("fired", "success_rate", "Only 50 % of calls succeed; it should be 95 % or more."),
        ("cleared", "success_rate", "Calls succeed again: 100 %."),
    ]


def test_a_night_without_calls_ends_no_alert() -> None:
    calls(0, 10)
    look()
    look(minutes=2)
    assert look(minutes=600) == look(minutes=700) == 0
    assert AlertState.objects.get().is_firing


@pytest.mark.parametrize(
    ("succeeded", "failed", "expected"),
    [
        (0, 0, Look.UNSURE),
        (3, 4, Look.UNSURE),  # too few to be alarmed
        (3, 5, Look.BAD),
        (1000, 4, Look.GOOD),
        (955, 45, Look.UNSURE),  # neither under 95 nor from 96 on
        (960, 40, Look.GOOD),
    ],
)
def test_a_share_of_successes_has_a_band_in_which_nothing_changes(
    succeeded: int, failed: int, expected: Look
) -> None:
    assert success_look(succeeded, failed, 95) is expected


def test_a_threshold_of_all_can_be_met() -> None:
    assert success_look(10, 0, 100) is Look.GOOD


def test_a_budget_has_a_band_as_well() -> None:
    looks = [spent_look(percent, 80) for percent in (78, 79.5, 80, 200)]
    assert looks == [Look.GOOD, Look.UNSURE, Look.BAD, Look.BAD]


def test_a_key_that_expires_is_told_of_until_it_is_replaced() -> None:
    key = key_make(expires_on=date(2026, 12, 10))
    assert look() == 1
    ApiKey.objects.filter(pk=key.pk).update(state=KeyState.RETIRED)
    assert [look(minutes=n) for n in (1, 2, 3)] == [0, 1, 0]
    assert told() == [
        ("fired", "key_due", "The key first (Ours) must be replaced within 14 days."),
        ("cleared", "key_due", "The key first (Ours) no longer needs to be replaced."),
    ]


def test_a_key_that_lasts_is_not_told_of() -> None:
    key_make(expires_on=date(2026, 12, 11))
    assert look() == 0


@pytest.mark.parametrize(
    ("budget", "spent"),
    [({"money": 10}, {"spent_cost": Decimal(8)}), ({"tokens": 1000}, {"spent_tokens": 800})],
)
def test_a_budget_is_told_of_at_80_percent_and_the_next_day_ends_it(
    budget: dict[str, int], spent: dict[str, object]
) -> None:
    Budget.objects.create(kind="widget", **budget)
    Call.objects.create(outcome="succeeded", widget="7", currency="USD", started_at=NOW, **spent)
    assert look() == 1
    tomorrow = 12 * 60
    assert [look(minutes=tomorrow + n) for n in (0, 5, 6)] == [0, 1, 0]
    assert [event for event, _, _ in told()] == ["fired", "cleared"]
    assert told()[0][2] == "7 has spent 80 % of today's budget."


def test_money_in_another_currency_fills_no_budget() -> None:
    Budget.objects.create(kind="widget", money=10)
    Call.objects.create(
        outcome="succeeded", widget="7", currency="EUR", started_at=NOW, spent_cost=Decimal(99)
    )
    assert look() == 0


def test_keys_that_rest_in_every_process_are_told_of() -> None:
    key_make()
    rest = {"resting": {"ours/first": (900, "throttled")}}
    Process.objects.create(id="a", beat_at=NOW + timedelta(minutes=1), counts=rest)
    awake = Process.objects.create(id="b", beat_at=NOW + timedelta(minutes=1), counts={})
    assert (look(minutes=0.9), look(minutes=1)) == (0, 0)
    awake.delete()
    assert (look(minutes=0.1), look(minutes=1.2)) == (0, 1)
    Process.objects.all().delete()
    assert [look(minutes=n) for n in (2, 4)] == [0, 1]
    assert [text for _, _, text in told()] == [
        "No key of Ours can be used now: customers get no answer from it.",
        "Keys of Ours serve again.",
    ]


def test_a_provider_whose_last_key_was_revoked_is_told_of_and_one_that_is_paused_is_not() -> None:
    key = key_make(state=KeyState.PAUSED)
    assert (look(), look(minutes=2)) == (0, 0)
    ApiKey.objects.filter(pk=key.pk).update(state=KeyState.REVOKED)
    assert (look(minutes=3), look(minutes=4)) == (0, 1)


def test_a_rule_that_is_switched_off_says_nothing_and_forgets() -> None:
    key_make(expires_on=date(2026, 12, 1))
    look()
    AlertRule.objects.filter(kind="key_due").update(is_active=False)
    assert look(minutes=1) == 0
    assert not AlertState.objects.exists()


def test_only_who_is_active_is_told() -> None:
    key_make(expires_on=date(2026, 12, 1))
    look()
    assert [notice.recipient.name for notice in AlertNotice.objects.all()] == ["On call"]


def test_processes_that_see_a_change_at_the_same_moment_tell_it_once() -> None:
    key_make(expires_on=date(2026, 12, 1))
    processes = 6
    start = threading.Barrier(processes)

    def settle(found: list) -> int:  # type: ignore[type-arg]  # what alerts_read returns
        start.wait()
        try:
            return alerts_settle(found, NOW)
        finally:
            connection.close()

    for _ in range(4):
        AlertState.objects.all().delete()
        AlertNotice.objects.all().delete()
        found = alerts_read(NOW)
        with ThreadPoolExecutor(processes) as pool:
            changes = sum(pool.map(settle, [found] * processes))
        assert (changes, AlertNotice.objects.count()) == (1, 1)


def test_what_was_told_long_ago_is_forgotten() -> None:
    recipient = AlertRecipient.objects.first()
    assert recipient is not None
    for days in (91, 89):
        AlertNotice.objects.create(
            id=uuid4(), recipient=recipient, event="test", at=NOW - timedelta(days=days)
        )
    look()
    assert AlertNotice.objects.count() == 1


def test_a_process_that_looked_before_another_acted_says_nothing() -> None:
    key_make(expires_on=date(2026, 12, 1))
    [(rule, [reading])] = [(r, seen) for r, seen in alerts_read(NOW) if r.kind == "key_due"]
    state = AlertState.objects.create(rule=rule, subject=reading.subject)
    told_by = [watch._settle(rule, reading, state, NOW) for _ in range(2)]  # noqa: SLF001  # the race
    assert (told_by, AlertNotice.objects.count()) == ([True, False], 1)
