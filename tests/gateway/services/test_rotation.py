"""A replaced key is retired once it has fallen silent in every process, and not before."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from gateway.errors import KeyStateError
from gateway.models import ApiKey, KeyEvent, Process
from gateway.models.provider import KeyState
from gateway.services import key_replace, keys_retire_drained, rotation_call_off


def beat(name: str, at: datetime, **streams: int) -> None:
    counts = {"streams": {f"ours/{label}": count for label, count in streams.items()}}
    Process.objects.update_or_create(id=name, defaults={"beat_at": at, "counts": counts})


@pytest.fixture
def replaced(key: ApiKey) -> ApiKey:
    key_replace(key=key, secret="sandbox-next")
    key.refresh_from_db()
    return key


def test_it_waits_for_the_last_stream_of_the_last_process(replaced: ApiKey) -> None:
    later = timezone.now() + timedelta(seconds=10)
    beat("p", later)
    beat("q", later, main=1)
    assert keys_retire_drained(now=later) == 0
    beat("q", later, other=3)
    assert keys_retire_drained(now=later) == 1
    replaced.refresh_from_db()
    assert (replaced.state, replaced.state_reason) == (KeyState.RETIRED, "drained")
    assert replaced.sealed_secret == ""


def test_it_waits_for_a_process_that_may_not_have_noticed(replaced: ApiKey) -> None:
    later = replaced.state_since + timedelta(seconds=10)
    beat("p", later)
    beat("q", replaced.state_since + timedelta(seconds=2))
    assert keys_retire_drained(now=later) == 0
    assert keys_retire_drained(now=later + timedelta(seconds=13)) == 1  # q has died by then


def test_without_any_process_the_calls_deadline_decides(replaced: ApiKey) -> None:
    assert keys_retire_drained(now=replaced.state_since + timedelta(seconds=60)) == 0
    assert keys_retire_drained(now=replaced.state_since + timedelta(seconds=91)) == 1


def test_calling_it_off_brings_the_old_key_back_and_lets_the_new_one_rest(
    replaced: ApiKey, person: User
) -> None:
    rotation_call_off(key=replaced, by=person, why="the new one is for tests")
    states = dict(ApiKey.objects.values_list("label", "state"))
    assert states == {"main": KeyState.ACTIVE, "main 2": KeyState.PAUSED}
    assert replaced.sealed_secret
    event = KeyEvent.objects.get(deed="called_off")
    assert (event.by, event.reason) == (person, "the new one is for tests")
    with pytest.raises(KeyStateError):
        rotation_call_off(key=replaced)
