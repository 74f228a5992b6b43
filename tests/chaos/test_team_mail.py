"""What customers leave for the team, on two processes, PostgreSQL and Redis: one mail for each."""

from __future__ import annotations

import asyncio
import random
import re
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from uuid import uuid4

import aiohttp
import psycopg
import pytest

from gateway.mail import THREADS
from tests.chaos.services import Postgres, Redis
from tests.chaos.site import START_SECONDS, environment, manage
from tests.chaos.world import World
from tests.smtp_server import mail_server
from tests.smtp_session import MailServer

PASSWORD = "eleven quiet herons, twice"
SOON_SECONDS = 18.0  # less than a mail server is waited for here
_MAILS = "SELECT mail_tries, mailed_at IS NOT NULL, mail_due_at FROM conversations_teammessage"


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
async def staffed(
    postgres: Postgres, redis: Redis, server: MailServer, tmp_path: Path
) -> AsyncIterator[World]:
    """Two processes with a mail server, and somebody who can log in."""
    database = f"chaos_{secrets.token_hex(4)}"
    postgres.execute(f"CREATE DATABASE {database} TEMPLATE prepared")
    url = postgres.url(database)
    more = {"REDIS_URL": redis.url, "PROCESSES": "2", "EMAIL_URL": server.url}
    manage(environment(url, OPERATOR_PASSWORD=PASSWORD, **more), "operator", "ann")
    async with World(tmp_path, url, random.Random(1), sites=2, environ=more) as world:
        yield world


async def leave(world: World, number: int) -> None:
    """Leave a message as a new customer, at one process or the other."""
    browser = world.browser(world.address(world.sites[number % 2]))
    await browser.welcomed()
    site = world.sites[number % 2]
    route = f"http://127.0.0.1:{site.port}/widget/{world.public_key}/team/"
    letter = {"id": str(uuid4()), "email": f"c{number}@example.org", "text": "Please call me."}
    headers = {"Authorization": f"Bearer {browser.transcript.token}"}
    async with (
        aiohttp.ClientSession() as http,
        http.post(route, json=letter, headers=headers) as answer,
    ):
        assert answer.status == 201, await answer.text()


async def until(is_so: Callable[[], bool], seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while not is_so():
            await asyncio.sleep(0.05)


async def desk(world: World) -> list[str]:
    """Log in at the first process, and return how many wait by either one's first page."""
    found = []
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        async with http.get(f"{world.origin}/admin/login/") as page:
            (token,) = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', await page.text())
        form = {"username": "ann", "password": PASSWORD, "csrfmiddlewaretoken": token}
        headers = {"Referer": f"{world.origin}/admin/login/"}
        async with http.post(f"{world.origin}/admin/login/", data=form, headers=headers):
            pass
        for site in world.sites:
            async with http.get(f"http://127.0.0.1:{site.port}/admin/") as page:
                words = re.sub(r"\s*<[^>]+>\s*", " ", await page.text())
                found += re.findall(r"(\d+) +customers? waits? for a person", words)
    return found


async def test_two_processes_that_mail_at_once_send_each_letter_once(
    staffed: World, server: MailServer
) -> None:
    server.gate.clear()
    await asyncio.gather(*(leave(staffed, number) for number in range(6)))
    await until(lambda: "DATA" in server.commands, START_SECONDS)
    # Whoever stands there takes no more: what comes now is the other process's.
    await asyncio.gather(*(leave(staffed, number) for number in range(6, 12)))
    await until(lambda: server.commands.count("DATA") > THREADS, SOON_SECONDS)
    server.gate.set()
    await until(lambda: len(server.letters) >= 12, START_SECONDS)
    assert await desk(staffed) == ["12", "12"]

    def mails() -> Counter[tuple[int, bool, object]]:
        with psycopg.connect(staffed.database_url) as connection:
            return Counter(connection.execute(_MAILS).fetchall())

    # Once and for good: none is due again.
    await until(lambda: mails() == {(1, True, None): 12}, SOON_SECONDS)
    ids = Counter(letter.message["Message-ID"] for letter in server.letters)
    assert (len(ids), set(ids.values())) == (12, {1})
