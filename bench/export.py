"""How much memory an export needs: ``python -m bench.export [--write]``.

The site as operators run it, over 100,000 conversations with 1,000,000 messages in SQLite: all of
them are exported through the running server, as a table and as lines, to a reader that keeps
nothing, and the memory that the server's process holds is looked at ten times a second. A part of
the same is exported before, so that what grows with the number of messages would show. At the end
somebody hangs up in the middle, and the note of that export must have its end.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from tests.chaos.site import ROOT, Site, environment, manage
from tests.free_port import port_free

REPORT = Path(__file__).parent.parent / "docs" / "benchmarks-export.md"
LIST = "/admin/conversations/conversation/"
PART = "widget=4"  # the rarest of four: about an eighth
WANTED = {"notes": "on", "identity": "on"}

HEAD = """# What an export costs

`python -m bench.export --write` writes this page: {conversations:,} conversations with
{messages:,} messages in SQLite, exported through the running server with notes and names, while
the memory of its process is looked at ten times a second. {machine}

Memory is in MiB.

| export | messages | MB | seconds | a second | memory before | at the most | grown by |
|---|--:|--:|--:|--:|--:|--:|--:|
{lines}
Who hung up after the first megabyte ended the work: {hung_up}.
"""

SEED = """
import os, sys
import django
django.setup()
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from bench.review_world import world_seed
owner = world_seed(int(sys.argv[1]))
session = SessionStore()
session[SESSION_KEY] = str(owner.pk)
session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
session[HASH_SESSION_KEY] = owner.get_session_auth_hash()
session.save()
from conversations.models import Message
print(session.session_key, Message.objects.count())
"""
LAST_DEED = """
import django
django.setup()
from conversations.models import DataDeed
deed = DataDeed.objects.latest("pk")
print(f"noted as {'whole' if deed.is_whole else 'broken off'} with "
      f"{deed.message_count:,} messages" if deed.ended_at else "not noted")
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """One export: how much came, how long it took, what the server held before and at the most."""

    size: int
    seconds: float
    before_mib: float
    most_mib: float

    def line(self, name: str, messages: int) -> str:
        """Return it as a row of the table."""
        return (
            f"| {name} | {messages:,} | {self.size / 1e6:.0f} | {self.seconds:.0f} | "
            f"{messages / self.seconds:,.0f} | {self.before_mib:.0f} | {self.most_mib:.0f} | "
            f"{self.most_mib - self.before_mib:+.0f} |\n"
        )


class Exporter:
    """Somebody who is signed in and downloads."""

    def __init__(self, http: aiohttp.ClientSession, site: Site) -> None:
        self._http = http
        self._site = site
        self._url = f"http://127.0.0.1:{site.port}"

    async def download(self, style: str, address: str, most: int | None = None) -> Measured:
        """Export what the list with this address shows, up to so many bytes, and keep nothing."""
        async with self._http.get(f"{self._url}{LIST}") as page:
            found = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', await page.text())
            assert found, page.status  # noqa: S101 - the bench is broken without
        form = {"csrfmiddlewaretoken": found[1], "style": style, "address": address, **WANTED}
        await asyncio.sleep(1)
        before = self._site.memory_mib
        watch = asyncio.create_task(self._most())
        began, size = time.perf_counter(), 0
        headers = {"Origin": self._url, "Referer": self._url}
        async with self._http.post(
            f"{self._url}{LIST}export/", data=form, headers=headers
        ) as answer:
            answer.raise_for_status()
            async for part in answer.content.iter_any():
                size += len(part)
                if most and size > most:
                    answer.close()
                    break
        seconds = time.perf_counter() - began
        watch.cancel()
        with suppress(asyncio.CancelledError):
            await watch
        return Measured(size, seconds, before, max(before, self._peak))

    _peak = 0.0

    async def _most(self) -> None:
        self._peak = 0.0
        while True:
            self._peak = max(self._peak, self._site.memory_mib)
            await asyncio.sleep(0.1)


def inside(script: str, environ: dict[str, str], *arguments: str) -> str:
    """Return what a piece of code says in a process of the site's."""
    ran = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", script, *arguments],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return ran.stdout.strip()


async def measure(conversations: int) -> str:
    """Fill a database, run the site over it, and return the report."""
    port = port_free()
    with tempfile.TemporaryDirectory() as folder:
        url = f"http://127.0.0.1:{port}"
        environ = environment(f"sqlite:///{folder}/db.sqlite3", SITE_URL=url)
        manage(environ, "migrate", "--verbosity", "0")
        session, count = inside(SEED, environ, str(conversations)).split()
        site = Site(Path(folder), environ, port)
        await site.start()
        try:
            timeout = aiohttp.ClientTimeout(total=3600)
            jar = aiohttp.CookieJar(unsafe=True)  # of an address without a name, too
            async with aiohttp.ClientSession(
                timeout=timeout, cookies={"sessionid": session}, cookie_jar=jar
            ) as http:
                return await _report(Exporter(http, site), environ, conversations, int(count))
        finally:
            await site.kill()


async def _report(
    exporter: Exporter, environ: dict[str, str], conversations: int, messages: int
) -> str:
    await exporter.download("jsonl", PART)  # caches are full, threads are there
    lines = ""
    for style, name in (("jsonl", "JSON Lines"), ("csv", "CSV")):
        for part, address in (("part", PART), ("all", "")):
            measured = await exporter.download(style, address)
            count = int(inside(LAST_COUNT, environ))
            lines += measured.line(f"{name}, {part}", count)
            print(lines.splitlines()[-1], file=sys.stderr, flush=True)
    await exporter.download("jsonl", "", most=1_000_000)
    await asyncio.sleep(2)
    return HEAD.format(
        conversations=conversations,
        messages=messages,
        machine=f"{os.cpu_count()} cores with a load of {os.getloadavg()[1]:.0f} on them, "
        f"Python {platform.python_version()}.",
        lines=lines,
        hung_up=inside(LAST_DEED, environ),
    )


LAST_COUNT = """
import django
django.setup()
from conversations.models import DataDeed
print(DataDeed.objects.latest("pk").message_count)
"""


def main() -> None:
    """Measure and print; with ``--write``, into the documents."""
    parser = argparse.ArgumentParser(prog="python -m bench.export", description=__doc__)
    parser.add_argument("--conversations", type=int, default=100_000)
    parser.add_argument("--write", action="store_true", help=f"write {REPORT.name}")
    options = parser.parse_args()
    text = asyncio.run(measure(options.conversations))
    print(text)
    if options.write:
        REPORT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
