from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import pytest

from gateway import processes
from gateway.models import Process

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_counts", {})


def test_a_process_keeps_its_name() -> None:
    assert processes.process_id() == processes.process_id()
    assert len(processes.process_id()) <= 80


def test_a_fork_gets_a_name_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    before = processes.process_id()
    monkeypatch.setattr(os, "getpid", lambda: 4_194_305)
    assert processes.process_id() != before


@pytest.mark.django_db
def test_a_beat_makes_the_row_and_the_next_one_moves_it_on() -> None:
    processes.process_beat({"sockets": 1}, now=NOW)
    processes.process_beat({"sockets": 2}, now=NOW + timedelta(seconds=5))
    row = Process.objects.get()
    assert (row.id, row.beat_at) == (processes.process_id(), NOW + timedelta(seconds=5))
    assert row.counts == {"sockets": 2}


@pytest.mark.django_db
def test_a_process_that_fell_silent_is_not_alive() -> None:
    processes.process_beat({}, now=NOW)
    assert processes.processes_alive(now=NOW + timedelta(seconds=19)) == [processes.process_id()]
    assert processes.processes_alive(now=NOW + timedelta(seconds=21)) == []


@pytest.mark.django_db
def test_a_process_silent_for_an_hour_is_forgotten() -> None:
    processes.process_beat({}, now=NOW)
    assert processes.processes_forget(now=NOW + timedelta(minutes=59)) == 0
    assert processes.processes_forget(now=NOW + timedelta(minutes=61)) == 1


@pytest.mark.django_db
def test_a_process_can_say_that_it_drains_and_that_it_leaves() -> None:
    processes.process_beat({})
    processes.process_drain()
    assert Process.objects.get().is_draining
    processes.process_leave()
    assert not Process.objects.exists()


def test_figures_are_read_when_they_are_asked_for() -> None:
    open_sockets = [3]
    processes.counts_register("sockets", lambda: open_sockets[0])
    open_sockets[0] = 4
    assert processes.counts_read() == {"sockets": 4}
