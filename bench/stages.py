"""Who is measured by ``bench.chat``: each is started in a process of its own, and stopped."""

from __future__ import annotations

import asyncio
import os
import random
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import psycopg

from bench.crowd import ChainlitCustomer, Customer, RelayCustomer, SiteCustomer
from tests.chaos.rows import public_key_read
from tests.chaos.site import ROOT, Process, Site, environment, site_prepare
from tests.free_port import port_free

TICK_SECONDS = "0.02"
PEERS = ROOT / ".venv-bench" / "bin"
PAIR_DATABASE = "chatsite_bench_chat"
LIMITS = {"REPLY_CONCURRENCY": "1000"}


@dataclass(frozen=True, slots=True)
class Stage:
    """A contestant that runs: its processes, and where its customers come in."""

    processes: tuple[Process, ...]
    kind: type[Customer]
    urls: tuple[str, ...]
    origin: str = ""
    environ: dict[str, str] = field(default_factory=dict)

    def customers(self, http: aiohttp.ClientSession, count: int) -> list[Customer]:
        """Return so many customers, spread evenly over the processes."""
        urls = self.urls
        return [self.kind(http, urls[n % len(urls)], self.origin) for n in range(count)]

    @property
    def cpu_seconds(self) -> float:
        """The processor time that they have used."""
        return sum(process.cpu_seconds for process in self.processes)

    @property
    def memory_mib(self) -> float:
        """The memory that they hold now."""
        return sum(process.memory_mib for process in self.processes)


class Program(Process):
    """A process that prints its port."""

    async def port(self) -> int:
        """Start it and return its port."""
        await self.spawn()
        while not self.log.endswith("\n"):  # noqa: ASYNC110 - a file gives no event
            await asyncio.sleep(0.02)
        return int(self.log)


class Peer(Site):
    """A server that is no ``manage.py serve``, asked at an address of its own when it is ready."""

    def __init__(
        self, folder: Path, arguments: list[str], environ: dict[str, str], port: int, at: str
    ) -> None:
        super().__init__(folder, environ, port)
        self._arguments = arguments
        self.ready_path = at


@asynccontextmanager
async def provider(folder: Path) -> AsyncIterator[str]:
    """Run the provider and give its base URL."""
    program = Program(
        folder / "upstream.log",
        [sys.executable, "-m", "bench.upstream"],
        environment("") | {"BENCH_TICK_SECONDS": TICK_SECONDS},
    )
    try:
        yield f"http://127.0.0.1:{await program.port()}/paced/v1"
    finally:
        await program.kill()


@asynccontextmanager
async def relay(folder: Path, provider_url: str) -> AsyncIterator[Stage]:
    """The least that a chat can be."""
    log = folder / f"relay-{random.getrandbits(32)}.log"
    program = Program(log, [sys.executable, "-m", "bench.relay", provider_url], environment(""))
    try:
        yield Stage((program,), RelayCustomer, (f"ws://127.0.0.1:{await program.port()}/",))
    finally:
        await program.kill()


async def _prepared(folder: Path, provider_url: str, database_url: str = "") -> dict[str, str]:
    """Make tables and the sample shop, and return a site's environment."""
    origin = f"http://127.0.0.1:{port_free()}"
    url = database_url or f"sqlite:///{folder}/db-{random.getrandbits(32)}.sqlite3"
    environ = environment(url, SITE_URL=origin, SANDBOX_URL=provider_url)
    await asyncio.to_thread(site_prepare, environ)
    return environ


def _stage(sites: Sequence[Site], environ: dict[str, str]) -> Stage:
    key = public_key_read(environ["DATABASE_URL"])
    urls = tuple(f"ws://127.0.0.1:{site.port}/ws/chat/{key}/" for site in sites)
    return Stage(tuple(sites), SiteCustomer, urls, environ["SITE_URL"], environ)


@asynccontextmanager
async def site(folder: Path, provider_url: str, **more: str) -> AsyncIterator[Stage]:
    """The site as it comes: ``manage.py serve`` with SQLite."""
    environ = await _prepared(folder, provider_url)
    process = Site(folder, environ | LIMITS | more, port_free())
    try:
        await process.start()
        yield _stage([process], environ)
    finally:
        await process.kill()


@asynccontextmanager
async def site_under_uvicorn(folder: Path, provider_url: str) -> AsyncIterator[Stage]:
    """The same, served by uvicorn."""
    environ, port = await _prepared(folder, provider_url), port_free()
    command = [str(PEERS / "python"), "-m", "bench.under_uvicorn", str(port)]
    process = Peer(folder, command, environ | LIMITS, port, "/readyz")
    try:
        await process.start()
        yield _stage([process], environ)
    finally:
        await process.kill()


@asynccontextmanager
async def site_pair(folder: Path, provider_url: str) -> AsyncIterator[Stage]:
    """Two processes of the site on PostgreSQL and Redis."""
    server = os.environ["TEST_DATABASE_URL"].rpartition("/")[0]
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {PAIR_DATABASE} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {PAIR_DATABASE}")
        environ = await _prepared(folder, provider_url, f"{server}/{PAIR_DATABASE}")
        environ |= {"REDIS_URL": os.environ["TEST_REDIS_URL"], "PROCESSES": "2"}
        async with AsyncExitStack() as stack:
            sites = [Site(folder, environ | LIMITS, port_free()) for _ in range(2)]
            for process in sites:
                stack.push_async_callback(process.kill)
                await process.start()
            yield _stage(sites, environ)
        connection.execute(f"DROP DATABASE {PAIR_DATABASE} WITH (FORCE)")


@asynccontextmanager
async def chainlit(folder: Path, provider_url: str) -> AsyncIterator[Stage]:
    """Chainlit with the openai SDK, which keeps nothing."""
    port = port_free()
    application = ROOT / "bench" / "chainlit_app.py"
    command = [str(PEERS / "chainlit"), "run", str(application), "-h", "--port", str(port)]
    environ = environment("") | {"BENCH_PROVIDER": provider_url, "CHAINLIT_APP_ROOT": str(folder)}
    process = Peer(folder, command, environ, port, "/")
    try:
        await process.start()
        url = f"ws://127.0.0.1:{port}/ws/socket.io/?EIO=4&transport=websocket"
        yield Stage((process,), ChainlitCustomer, (url,))
    finally:
        await process.kill()


CONTESTANTS: dict[str, Callable[[Path, str], AbstractAsyncContextManager[Stage]]] = {
    "the site": site,
    "bare relay": relay,
    "Chainlit": chainlit,
    "the site under uvicorn": site_under_uvicorn,
    "two processes, PostgreSQL and Redis": site_pair,
}


def possible() -> list[str]:
    """Return the names of those that can be measured here."""
    lacking = set()
    if not PEERS.exists():  # make bench installs them
        lacking |= {"Chainlit", "the site under uvicorn"}
    if not {"TEST_DATABASE_URL", "TEST_REDIS_URL"} <= set(os.environ):
        lacking.add("two processes, PostgreSQL and Redis")
    return [name for name in CONTESTANTS if name not in lacking]
