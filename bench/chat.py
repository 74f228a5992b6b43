"""The site as customers drive it, beside a relay that keeps nothing.

``python -m bench.chat [--chats 200] [--rounds 3] [--write]``: customers open their sockets, then
all ask at once; upstream says a hundred words, one each 20 ms. Site and relay take turns within
a round; reported is the median over the rounds. Everything is real: ``manage.py serve``, SQLite
with ``synchronous=FULL``, the prompt of the sample shop, the gateway with all it does.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import random
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields
from importlib.metadata import version
from pathlib import Path
from statistics import median, quantiles

from bench.crowd import (
    Customer,
    RelayCustomer,
    SiteCustomer,
    Turn,
    ask_all,
    connect_all,
    crowd_http,
)
from tests.chaos.rows import public_key_read
from tests.chaos.site import Process, Site, environment, port_free, site_prepare

REPORT = Path(__file__).parent.parent / "docs" / "benchmarks-chat.md"
TICK_SECONDS = "0.02"
SETTLE_SECONDS = 1.0
MEASURABLE = 0.1
TALLY_SECONDS = 4.0  # then the last of a turn is written


@dataclass(frozen=True, slots=True)
class Figures:
    """What one round told of one contestant."""

    cpu_ms: float
    first_p50_ms: float
    first_p99_ms: float
    gap_p50_ms: float
    gap_p99_ms: float
    idle_kib: float
    streaming_kib: float


@dataclass(frozen=True, slots=True)
class Served:
    """The site, and where its chat is."""

    process: Site
    url: str
    origin: str
    environ: dict[str, str]


LABELS = {
    "cpu_ms": "server CPU per reply, ms",
    "first_p50_ms": "first word after the question, p50, ms",
    "first_p99_ms": "first word after the question, p99, ms",
    "gap_p50_ms": "gap between frames, p50, ms",
    "gap_p99_ms": "gap between frames, p99, ms",
    "idle_kib": "memory per idle socket, KiB",
    "streaming_kib": "memory per streaming socket, KiB",
}


class Program(Process):
    """A helper in a process of its own that prints its port."""

    async def port(self) -> int:
        """Start it and return its port."""
        await self.spawn()
        while not self.log.endswith("\n"):  # noqa: ASYNC110 - a file gives no event
            await asyncio.sleep(0.02)
        return int(self.log)


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


async def relay_round(folder: Path, provider_url: str, chats: int) -> Figures:
    """Measure the relay."""
    log = folder / f"relay-{random.getrandbits(32)}.log"
    program = Program(log, [sys.executable, "-m", "bench.relay", provider_url], environment(""))
    try:
        url = f"ws://127.0.0.1:{await program.port()}/"
        return await _measure(program, RelayCustomer, url, "", chats)
    finally:
        await program.kill()


@asynccontextmanager
async def served(folder: Path, provider_url: str, **environ: str) -> AsyncIterator[Served]:
    """Run the site, on a database of its own."""
    port = port_free()
    origin = f"http://127.0.0.1:{port}"
    database_url = f"sqlite:///{folder}/db-{port}.sqlite3"
    prepared = environment(database_url, SITE_URL=origin, SANDBOX_URL=provider_url)
    await asyncio.to_thread(site_prepare, prepared)
    site = Site(folder, prepared | {"REPLY_CONCURRENCY": "1000"} | environ, port)
    try:
        await site.start()
        url = f"ws://127.0.0.1:{port}/ws/chat/{public_key_read(database_url)}/"
        yield Served(site, url, origin, prepared)
    finally:
        await site.kill()


async def site_round(folder: Path, provider_url: str, chats: int) -> Figures:
    """Measure the site."""
    async with served(folder, provider_url) as site:
        return await _measure(site.process, SiteCustomer, site.url, site.origin, chats)


async def transactions(folder: Path, provider_url: str, chats: int) -> float:
    """Return how many transactions that write a turn costs when so many ask at once."""
    tally = folder / f"commits-{chats}"
    counted = {"DJANGO_SETTINGS_MODULE": "bench.settings", "BENCH_COMMITS": str(tally)}
    async with served(folder, provider_url, **counted) as site, crowd_http() as http:
        customers = [SiteCustomer(http, site.url, site.origin) for _ in range(chats)]
        await connect_all(customers)
        await ask_all(customers)
        await asyncio.sleep(TALLY_SECONDS)
        before = tally.stat().st_size
        await ask_all(customers)
        await asyncio.sleep(TALLY_SECONDS)
        used = tally.stat().st_size - before
        for customer in customers:
            await customer.close()
    return used / chats


async def _measure(
    process: Process, kind: type[Customer], url: str, origin: str, chats: int
) -> Figures:
    async with crowd_http() as http:
        warm = [kind(http, url, origin) for _ in range(20)]
        await connect_all(warm)
        await ask_all(warm)
        empty_mib = process.memory_mib
        customers = [kind(http, url, origin) for _ in range(chats)]
        await connect_all(customers)
        await asyncio.sleep(SETTLE_SECONDS)
        idle_mib, cpu_seconds = process.memory_mib, process.cpu_seconds
        turns = await ask_all(customers)
        await asyncio.sleep(SETTLE_SECONDS)  # what is written after the last word counts, too
        figures = _figures(
            turns,
            cpu_seconds=process.cpu_seconds - cpu_seconds,
            idle_mib=idle_mib - empty_mib,
            streaming_mib=process.memory_mib - empty_mib,
        )
        for customer in (*warm, *customers):
            await customer.close()
    return figures


def _figures(
    turns: list[Turn], *, cpu_seconds: float, idle_mib: float, streaming_mib: float
) -> Figures:
    first = quantiles([turn.first_seconds for turn in turns], n=100, method="inclusive")
    gaps = quantiles([gap for turn in turns for gap in turn.gaps], n=100, method="inclusive")
    return Figures(
        cpu_ms=1000 * cpu_seconds / len(turns),
        first_p50_ms=1000 * first[49],
        first_p99_ms=1000 * first[98],
        gap_p50_ms=1000 * gaps[49],
        gap_p99_ms=1000 * gaps[98],
        idle_kib=1024 * idle_mib / len(turns),
        streaming_kib=1024 * streaming_mib / len(turns),
    )


async def run(chats: int, rounds: int) -> dict[str, list[Figures]]:
    """Let the contestants take turns."""
    results: dict[str, list[Figures]] = {"site": [], "relay": []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with provider(folder) as url:
            for number in range(rounds):
                results["site"].append(await site_round(folder, url, chats))
                results["relay"].append(await relay_round(folder, url, chats))
                print(f"round {number + 1}: {results['site'][-1]} {results['relay'][-1]}")
    return results


async def run_transactions(chats: int) -> str:
    """Count, and return a line of the report."""
    with tempfile.TemporaryDirectory() as name:
        async with provider(Path(name)) as url:
            alone = await transactions(Path(name), url, 1)
            crowd = await transactions(Path(name), url, chats)
    return (
        f"Transactions that write, per turn: {alone:.1f} when one customer asks alone, "
        f"{crowd:.2f} when {chats} ask at once."
    )


def table(chats: int, results: dict[str, list[Figures]]) -> str:
    """Return the medians as Markdown."""
    lines = [
        f"## {chats} chats at once",
        "",
        "| | the site | bare relay | ratio |",
        "|---|--:|--:|--:|",
    ]
    for figure in fields(Figures):
        site, relay = (
            median(getattr(one, figure.name) for one in results[name]) for name in results
        )
        ratio = f"{site / relay:.1f}" if relay > MEASURABLE else ""
        lines.append(f"| {LABELS[figure.name]} | {site:.1f} | {relay:.1f} | {ratio} |")
    return "\n".join(lines)


def head(rounds: int) -> str:
    """Return what must be known to read the tables."""
    load = ", ".join(f"{part:.1f}" for part in os.getloadavg())
    return "\n".join(
        [
            "# The chat, measured",
            "",
            "`make bench` makes this page. All customers ask at the same moment; upstream says 100",
            "words, one each 20 ms. The site runs as `manage.py serve` with SQLite and everything",
            "on; the relay is a websocket on aiohttp that passes words on and keeps nothing.",
            "Customers, upstream and server share the machine. Absolute values drift with it,",
            "ratios hold.",
            "",
            f"Python {platform.python_version()}, daphne {version('daphne')},",
            f"aiohttp {version('aiohttp')}; {os.cpu_count()} cores, load {load} at the end;",
            f"median over rounds: {rounds}.",
        ]
    )


def main() -> None:
    """Measure, print, and write the report if asked to."""
    parser = argparse.ArgumentParser(prog="python -m bench.chat", description=__doc__)
    parser.add_argument("--chats", type=int, nargs="+", default=[200])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true", help=f"write {REPORT.name}")
    options = parser.parse_args()
    tables = [table(chats, asyncio.run(run(chats, options.rounds))) for chats in options.chats]
    count = asyncio.run(run_transactions(options.chats[0]))
    report = "\n\n".join([head(options.rounds), *tables, count]) + "\n"
    print(report)
    if options.write:
        REPORT.write_text(report, encoding="utf-8")


if __name__ == "__main__":
    main()
