from __future__ import annotations

from datetime import timedelta

import pytest
from axes.models import AccessLog
from django.contrib.sessions.models import Session
from django.utils import timezone
from pytest_django import Settings

from chatsite.jobs import logins_tidy, processes_prove
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


def test_logins_and_sessions_are_forgotten_in_time(settings: Settings) -> None:
    settings.LOGIN_LOG_DAYS = 30
    now = timezone.now()
    for days in (29, 31):
        login = AccessLog.objects.create(username=f"{days} days ago")
        AccessLog.objects.filter(pk=login.pk).update(attempt_time=now - timedelta(days=days))
    for minutes in (1, -1):
        Session.objects.create(
            session_key=f"{minutes}", expire_date=now + timedelta(minutes=minutes)
        )
    logins_tidy()
    assert [login.username for login in AccessLog.objects.all()] == ["29 days ago"]
    assert [session.session_key for session in Session.objects.all()] == ["1"]
