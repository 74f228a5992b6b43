"""The engine beside its peers: ``python -m bench.engine [--rounds 3] [--write]``.

Every measurement runs in a process of its own against one canned upstream; contestants take turns
within a round, and what is reported is the median over the rounds.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from os import cpu_count, getloadavg
from pathlib import Path
from statistics import median
from typing import Final

REPORT: Final = Path(__file__).parent.parent / "docs" / "benchmarks.md"
NAMES: Final = {
    "engine": "this engine, everything on",
    "httpx": "bare httpx",
    "aiohttp": "bare aiohttp",
    "openai": "openai SDK",
    "litellm": "LiteLLM Router",
}
WIDTHS: Final = (50, 500)
KINDS: Final = {
    "plain": "a plain call",
    "stream": "a streamed reply, 100 chunks at once",
    "paced": "a streamed reply, 100 chunks 5 ms apart",
}
# Enough for half a second or more of CPU, by what a call of each costs.
CALLS: Final = {
    "plain": {"engine": 3000, "aiohttp": 6000},
    "stream": {"engine": 1000, "aiohttp": 1500},
    "paced": {"engine": 500, "aiohttp": 500, "httpx": 500},
}
FEW_CALLS: Final = {"plain": 500, "stream": 100, "paced": 100}
# Five hundred of its streams at once take minutes.
TOO_SLOW: Final = {("litellm", 500)}
MEMORY_CALLS: Final = 50_000

Results = dict[tuple[str, int, str], list[dict[str, float]]]


@dataclass(frozen=True, slots=True)
class Goal:
    """What a ratio of ours to a peer's should not exceed."""

    text: str
    kind: str
    width: int
    figure: str
    peer: str
    bound: float


GOALS: Final = (
    Goal("plain call, CPU, to bare httpx", "plain", 50, "cpu_ms", "httpx", 0.3),
    Goal("plain call, CPU, to bare aiohttp", "plain", 50, "cpu_ms", "aiohttp", 4.0),
    Goal("streamed reply, CPU, to bare aiohttp", "stream", 50, "cpu_ms", "aiohttp", 2.0),
    Goal("streamed reply, CPU, to the openai SDK", "stream", 50, "cpu_ms", "openai", 1 / 6),
    Goal("streamed reply, CPU, to LiteLLM's Router", "stream", 50, "cpu_ms", "litellm", 1 / 25),
    Goal("plain call, p99 at 500, to bare aiohttp", "plain", 500, "p99_ms", "aiohttp", 2.0),
    Goal("streamed reply, p99 at 500, to bare aiohttp", "stream", 500, "p99_ms", "aiohttp", 2.0),
    Goal("paced reply, p99 at 500, to bare aiohttp", "paced", 500, "p99_ms", "aiohttp", 2.0),
)


@contextmanager
def upstream() -> Iterator[str]:
    """Run the canned provider and give where it listens."""
    process = subprocess.Popen(  # our own module
        [sys.executable, "-m", "bench.upstream"], stdout=subprocess.PIPE, text=True
    )
    try:
        yield f"http://127.0.0.1:{(process.stdout or sys.stdin).readline().strip()}"
    finally:
        process.terminate()
        process.wait()


def measure(origin: str, name: str, kind: str, width: int, calls: int) -> dict[str, float]:
    """Return one measurement."""
    url = f"{origin}/paced/v1" if kind == "paced" else f"{origin}/v1"
    arguments = [sys.executable, "-m", "bench.worker", name, url, kind, str(width), str(calls)]
    output = subprocess.run(  # noqa: S603  # our own module
        arguments, check=True, capture_output=True, text=True, timeout=600
    ).stdout
    figures: dict[str, float] = json.loads(output.splitlines()[-1])
    print(
        f"{kind:7} {width:4} {name:8}", {key: round(x, 3) for key, x in figures.items()}, flush=True
    )
    return figures


def measure_all(origin: str, rounds: int) -> Results:
    """Return every measurement of every round, contestants taking turns."""
    results: Results = {}
    for _ in range(rounds):
        for kind in KINDS:
            for width in WIDTHS:
                for name in NAMES:
                    if (name, width) in TOO_SLOW or not _is_installed(name):
                        continue
                    calls = max(CALLS[kind].get(name, FEW_CALLS[kind]), width)
                    figures = measure(origin, name, kind, width, calls)
                    results.setdefault((kind, width, name), []).append(figures)
    return results


