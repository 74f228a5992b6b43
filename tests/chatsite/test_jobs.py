from __future__ import annotations

import pytest
from pytest_django import Settings

from chatsite.jobs import processes_prove
from gateway.models import Process

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("processes", "redis", "complaints"),
    [(1, "", 0), (2, "", 1), (2, "redis://127.0.0.1", 0)],
)
def test_processes_that_cannot_hear_each_other_are_complained_of(
    processes: int,
    redis: str,
    complaints: int,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings.REDIS_URL = redis
    for number in range(processes):
        Process.objects.create(id=f"process-{number}")
    processes_prove()
    assert len(caplog.records) == complaints
