"""A line of the log says what it is about, and nobody's words."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import AsyncClient, Client, RequestFactory

from chatsite.logs import HEADER, JsonFormatter, RequestIdMiddleware
from gateway.logcontext import log_about, logging_about

CANARY = "my card is 4111 1111 1111 1111"


class Lines(logging.Handler):
    """Keeps what a logger would have written."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonFormatter())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def lines() -> Iterator[list[str]]:
    logger, handler = logging.getLogger("chatsite.test"), Lines()
    logger.addHandler(handler)
    yield handler.lines
    logger.removeHandler(handler)


def log() -> logging.Logger:
    return logging.getLogger("chatsite.test")


def test_a_line_is_one_object_with_the_ids_of_what_it_is_about(lines: list[str]) -> None:
    with logging_about(request="r-1"), logging_about(conversation="c-1"):
        log().warning("Two\nlines, %s", "said")
    [line] = lines
    assert "\n" not in line
    told = json.loads(line)
    assert told["message"] == "Two\nlines, said"
    assert (told["level"], told["logger"]) == ("WARNING", "chatsite.test")
    assert (told["request"], told["conversation"]) == ("r-1", "c-1")
    assert told["at"].endswith("+00:00")


def test_what_an_exception_says_is_not_told_and_where_it_happened_is(lines: list[str]) -> None:
    def fall() -> None:
        raise ValueError(CANARY)

    try:
        fall()
    except ValueError:
        log().exception("It fell over")
    [line] = lines
    assert "4111" not in line
    told = json.loads(line)
    assert told["exception"] == "ValueError"
    assert [place.rsplit(" ", 1)[1] for place in told["where"]][-1] == "fall"


def test_a_line_about_nothing_carries_no_ids(lines: list[str]) -> None:
    log().warning("Alone", exc_info=sys.exc_info())
    assert set(json.loads(lines[0])) == {"at", "level", "logger", "message"}


async def test_what_runs_beside_it_is_about_something_else() -> None:
    async def about(name: str) -> str:
        with logging_about(conversation=name):
            await asyncio.sleep(0)
            return log_about()["conversation"]

    assert list(await asyncio.gather(about("a"), about("b"))) == ["a", "b"]
    assert not log_about()


def test_each_request_has_an_id_of_its_own_and_its_answer_names_it(client: Client) -> None:
    first, second = (client.get("/healthz").headers[HEADER] for _ in range(2))
    assert first != second


@pytest.mark.parametrize(
    ("given", "is_taken"),
    [("0123-abcdef-ABC", True), ("short", False), ("x" * 65, False), ("a b c d e f", False)],
)
def test_a_proxys_id_is_taken_over_if_it_is_well_formed(given: str, is_taken: bool) -> None:  # noqa: FBT001 - the expectation
    seen: list[str] = []

    def view(_: HttpRequest) -> HttpResponse:
        seen.append(log_about()["request"])
        return HttpResponse()

    request = RequestFactory().get("/", headers={HEADER: given})
    response = RequestIdMiddleware(view)(request)
    assert isinstance(response, HttpResponse)
    assert seen == [response.headers[HEADER]]
    assert (seen == [given]) is is_taken


async def test_asynchronous_requests_have_ids_too() -> None:
    response = await AsyncClient().get("/healthz", headers={HEADER: "0123456789"})
    assert response.headers[HEADER] == "0123456789"


def test_lines_are_for_people_unless_the_setting_says_otherwise() -> None:
    assert settings.LOG_FORMAT == "line"
    logging: Any = settings.LOGGING
    assert logging["handlers"]["stderr"] == {
        "class": "logging.StreamHandler",
        "formatter": "line",
    }


def test_as_json_each_line_of_a_process_is_an_object() -> None:
    script = (
        "import django; django.setup(); import logging;"
        "logging.getLogger('gateway').warning('Said %s', 'so')"
    )
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "LOG_FORMAT": "json",
    }
    ran = subprocess.run(  # noqa: S603  # our own words
        [sys.executable, "-c", script], env=environment, capture_output=True, check=True
    )
    assert json.loads(ran.stderr)["message"] == "Said so"