def _module(name: str) -> str:
    return name.replace("-", "_")


def _is_installed(name: str) -> bool:
    """Tell whether a peer is here; the openai SDK and LiteLLM come with the group ``bench``."""
    return name == "engine" or find_spec(_module(name)) is not None


def middle(results: Results, kind: str, width: int, name: str, figure: str) -> float:
    """Return the median of one figure."""
    return median(figures[figure] for figures in results[kind, width, name])


def report(results: Results, memory_kb: float, rounds: int) -> str:
    """Return the report, in Markdown."""
    libraries = ("httpx", "httpx-aiohttp", "aiohttp", "openai", "litellm")
    versions = ", ".join(
        f"{name} {version(name)}" for name in libraries if find_spec(_module(name))
    )
    lines = [
        "# Benchmarks",
        "",
        (
            f"Written by `python -m bench.engine --write` (`make bench`): medians over {rounds} "
            f"round(s), contestants taking turns, each measurement in a process of its own. Ratios "
            f"hold from machine to machine, absolute figures do not.\n\n"
            f"- Machine: {cpu_count()} cores, {platform.machine()}, {platform.system()}; load "
            f"{getloadavg()[0]:.1f} when this was written, so other work ran beside it.\n"
            f"- Python {platform.python_version()}, {versions}.\n"
            f"- Ours has everything on: three keys, limits on four scopes, a deadline, a cache "
            f"look-up that misses, sharing of calls, telemetry.\n"
        ),
    ]
    for kind, title in KINDS.items():
        for width in WIDTHS:
            lines += _table(results, kind, width, title)
    lines += _goals(results)
    lines.append(
        "\nThe upstream answers at once and the callers never pause, so with 500 in flight the "
        "latency of a call is the CPU time of the other 499: p99 there follows the ratio of CPU. "
        "On a machine with other work it is mostly that work."
    )
    lines.append(
        f"\nMemory over {MEMORY_CALLS:,} plain calls: {memory_kb / 1024:+.1f} MiB from the middle "
        f"to the end, when the answer cache (32 MiB at most) is full.\n"
    )
    return "\n".join(lines)


def _goals(results: Results) -> list[str]:
    lines = ["## Goals", "", "| goal | bound | measured | |", "|---|---:|---:|---|"]
    for goal in GOALS:
        if (goal.kind, goal.width, goal.peer) not in results:
            lines.append(f"| {goal.text} | {goal.bound:.3f} | not run | |")
            continue
        ours = middle(results, goal.kind, goal.width, "engine", goal.figure)
        ratio = ours / middle(results, goal.kind, goal.width, goal.peer, goal.figure)
        verdict = "met" if ratio <= goal.bound else "**missed**"
        lines.append(f"| {goal.text} | {goal.bound:.3f} | {ratio:.3f} | {verdict} |")
    return lines


def _table(results: Results, kind: str, width: int, title: str) -> list[str]:
    lines = [
        f"## {title[0].upper()}{title[1:]}, {width} in flight",
        "",
        "| | client CPU, ms | to ours | calls/s | p99, ms |",
        "|---|---:|---:|---:|---:|",
    ]
    ours = middle(results, kind, width, "engine", "cpu_ms")
    for name, label in NAMES.items():
        if (kind, width, name) not in results:
            lines.append(f"| {label} | not run | | | |")
            continue
        cpu, rate, p99 = (
            middle(results, kind, width, name, figure)
            for figure in ("cpu_ms", "per_second", "p99_ms")
        )
        lines.append(f"| {label} | {cpu:.2f} | {cpu / ours:.2f} | {rate:.0f} | {p99:.0f} |")
    return [*lines, ""]


def main() -> None:
    """Measure, print, and write the report if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true", help=f"write {REPORT.name}")
    options = parser.parse_args()
    with upstream() as origin:
        results = measure_all(origin, options.rounds)
        memory = measure(origin, "engine", "plain", 50, MEMORY_CALLS)["memory_grown_kb"]
    text = report(results, memory, options.rounds)
    print(text)
    if options.write:
        REPORT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
