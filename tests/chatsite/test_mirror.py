from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from chatsite import mirror

ADDRESS = "198.51.100.7"


def ask(token: str | None) -> Any:
    headers = {} if token is None else {mirror.HEADER: token}
    return Client(REMOTE_ADDR=ADDRESS).get(f"/{mirror.PATH}", headers=headers)


def test_whoever_has_the_secret_key_sees_what_the_site_sees() -> None:
    answer = ask(mirror.mirror_token())
    assert answer.json() == {
        "address": ADDRESS,
        "peer": None,
        "is_trusted": False,
        "is_named": False,
        "is_secure": False,
    }
    assert "no-store" in answer["Cache-Control"]
    assert Client().post(f"/{mirror.PATH}").status_code == 405


@pytest.mark.parametrize("token", [None, "", "guess", "mirror:1abc:def"])
def test_to_everybody_else_there_is_no_such_page(token: str | None) -> None:
    answer = ask(token)
    assert answer.status_code == 404
    assert ADDRESS not in answer.content.decode()


def test_a_token_opens_it_for_a_minute_and_under_one_secret_key(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = mirror.mirror_token()
    settings.SECRET_KEY = "another-" + "0123456789" * 5
    assert ask(token).status_code == 404
    token = mirror.mirror_token()
    assert ask(token).status_code == 200
    monkeypatch.setattr(mirror, "TOKEN_SECONDS", -1)
    assert ask(token).status_code == 404
