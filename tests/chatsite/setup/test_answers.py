from __future__ import annotations

import base64

import pytest

from chatsite.setup.answers import (
    Answers,
    lacks_password,
    password_insert,
    site_url_read,
    variables,
)

SITE = "https://chat.example.com"


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("chat.example.com", SITE),
        (" HTTPS://Chat.Example.com/ ", SITE),
        ("http://127.0.0.1:8138", "http://127.0.0.1:8138"),
        ("chat.example.com/path", None),
        ("", None),
    ],
)
def test_a_sites_name_is_enough(typed: str, url: str | None) -> None:
    assert site_url_read(typed) == url


def test_a_password_of_any_characters_fits_into_an_address() -> None:
    url = password_insert("postgres://ann@db:5432/chat", "p@ss/w:rd#?")
    assert url == "postgres://ann:p%40ss%2Fw%3Ard%23%3F@db:5432/chat"
    assert password_insert("redis://:@host/0", "x") == "redis://::x@host/0"


@pytest.mark.parametrize(
    ("url", "lacks"),
    [
        ("postgres://ann@db/chat", True),
        ("postgres://ann:x@db/chat", False),
        ("redis://host:6379/0", False),
        ("sqlite:////srv/db", False),
    ],
)
def test_a_password_is_asked_for_where_a_user_is_named(url: str, *, lacks: bool) -> None:
    assert lacks_password(url) is lacks


def test_fresh_secrets_are_made_where_there_are_none() -> None:
    first, second = (variables(Answers(site_url=SITE), {}) for _ in range(2))
    assert first.keys() == {"SECRET_KEY", "MASTER_KEYS", "SITE_URL", "ALLOWED_HOSTS"}
    assert len(first["SECRET_KEY"]) >= 50
    assert len(base64.b64decode(first["MASTER_KEYS"])) == 32
    assert first["SECRET_KEY"] != second["SECRET_KEY"]
    assert first["MASTER_KEYS"] != second["MASTER_KEYS"]


def test_secrets_that_are_there_stay() -> None:
    kept = {"SECRET_KEY": "mine", "MASTER_KEYS": "one,two"}
    assert variables(Answers(site_url=SITE), kept).items() >= kept.items()


def test_the_site_answers_to_its_name_beside_those_it_had() -> None:
    answers = Answers(site_url=SITE)
    hosts = variables(answers, {"ALLOWED_HOSTS": "old.example.com,chat.example.com"})
    assert hosts["ALLOWED_HOSTS"] == "old.example.com,chat.example.com"
    assert variables(Answers(site_url="http://[::1]:8000"), {})["ALLOWED_HOSTS"] == "[::1]"
