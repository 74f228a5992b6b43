"""Who did what to which key, when and why: every deed leaves one event, and no secret."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.models import User

from gateway.engine.config import KeyStanding
from gateway.engine.telemetry import KeyChange
from gateway.models import ApiKey, KeyEvent, Provider
from gateway.services import (
    key_adjust,
    key_pause,
    key_replace,
    key_resume,
    key_retire,
    key_view_note,
    provider_update,
)
from gateway.stores.ledger import ledger_write


def told() -> list[tuple[str, str, str, str]]:
    events = KeyEvent.objects.order_by("pk").select_related("key", "by")
    return [
        (e.deed, e.key.label if e.key else "", e.by.username if e.by else "", e.reason)
        for e in events
    ]


def test_every_deed_is_told_in_order(key: ApiKey, provider: Provider, person: User) -> None:
    key_view_note(key=key, by=person)
    key_pause(key=key, by=person, why="the invoice is late")
    key_resume(key=key, by=person)
    key_adjust(key=key, weight=3, expires_on=date(2027, 1, 1), by=person)
    new = key_replace(key=key, secret="sandbox-next", by=person)
    key_retire(key=key, by=person)
    provider_update(provider=provider, base_url="http://127.0.0.1:10/v1", by=person)
    new.refresh_from_db()
    new.provider.refresh_from_db()
    key_replace(key=new, secret="sandbox-next", by=person)
    assert told() == [
        ("added", "main", "", ""),
        ("viewed", "main", "olga", ""),
        ("paused", "main", "olga", "the invoice is late"),
        ("resumed", "main", "olga", ""),
        ("adjusted", "main", "olga", "weight: 1 → 3, expires_on: None → 2027-01-01"),
        ("added", "main 2", "olga", ""),
        ("replaced", "main", "olga", "→ main 2"),
        ("retired", "main", "olga", "by_hand"),
        ("outdated", "main 2", "olga", "address_changed"),
        ("entered", "main 2", "olga", ""),
    ]


def test_what_the_engine_learns_of_a_key_is_told_once(key: ApiKey) -> None:
    change = KeyChange(
        provider="ours",
        key_id=str(key.pk),
        key_label="main",
        standing=KeyStanding.REVOKED,
        reason="bad_credential",
    )
    ledger_write([], [change, change])
    assert told()[1:] == [("revoked", "main", "", "bad_credential")]


def test_settings_that_stay_the_same_are_no_deed(key: ApiKey) -> None:
    key_adjust(key=key, weight=1, expires_on=None)
    assert len(told()) == 1
