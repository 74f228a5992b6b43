from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

pytestmark = pytest.mark.django_db

TOKEN = "canary-of-a-token"


def ask(**headers: str) -> Any:
    return Client().get("/metrics", headers=headers)


@pytest.fixture
def token(settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN


def test_without_a_token_there_is_no_such_page(settings: Settings) -> None:
    settings.METRICS_TOKEN = ""
    assert ask().status_code == 404
    assert ask(Authorization="Bearer ").status_code == 404


@pytest.mark.usefixtures("token")
def test_whoever_has_the_token_reads_the_figures() -> None:
    answer = ask(Authorization=f"Bearer {TOKEN}")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=0.0.4")
    assert "no-store" in answer["Cache-Control"]
    assert b"chatsite_processes 0.0" in answer.content


@pytest.mark.usefixtures("token")
@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", TOKEN, "Bearer ü"]
)
def test_anybody_else_is_refused(authorization: str) -> None:
    answer = ask(Authorization=authorization)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    assert TOKEN not in answer.content.decode()


@pytest.mark.usefixtures("token")
def test_a_session_is_no_token_and_nothing_is_changed_here() -> None:
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    assert client.get("/metrics").status_code == 401
    assert client.post("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 405
