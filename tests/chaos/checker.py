"""Holds a history against the truth and names every promise that was broken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain

from conversations.markdown import render_markdown
from tests.chaos.browser import Browser
from tests.chaos.history import History
from tests.chaos.rows import Row
from tests.chaos.script import line_read
from tests.chaos.transcript import FINAL
from tests.chaos.upstream import Call


def violations(
    history: History, rows: list[Row], calls: list[Call], browsers: Iterable[Browser] = ()
) -> list[str]:
    """Return what is lost, duplicated, divergent or left open; nothing if all is well."""
    return [
        *_messages(history, rows),
        *_replies(rows),
        *_calls(rows, calls),
        *chain.from_iterable(_sight(browser, rows) for browser in browsers),
    ]


def _messages(history: History, rows: list[Row]) -> Iterator[str]:
    stored = Counter(row.client_id for row in rows if row.client_id)
    by_id = {row.client_id: row for row in rows if row.client_id}
    for sent in history.messages.values():
        yield from (f"contradiction: {sent.id} {text}" for text in sent.contradictions)
        if stored[sent.id] > 1:
            yield f"duplicated: {sent.id} is stored {stored[sent.id]} times"
        if sent.place is None:
            continue
        row = by_id.get(sent.id)
        if row is None:
            yield f"lost: {sent.id} was acknowledged at {sent.place}"
        elif (row.conversation, row.position, row.text) != (*sent.place, sent.text):
            yield f"divergent: {sent} is stored as {row}"
    for stranger in set(by_id) - set(history.messages):
        yield f"nobody sent {stranger}"


def _replies(rows: list[Row]) -> Iterator[str]:
    at = {(row.conversation, row.position): row for row in rows}
    for row in rows:
        if row.author == "customer":
            reply = at.get((row.conversation, row.position + 1))
            if reply is None or reply.question != row.text:
                yield f"lost: the reply to {row}"
            continue
        script = line_read(row.question or "").answer
        if row.status not in FINAL:
            yield f"left open: {row}"
        elif row.status == "complete" and row.text != script:
            yield f"divergent: {row} is not what upstream said"
        elif not script.startswith(row.text):
            yield f"divergent: {row} is no part of what upstream said"


def _calls(rows: list[Row], calls: list[Call]) -> Iterator[str]:
    made = Counter(call.question for call in calls)
    attempts: Counter[str] = Counter()
    for row in rows:
        if row.question:
            attempts[row.question] += row.attempt or 0
    for question, number in made.items():
        if number > attempts[question]:
            yield f"doubled: {number} calls, {attempts[question]} attempts for {question!r}"


def _sight(browser: Browser, rows: list[Row]) -> Iterator[str]:
    """Name what a browser shows that is not what is stored."""
    yield from (f"gap: {browser.name} {gap}" for gap in browser.gaps)
    mine = {
        row.position: row for row in rows if row.conversation == browser.transcript.conversation
    }
    shown = browser.transcript.messages
    if set(shown) - set(mine) or max(shown, default=0) != max(mine, default=0):
        yield f"divergent: {browser.name} shows {sorted(shown)}, stored are {sorted(mine)}"
        return
    for position, message in shown.items():
        row = mine[position]
        if message["author"] == "customer":
            is_same = message["text"] == row.text
        else:
            html = render_markdown(row.text)
            is_same = (message["status"], message.get("html")) == (row.status, html)
        if not is_same:
            yield f"divergent: {browser.name} shows {message}, stored is {row}"
