"""One scenario: upstream, processes of the site, proxies, browsers, and the checker at the end."""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp

from tests.chaos.browser import Address, Browser
from tests.chaos.checker import violations
from tests.chaos.history import History
from tests.chaos.proxy import Proxy
from tests.chaos.rows import Row, public_key_read, rows_read
from tests.chaos.script import Line, line_make
from tests.chaos.site import START_SECONDS, Process, Site, environment
from tests.chaos.upstream import Call
from tests.free_port import port_free


class World:
    """Everything of a scenario, which ends together.

    Args:
        folder: For databases and logs.
        database_url: A prepared database.
        rng: The scenario's randomness.
        sites: How many processes serve.
        environ: Added to the processes' environment.
    """

    def __init__(
        self,
        folder: Path,
        database_url: str,
        rng: random.Random,
        *,
        sites: int = 1,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.database_url = database_url
        self.rng = rng
        self.history = History()
        self.browsers: list[Browser] = []
        self.proxies: list[Proxy] = []
        self.sites: list[Site] = []
        self._number = sites
        self._environ = environ or {}
        self._upstream = Process(
            folder / "upstream.log", [sys.executable, "-m", "tests.chaos.upstream"], environment("")
        )

    async def __aenter__(self) -> Self:
        """Start upstream and the site."""
        try:
            await self._upstream.spawn()
            self.upstream_url = f"http://127.0.0.1:{await self._upstream_port()}"
            ports = [port_free() for _ in range(self._number)]
            # Behind one name: each process must take the origin for its own.
            self.origin = f"http://127.0.0.1:{ports[0]}"
            environ = environment(
                self.database_url,
                SITE_URL=self.origin,
                SANDBOX_URL=f"{self.upstream_url}/v1",
                **self._environ,
            )
            self.sites = [Site(self.folder, environ, port) for port in ports]
            self.public_key = public_key_read(self.database_url)
            for site in self.sites:
                await site.start()
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End everything, whatever happened."""
        for browser in self.browsers:
            await browser.close()
        for proxy in self.proxies:
            await proxy.stop()
        for process in (*self.sites, self._upstream):
            await process.kill()
        if error is not None:
            for site in self.sites:
                print(f"--- {site.port}\n{site.log}")  # noqa: T201 - pytest shows it

    @property
    def site(self) -> Site:
        """The first process of the site."""
        return self.sites[0]

    def address(self, site: Site | None = None, port: int | None = None) -> Address:
        """Return where the widget is: at a process, or behind a proxy's port."""
        return Address("127.0.0.1", port or (site or self.site).port, self.origin, self.public_key)

    def browser(
        self,
        address: Address | None = None,
        *,
        token_of: Browser | None = None,
        patience_seconds: float = 10.0,
    ) -> Browser:
        """Open a browser: a new visitor's, or another tab of one who is there."""
        browser = Browser(
            f"browser {len(self.browsers) + 1}",
            address or self.address(),
            self.history,
            random.Random(self.rng.getrandbits(64)),
            patience_seconds=patience_seconds,
        )
        if token_of:
            browser.transcript.token = token_of.transcript.token
        self.browsers.append(browser)
        browser.open()
        return browser

    async def proxy(self, site: Site | None = None) -> tuple[Proxy, Address]:
        """Put a network before a process; return it, and the address behind it."""
        proxy = Proxy((site or self.site).port, random.Random(self.rng.getrandbits(64)))
        self.proxies.append(proxy)
        return proxy, self.address(port=await proxy.start())

    def line(self, words: int = 40, pace_ms: int = 20, *, waits: bool = False) -> Line:
        """Return a fresh line to ask for."""
        return line_make(self.rng, words, pace_ms, waits=waits)

    async def rest(self, seconds: float = 60.0) -> None:
        """Wait until every browser has all that it asked for."""
        for browser in self.browsers:
            await browser.until(browser.is_at_rest, seconds)

    async def rows(self) -> list[Row]:
        """Return every message in the database."""
        return await asyncio.to_thread(rows_read, self.database_url)

    async def calls(self) -> list[Call]:
        """Return every call that upstream has seen."""
        url = f"{self.upstream_url}/calls"
        async with aiohttp.ClientSession() as http, http.get(url) as answer:
            return [Call(**call) for call in await answer.json()]

    async def release(self) -> None:
        """Let upstream finish the lines that wait."""
        async with aiohttp.ClientSession() as http, http.post(f"{self.upstream_url}/release"):
            pass

    async def prove(self) -> None:
        """Come to rest, and make sure that nothing was lost, doubled, divergent or left open."""
        restless = []
        try:
            await self.rest()
        except AssertionError as waited:  # what was lost says more than who waited for it
            restless.append(str(waited))
        broken = violations(self.history, await self.rows(), await self.calls(), self.browsers)
        assert not broken + restless, "\n".join(broken + restless)

    async def _upstream_port(self) -> int:
        async with asyncio.timeout(START_SECONDS):
            while not (said := self._upstream.log).endswith("\n"):
                await asyncio.sleep(0.02)
        return int(said)
