"""One look at everything that rules are about; whoever changes a state writes its messages.

A state changes by an UPDATE that names what it was, and the messages are rows of the same
transaction. So however many processes look at the same moment, a change is told once.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType

from django.db import transaction

from gateway.alerts.machine import Look, Patience, Standing, step
from gateway.alerts.readings import Reading, readings
from gateway.models import AlertNotice, AlertRecipient, AlertRule, AlertState
from gateway.models.alert import AlertEvent, AlertKind

logger = logging.getLogger(__name__)

KEEP = timedelta(days=90)
DEFAULTS = MappingProxyType(
    {
        AlertKind.SUCCESS: {"threshold": 95, "bad_minutes": 2, "good_minutes": 5},
        AlertKind.KEY_DUE: {"threshold": 14, "bad_minutes": 0, "good_minutes": 1},
        AlertKind.BUDGET: {"threshold": 80, "bad_minutes": 0, "good_minutes": 5},
        AlertKind.RESTING: {"threshold": 0, "bad_minutes": 1, "good_minutes": 2},
    }
)


def alerts_read(now: datetime) -> list[tuple[AlertRule, list[Reading]]]:
    """Look at everything once that an active rule is about; nothing is written."""
    return [(rule, readings(rule, now)) for rule in AlertRule.objects.filter(is_active=True)]


def alerts_settle(found: Iterable[tuple[AlertRule, Sequence[Reading]]], now: datetime) -> int:
    """Write down what a look has found, and return how many alerts began or ended by that."""
    AlertNotice.objects.filter(at__lt=now - KEEP).delete()
    AlertState.objects.filter(rule__is_active=False).delete()
    return sum(_look(rule, seen, now) for rule, seen in found)


def rules_ensure() -> None:
    """Add the rules that are not there yet."""
    rows = [AlertRule(kind=kind, **values) for kind, values in DEFAULTS.items()]
    if AlertRule.objects.count() < len(rows):
        AlertRule.objects.bulk_create(rows, ignore_conflicts=True)


def _look(rule: AlertRule, seen: Sequence[Reading], now: datetime) -> int:
    states = _states(rule, seen)
    present = {reading.subject for reading in seen}
    # What is gone, such as a key that was retired, is in no trouble.
    gone = [
        Reading(state.subject, state.name, Look.GOOD)
        for state in states.values()
        if state.subject not in present
    ]
    changes = 0
    for reading in (*seen, *gone):
        if state := states.get(reading.subject):
            changes += _settle(rule, reading, state, now)
    return changes


def _states(rule: AlertRule, seen: Iterable[Reading]) -> dict[str, AlertState]:
    """Return the states of a rule; what looks bad for the first time gets one, calm as yet."""
    known = {state.subject: state for state in AlertState.objects.filter(rule=rule)}
    new = [
        AlertState(rule=rule, subject=reading.subject, name=reading.name[:200])
        for reading in seen
        if reading.look is Look.BAD and reading.subject not in known
    ]
    if not new:
        return known
    AlertState.objects.bulk_create(new, ignore_conflicts=True)
    return {state.subject: state for state in AlertState.objects.filter(rule=rule)}


def _settle(rule: AlertRule, reading: Reading, state: AlertState, now: datetime) -> bool:
    """Move one alert on; return whether it began or ended, and this process wrote it down."""
    patience = Patience(timedelta(minutes=rule.bad_minutes), timedelta(minutes=rule.good_minutes))
    old = Standing(state.is_firing, state.turning_since)
    new = step(old, reading.look, now, patience)
    if new == old:
        return False
    has_changed = new.is_firing != old.is_firing
    with transaction.atomic():
        # Only if it is still as it was when we looked: another process may have been quicker.
        same = AlertState.objects.filter(
            pk=state.pk, is_firing=old.is_firing, turning_since=old.turning_since
        )
        changed_at = now if has_changed else state.changed_at
        is_ours = same.update(
            is_firing=new.is_firing,
            turning_since=new.turning_since,
            changed_at=changed_at,
            name=reading.name[:200],
        )
        if not (is_ours and has_changed):
            return False
        event = AlertEvent.FIRED if new.is_firing else AlertEvent.CLEARED
        _tell(rule, reading, event, AlertRecipient.objects.filter(is_active=True), now)
    logger.warning("Alert %s %s: %s.", rule.kind, event.value, reading.subject or "all calls")
    return True


def _tell(
    rule: AlertRule,
    reading: Reading,
    event: AlertEvent,
    recipients: Iterable[AlertRecipient],
    now: datetime,
) -> None:
    AlertNotice.objects.bulk_create(
        AlertNotice(
            recipient=recipient,
            event=event,
            kind=rule.kind,
            name=reading.name[:200],
            value=reading.value,
            threshold=rule.threshold,
            at=now,
            due_at=now,
        )
        for recipient in recipients
    )
