"""The truth: what the database has, read past the site by plain SQL."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import psycopg

_MESSAGES = """
SELECT m.conversation_id, m.position, m.author, m.client_id, m.text,
       r.status, r.attempt, r.owner, q.text
FROM conversations_message m
LEFT JOIN conversations_reply r ON r.message_id = m.id
LEFT JOIN conversations_message q ON q.id = r.question_id
ORDER BY m.conversation_id, m.position
"""
_WIDGET = "SELECT public_key FROM conversations_widget ORDER BY id LIMIT 1"


@dataclass(frozen=True, slots=True)
class Row:
    """A message as it is stored; the last four are a reply's alone."""

    conversation: str
    position: int
    author: str
    client_id: str | None
    text: str
    status: str | None
    attempt: int | None
    owner: str | None
    question: str | None

    @property
    def owner_pid(self) -> int | None:
        """The process that works on the reply."""
        return int(self.owner.split(":")[1]) if self.owner else None


def rows_read(database_url: str) -> list[Row]:
    """Return every message in the database."""
    return [
        Row(
            str(UUID(str(conversation))),
            position,
            author,
            client_id and str(UUID(str(client_id))),
            *rest,
        )
        for conversation, position, author, client_id, *rest in _query(database_url, _MESSAGES)
    ]


def public_key_read(database_url: str) -> str:
    """Return the public key of the sample shop's widget."""
    return str(_query(database_url, _WIDGET)[0][0])


def _query(database_url: str, sql: str) -> list[tuple[Any, ...]]:
    if database_url.startswith("sqlite"):
        path = urlsplit(database_url).path.removeprefix("/")
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)) as connection:
            return connection.execute(sql).fetchall()
    with psycopg.connect(database_url) as connection:
        return connection.execute(sql).fetchall()
