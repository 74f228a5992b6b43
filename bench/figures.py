"""What telemetry costs, and how fast its figures are read: ``python -m bench.figures [--write]``.

Overhead: the same calls, watched by more and more, taking turns, each round in a process of its
own. Reading: the dashboard's 30 days with a million calls behind it, and what the figures of 10
keys and 5 models weigh once every period that is kept is full. In SQLite, and in PostgreSQL if
``TEST_DATABASE_URL`` names a server of one. The databases are made for it and removed afterwards.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit, urlunsplit

from bench.engine import upstream
from tests.chaos.site import ROOT, environment

REPORT = Path(__file__).parent.parent / "docs" / "benchmarks-figures.md"
SCRATCH = "chatsite_bench_figures"
OVERHEAD_GOAL, READ_GOAL_MS, SIZE_GOAL_MB = 0.05, 200, 100
ROUNDS = 7
KINDS = {"plain": "a whole answer at once", "stream": "an answer of 100 words, streamed"}
# What watches, and beside what it is to be held.
SIDES = {"without": "", "ledger": "without", "figures": "ledger", "spans": "without"}
WORDS = {"ledger": "the ledger", "figures": "and figures", "spans": "spans"}
CALLS = 1_000_000

HEAD = """# What telemetry costs

`python -m bench.figures --write` writes this page. {machine}
Figures are medians; on a machine with other work on it ratios hold better than milliseconds, and
CPU is what reading costs on one without.

## CPU for each call

The same calls through the engine, watched by more and more, taking turns: {rounds} rounds of each,
a process a round, and all CPU of that process counted, the threads that write and send included.
A bare call of the engine goes to a provider that answers at once, for nobody who listens: of
nothing that a site does is telemetry a larger share. A turn of the chat is a customer's question
with everything the site does about it, as docs/benchmarks-chat.md measures it.

| watched by | is |
|---|---|
| nobody | the engine alone |
| the ledger | a row for each call: what budgets and bills count, and "why this answer" |
| and figures | its sums by minute, hour and day as well: the dashboard, alerts, `/metrics` |
| spans | the extra for OpenTelemetry alone: a span for each call and each attempt, sent |

The ledger is the site's accounts, and is kept whether anybody watches or not. Telemetry is what
is added to it: figures, and spans where an operator wants them. The goal is {goal:.0%} of the call
for figures. A call itself pays an append to a queue; then calls are gathered for a second, and
written in one transaction on the database's thread. What a batch costs is mostly the same for one
call and for a hundred, some 3 ms: where there are few calls, each pays more of it.

| | watched by | CPU, ms | added, ms | of the call | of a turn of {turn:.1f} ms |
|---|---|--:|--:|--:|--:|
"""
READ = """
## Reading 30 days

With {calls:,} calls in the ledger, and the figures of 10 keys, 5 models, 4 widgets and 4 prompt
versions in every period that is kept (26 hours of minutes, 32 days of hours, two years of
days). The goals: {goal} ms for the question, {size} MB for the figures.

| | {names} |
|---|{lines}
"""


def run(module: str, *arguments: str, database_url: str) -> dict[str, float]:
    """Return what a process of its own measures."""
    ran = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env=environment(database_url),
        stdout=subprocess.PIPE,
        check=True,
    )
    figures: dict[str, float] = json.loads(ran.stdout.splitlines()[-1])
    print(module, *arguments, figures, file=sys.stderr, flush=True)
    return figures


def overhead(rounds: int) -> dict[str, dict[str, float]]:
    """Return CPU for each call, by kind of call and by what watched it."""
    found: dict[str, dict[str, list[float]]] = {}
    with upstream() as url, tempfile.TemporaryDirectory() as folder:
        for number in range(rounds):
            for kind in KINDS:
                for side in SIDES if number % 2 else reversed(SIDES):
                    database = f"sqlite:///{folder}/{kind}-{number}-{side}.sqlite3"
                    ran = run("bench.figures_worker", url, kind, side, database_url=database)
                    found.setdefault(kind, {}).setdefault(side, []).append(ran["cpu_ms"])
    return {
        kind: {side: median(spent) for side, spent in sides.items()}
        for kind, sides in found.items()
    }


def reading(calls: int) -> dict[str, dict[str, float]]:
    """Return the figures of SQLite, and of PostgreSQL if there is one to be used."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/db.sqlite3"
        found = {"SQLite": run("bench.figures_world", str(calls), database_url=url)}
    if server := os.environ.get("TEST_DATABASE_URL"):
        import psycopg  # noqa: PLC0415 - only who measures PostgreSQL needs it

        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {SCRATCH}")
            connection.execute(f"CREATE DATABASE {SCRATCH}")
            try:
                url = urlunsplit(urlsplit(server)._replace(path=f"/{SCRATCH}"))
                found["PostgreSQL"] = run("bench.figures_world", str(calls), database_url=url)
            finally:
                connection.execute(f"DROP DATABASE {SCRATCH}")
    return found


def report(
    costs: dict[str, dict[str, float]],
    found: dict[str, dict[str, float]],
    *,
    rounds: int,
    calls: int,
    turn_ms: float,
) -> str:
    """Return the figures as a page of the documents."""
    machine = (
        f"{os.cpu_count()} cores with a load of {os.getloadavg()[1]:.1f} on them, "
        f"Python {platform.python_version()}."
    )
    text = HEAD.format(machine=machine, rounds=rounds, turn=turn_ms, goal=OVERHEAD_GOAL)
    for kind, spent in costs.items():
        without = spent["without"]
        text += f"| {KINDS[kind]} | nobody | {without:.2f} | | | |\n"
        for side, beside in SIDES.items():
            if beside:
                added = spent[side] - spent[beside]
                text += (
                    f"| | {WORDS[side]} | {spent[side]:.2f} | {added:.3f} | "
                    f"{added / without:.1%} | {added / turn_ms:.1%} |\n"
                )
    text += READ.format(
        calls=calls,
        goal=READ_GOAL_MS,
        size=SIZE_GOAL_MB,
        names=" | ".join(found),
        lines="--:|" * len(found),
    )
    for name in next(iter(found.values())):
        text += (
            f"| {name} | " + " | ".join(f"{each[name]:,.0f}" for each in found.values()) + " |\n"
        )
    return text


def main() -> None:
    """Measure and print; with ``--write``, into the documents."""
    parser = argparse.ArgumentParser(prog="python -m bench.figures", description=__doc__)
    parser.add_argument("--calls", type=int, default=CALLS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--turn-ms", type=float, default=14.9, help="CPU of a turn of the chat")
    parser.add_argument("--write", action="store_true", help=f"write {REPORT.name}")
    options = parser.parse_args()
    costs, found = overhead(options.rounds), reading(options.calls)
    text = report(costs, found, rounds=options.rounds, calls=options.calls, turn_ms=options.turn_ms)
    print(text)
    if options.write:
        REPORT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
