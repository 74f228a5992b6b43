"""A field of search terms: text for SQLite's FTS5 to read, a ``tsvector`` on PostgreSQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.sql.compiler import SQLCompiler

# SQLite's index of the terms; the migration creates it, with triggers that keep it true.
FTS_TABLE = "conversations_messagewords_fts"
FTS_MATCHES = f"SELECT rowid FROM {FTS_TABLE} WHERE {FTS_TABLE} MATCH %s"  # noqa: S608 - constants


if TYPE_CHECKING:
    StockField = models.Field[Sequence[str], Any]
    StockLookup = models.Lookup[Any]
else:
    # Django's own take no parameter at run time.
    StockField, StockLookup = models.Field, models.Lookup


class TermsField(StockField):
    """Terms in the order in which they stand in a text.

    What comes back from the database is its own way to write them, which nobody needs.
    """

    description = "Terms of a text"

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """Return the column's type."""
        return "tsvector" if connection.vendor == "postgresql" else "text"

    def get_db_prep_value(
        self,
        value: Any,
        connection: BaseDatabaseWrapper,
        prepared: bool = False,  # noqa: FBT001, FBT002, ARG002 - Django's signature
    ) -> Any:
        """Return terms as the database takes them."""
        if value is None or isinstance(value, str):
            return value
        return as_tsvector(value) if connection.vendor == "postgresql" else " ".join(value)


def as_tsvector(terms: Sequence[str]) -> str:
    """Return terms as PostgreSQL writes a ``tsvector``, so that no parser of its own has a say."""
    places: dict[str, list[str]] = defaultdict(list)
    for place, term in enumerate(terms, start=1):
        places[term].append(str(place))
    return " ".join(
        "'{}':{}".format(term.replace("\\", "\\\\").replace("'", "''"), ",".join(at))
        for term, at in places.items()
    )


@dataclass(frozen=True, slots=True)
class TermsQuery:
    """The same query in each way in which it may be read.

    Args:
        fts5: For SQLite's index.
        needles: What stands in the terms of a message that fits, one of these at least.
        tsquery: For PostgreSQL.
    """

    fts5: str
    needles: tuple[str, ...]
    tsquery: str


class _TermsLookup(StockLookup):
    """A match that PostgreSQL finds in the way it thinks best."""

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[Any, ...]]:
        """Return PostgreSQL's SQL."""
        column, params = self.process_lhs(compiler, connection)
        return f"{column} @@ %s::tsquery", (*params, self.rhs.tsquery)

    def get_prep_lookup(self) -> Any:
        """Take the query as it is: it is no value of the field."""
        return self.rhs


@TermsField.register_lookup
class Gathered(_TermsLookup):
    """Matches by gathering every message that fits from SQLite's index: for words that are rare."""

    lookup_name = "gathered"

    def as_sqlite(
        self,
        compiler: SQLCompiler,
        connection: BaseDatabaseWrapper,  # noqa: ARG002 - Django's signature
    ) -> tuple[str, tuple[Any, ...]]:
        """Return SQL for the index, which knows messages by their keys."""
        alias = compiler.quote_name_unless_alias(self.lhs.alias)
        return f'{alias}."message_id" IN ({FTS_MATCHES})', (self.rhs.fts5,)


@TermsField.register_lookup
class Probed(_TermsLookup):
    """Matches by reading one message's terms after the other: for words that are frequent.

    FTS5 reads the whole list of a word, or of all words with a beginning, whatever it is asked.
    """

    lookup_name = "probed"

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[Any, ...]]:
        """Return SQL that looks for the needles."""
        column, params = self.process_lhs(compiler, connection)
        holds = f"instr(' ' || {column} || ' ', %s) > 0"
        found = " OR ".join([holds] * len(self.rhs.needles))
        return f"({found})", tuple(
            each for needle in self.rhs.needles for each in (*params, needle)
        )
