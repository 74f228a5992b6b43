"""A person who leaves the page ends the call they were trying, over real sockets all the way."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import aiohttp

from gateway.sandbox.server import Pace, Sandbox
from tests.chatsite.started import WAIT, Started, manage

PAGE = "/admin/conversations/prompttemplate/1/"
QUESTION = json.dumps([{"author": "customer", "text": "How do I return something?"}])


async def test_closing_the_page_ends_the_call_upstream_within_a_second(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    sandbox.pace = Pace(first_seconds=0, word_seconds=1)
    async with (
        manage("demo", database=tmp_path / "db", SANDBOX_URL=sandbox.url) as demo,
        aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http,
    ):
        await demo.heard("Ctrl-C")
        await _log_in(demo, http)
        fields = await _form(demo, http)

        leaving = await http.post(f"{demo.url}{PAGE}try/", data=fields)
        assert leaving.status == 200
        async with asyncio.timeout(WAIT):
            assert json.loads(await leaving.content.readline())["type"] == "began"
        assert sandbox.open_streams == 1
        leaving.close()
        await _silent(sandbox)

        # Before the first word there is nothing to write that could find out.
        sandbox.pace = Pace(first_seconds=60, word_seconds=1)
        waiting = asyncio.create_task(http.post(f"{demo.url}{PAGE}try/", data=fields))
        async with asyncio.timeout(WAIT):
            while not sandbox.open_streams:
                await asyncio.sleep(0.01)
        waiting.cancel()
        await _silent(sandbox)


async def _silent(sandbox: Sandbox) -> None:
    async with asyncio.timeout(1):
        while sandbox.open_streams:
            await asyncio.sleep(0.01)


async def _log_in(demo: Started, http: aiohttp.ClientSession) -> None:
    found = re.findall(r"^  editor +(\S+)$", "".join(demo.said), re.MULTILINE)
    page = await (await http.get(f"{demo.url}/admin/login/")).text()
    answer = await http.post(
        f"{demo.url}/admin/login/",
        data={"username": "editor", "password": found[0], "csrfmiddlewaretoken": _token(page)},
    )
    assert answer.status == 200
    assert "editor" in await answer.text()


async def _form(demo: Started, http: aiohttp.ClientSession) -> dict[str, str]:
    page = await (await http.get(f"{demo.url}{PAGE}change/")).text()
    return {
        "csrfmiddlewaretoken": _token(page),
        "side": "live",
        "turns": QUESTION,
    }


def _token(page: str) -> str:
    return str(re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[0])
