"""How long staff wait for the list of conversations: ``python -m bench.review [--write]``.

100,000 conversations with 1,000,000 messages in SQLite, and in PostgreSQL if ``TEST_DATABASE_URL``
names a server of one: the list, each of its filters, searches for words that are rare and frequent,
in English and Chinese, and the report. Measured is the whole page, as the admin makes it for
somebody who is signed in. The databases are made for it and removed afterwards.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from tests.chaos.site import ROOT, environment

if TYPE_CHECKING:
    from django.contrib.auth.models import User

REPORT = Path(__file__).parent.parent / "docs" / "benchmarks-review.md"
GOAL_MS = 300
ROUNDS = 5

PAGES = {
    "the list": "",
    "its tenth page": "p=10",
    "no answer": "outcome=none",
    "went wrong": "outcome=wrong",
    "stopped by the customer": "outcome=stopped",
    "an answer failed or broke off": "sign=failed",
    "asked for a human": "sign=human",
    "same question three times": "sign=loop",
    "long": "sign=long",
    "expensive": "sign=expensive",
    "thumbs down": "rating=down",
    "thumbs up": "rating=up",
    "waits to be read": "review=waiting",
    "judged other than good": "verdict=faulted",
    "signed-in customers": "verified=yes",
    "one widget": "widget=4",
    "Chinese": "language=zh",
    "another language": "language=other",
    "one prompt version": "version=1",
    "last 30 days": "active=month",
    "French": "language=fr",
    "an answer was stopped": "sign=stopped",
    "judged rude, which no answer was": "verdict=rude",
    "judged good": "verdict=good",
    "read to its end": "review=done",
    "began in the last 30 days": "began={month}",
    "began on Mondays at ten": "began={month}@0-10",
    "like one of the newest questions": "began={month}&alike={one}",
    "50 at random": "sample=50-5eed-1900000000",
    "50 at random that asked for a human": "sign=human&sample=50-5eed-1900000000",
    "no answer, and asked for a human": "outcome=none&sign=human",
}
WORDS = {
    "an English word, rare": "zeppelin",
    "an English word": "refund",
    "an English word, frequent": "order",
    "a beginning of many words": "gar",
    "two English words, both frequent": "order gar",
    "a rare and a frequent word": "zeppelin order",
    "a word that nobody wrote": "xylophone",
    "one Chinese character, rare": "龘",
    "one Chinese character": "退",
    "one Chinese character, frequent": "的",
    "two Chinese characters, rare": "飞艇",
    "two Chinese characters": "退款",
    "four Chinese characters": "退款政策",
    "an English word, failed answers": "refund&sign=failed",
    "a frequent word, failed answers": "order&sign=failed",
    "a frequent word, 50 at random": "order&sample=50-5eed-1900000000",
}
REPORTS = {
    "the report on 7 days": "days=7",
    "the report on 30 days": "days=30",
    "the report on 90 days": "days=90",
    "the report on 90 days, one widget, Chinese": "days=90&widget=1&language=zh",
    "the report on everything": "first={first}&last={today}",
}

LIST, REPORT_PAGE = "/admin/conversations/conversation/", "/admin/conversations/report/"
SCRATCH = "chatsite_bench_review"

HEAD = """# How long staff wait for conversations

`python -m bench.review --write` writes this page: {conversations:,} conversations with
{messages:,} messages, a third of them Chinese, in SQLite and in PostgreSQL. Each figure is the
median of {rounds} requests for a whole page of the admin, made by the site for somebody who is
signed in, with what was found marked; the goal is {goal} ms. CPU is the site's own, which on
SQLite is all there is; waiting is what the machine's other work costs, too. {machine}

| page | queries | {names} |
|---|--:|{lines}
"""


def measure(conversations: int) -> dict[str, list[float]]:
    """Fill the database of this process, and return each page's queries and milliseconds."""
    import django  # noqa: PLC0415 - the settings are known only here

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 - as above

    from bench.review_world import world_seed  # noqa: PLC0415 - as above

    call_command("migrate", verbosity=0)
    return pages_measure(world_seed(conversations))


