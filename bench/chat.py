"""The site as customers drive it, beside its peers.

``python -m bench.chat [--chats 200] [--rounds 3] [--write]``: customers open their sockets, then
all ask at once; upstream says a hundred words, one each 20 ms. The contestants take turns within
a round; reported is the median over the rounds. Everything is real: ``manage.py serve``, SQLite
with ``synchronous=FULL``, the prompt of the sample shop, the gateway with all it does. Two
processes are measured where ``TEST_DATABASE_URL`` and ``TEST_REDIS_URL`` name what they share.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, fields
from importlib.metadata import version
from itertools import product
from pathlib import Path
from statistics import median, quantiles

import aiohttp

from bench.crowd import Turn, ask_all, connect_all, crowd_http
from bench.stages import CONTESTANTS, Stage, possible, provider, site

REPORT = Path(__file__).parent.parent / "docs" / "benchmarks-chat.md"
RELAY = "bare relay"
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


Results = dict[str, list[Figures]]

LABELS = {
    "cpu_ms": "server CPU per reply, ms",
    "first_p50_ms": "first word after the question, p50, ms",
    "first_p99_ms": "first word after the question, p99, ms",
    "gap_p50_ms": "gap between frames, p50, ms",
    "gap_p99_ms": "gap between frames, p99, ms",
    "idle_kib": "memory per idle socket, KiB",
    "streaming_kib": "memory per streaming socket, KiB",
}


async def measured(name: str, folder: Path, provider_url: str, chats: int) -> Figures:
    """Start a contestant, measure it once, and end it."""
    async with CONTESTANTS[name](folder, provider_url) as stage, crowd_http() as http:
        return await _measure(stage, http, chats)


async def transactions(folder: Path, provider_url: str, chats: int) -> float:
    """Return how many transactions that write a turn costs when so many ask at once."""
    tally = folder / f"commits-{chats}"
    counted = {"DJANGO_SETTINGS_MODULE": "bench.settings", "BENCH_COMMITS": str(tally)}
    async with site(folder, provider_url, **counted) as stage, crowd_http() as http:
        customers = stage.customers(http, chats)
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


async def _measure(stage: Stage, http: aiohttp.ClientSession, chats: int) -> Figures:
    warm = stage.customers(http, 20)
    await connect_all(warm)
    await ask_all(warm)
    empty_mib = stage.memory_mib
    customers = stage.customers(http, chats)
    await connect_all(customers)
    await asyncio.sleep(SETTLE_SECONDS)
    idle_mib, cpu_seconds = stage.memory_mib, stage.cpu_seconds
    turns = await ask_all(customers)
    await asyncio.sleep(SETTLE_SECONDS)  # what is written after the last word counts, too
    figures = _figures(
        turns,
        cpu_seconds=stage.cpu_seconds - cpu_seconds,
        idle_mib=idle_mib - empty_mib,
        streaming_mib=stage.memory_mib - empty_mib,
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


async def run(names: Sequence[str], chats: int, rounds: int) -> Results:
    """Let the contestants take turns."""
    results: Results = {name: [] for name in names}
    with tempfile.TemporaryDirectory() as folder:
        async with provider(Path(folder)) as url:
            for number, name in product(range(rounds), names):
                results[name].append(await measured(name, Path(folder), url, chats))
                print(f"round {number + 1}, {name}: {results[name][-1]}", flush=True)
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


def table(chats: int, results: Results) -> str:
    """Return the medians as Markdown, each with its ratio to the relay's."""
    lines = [
        f"## {chats} chats at once",
        "",
        f"| | {' | '.join(results)} |",
        f"|---|{'--:|' * len(results)}",
    ]
    for figure in fields(Figures):
        medians = {
            name: median(getattr(one, figure.name) for one in rounds)
            for name, rounds in results.items()
        }
        least = medians.get(RELAY, 0.0)
        cells = [
            f"{value:.1f}" + (f" ({value / least:.1f} x)" if least > MEASURABLE else "")
            for value in medians.values()
        ]
        lines.append(f"| {LABELS[figure.name]} | {' | '.join(cells)} |")
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
            "on; the relay is a websocket on aiohttp that passes words on and keeps nothing, and",
            "so does Chainlit with the openai SDK. Customers, upstream and server share the",
            "machine. Absolute values drift with it, ratios hold: beside each figure stands how",
            "many times the relay's it is. Of two processes, CPU and memory are the sum.",
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
    parser.add_argument("--only", nargs="+", choices=CONTESTANTS, default=possible())
    parser.add_argument("--write", action="store_true", help=f"write {REPORT.name}")
    options = parser.parse_args()
    tables = [
        table(chats, asyncio.run(run(options.only, chats, options.rounds)))
        for chats in options.chats
    ]
    count = asyncio.run(run_transactions(options.chats[0]))
    report = "\n\n".join([head(options.rounds), *tables, count]) + "\n"
    print(report)
    if options.write:
        REPORT.write_text(report, encoding="utf-8")


if __name__ == "__main__":
    main()