def pages_measure(owner: User) -> dict[str, list[float]]:
    """Return each page's queries and milliseconds, in the database of this process."""
    from django.conf import settings  # noqa: PLC0415 - as above
    from django.db import connection  # noqa: PLC0415 - as above
    from django.test import Client  # noqa: PLC0415 - as above
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415 - as above

    from conversations.models import Conversation, Message  # noqa: PLC0415 - as above

    client, host = Client(), urlsplit(settings.SITE_URL).netloc
    client.force_login(owner)
    newest = Conversation.objects.order_by("-created_at").values_list("pk", flat=True)[0]
    today = datetime.now(UTC).date()
    given = {
        "month": f"{today - timedelta(days=29)}..{today}",
        "one": newest,
        "first": today - timedelta(days=365),
        "today": today,
    }
    addresses = {name: f"{LIST}?{query}" for name, query in PAGES.items()}
    addresses |= {name: f"{LIST}?q={query}" for name, query in WORDS.items()}
    addresses |= {name: f"{REPORT_PAGE}?{query}" for name, query in REPORTS.items()}
    figures: dict[str, list[float]] = {"": [Message.objects.count()]}
    for name, address in addresses.items():
        spent, worked = [], []
        for _round in range(ROUNDS):
            with CaptureQueriesContext(connection) as queries:
                began, began_work = time.perf_counter(), time.process_time()
                response = client.get(address.format(**given), headers={"host": host})
                spent.append(1000 * (time.perf_counter() - began))
                worked.append(1000 * (time.process_time() - began_work))
            assert response.status_code == 200, (name, response.status_code)  # noqa: PLR2004, S101
        figures[name] = [len(queries), median(spent), median(worked)]
        line = f"{name:40} {len(queries):3} {median(spent):6.0f} ms, CPU {median(worked):4.0f} ms"
        print(line, file=sys.stderr, flush=True)
    return figures


def measured(database_url: str, conversations: int) -> dict[str, list[float]]:
    """Return what a process of its own measures in a database."""
    ran = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "bench.review", "--inside", str(conversations)],
        cwd=ROOT,
        env=environment(database_url),
        stdout=subprocess.PIPE,
        check=True,
    )
    figures: dict[str, list[float]] = json.loads(ran.stdout)
    return figures


def measured_everywhere(conversations: int) -> dict[str, dict[str, list[float]]]:
    """Return the figures of SQLite, and of PostgreSQL if there is one to be used."""
    with tempfile.TemporaryDirectory() as folder:
        found = {"SQLite": measured(f"sqlite:///{folder}/db.sqlite3", conversations)}
    if server := os.environ.get("TEST_DATABASE_URL"):
        import psycopg  # noqa: PLC0415 - only who measures PostgreSQL needs it

        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {SCRATCH}")
            connection.execute(f"CREATE DATABASE {SCRATCH}")
            try:
                parts = urlsplit(server)._replace(path=f"/{SCRATCH}")
                found["PostgreSQL"] = measured(urlunsplit(parts), conversations)
            finally:
                connection.execute(f"DROP DATABASE {SCRATCH}")
    return found


def report(found: dict[str, dict[str, list[float]]], conversations: int) -> str:
    """Return the figures as a page of the documents."""
    first = next(iter(found.values()))
    head = HEAD.format(
        conversations=conversations,
        messages=int(first.pop("")[0]),
        rounds=ROUNDS,
        goal=GOAL_MS,
        machine=(
            f"{os.cpu_count()} cores with a load of {os.getloadavg()[1]:.0f} on them, "
            f"Python {platform.python_version()}."
        ),
        names=" | ".join(f"{name}, ms | of it CPU" for name in found),
        lines="--:|--:|" * len(found),
    )
    words = {name: f"{name}: {query}" for name, query in WORDS.items()}
    return head + "".join(
        f"| {words.get(name, name)} | {queries:.0f} | "
        + " | ".join(
            f"{figures[name][1]:.0f} | {figures[name][2]:.0f}" for figures in found.values()
        )
        + " |\n"
        for name, (queries, *_spent) in first.items()
    )


def main() -> None:
    """Measure and print; with ``--write``, into the documents."""
    parser = argparse.ArgumentParser(prog="python -m bench.review", description=__doc__)
    parser.add_argument("--conversations", type=int, default=100_000)
    parser.add_argument("--write", action="store_true", help=f"write {REPORT.name}")
    parser.add_argument("--inside", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        print(json.dumps(measure(options.inside)))
        return
    text = report(measured_everywhere(options.conversations), options.conversations)
    print(text)
    if options.write:
        REPORT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
