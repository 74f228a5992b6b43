"""Statements whose SQL is written once: the ORM's words, kept for the next time.

The ORM composes a query's SQL anew each time it runs; for the small queries of a chat's turn
that costs several times what the database takes to answer. What is asked so often is described
once, with ``Parameter`` where values go, and checked by the models like any other query.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.models.constants import OnConflict
from django.db.models.sql import InsertQuery, UpdateQuery
from django.db.models.sql.compiler import SQLCompiler

R = TypeVar("R")

# What these fields make of a value that is theirs already is the value itself.
PLAIN = (models.BooleanField, models.CharField, models.IntegerField, models.TextField)


class Parameter(models.Expression):
    """A place in a statement that each run fills.

    Args:
        name: How a run names the value.
        field: What the value is a value of.
    """

    def __init__(self, name: str, field: models.Field[Any, Any]) -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(
        self,
        compiler: SQLCompiler,  # noqa: ARG002 - Django's signature
        connection: BaseDatabaseWrapper,  # noqa: ARG002 - Django's signature
    ) -> tuple[str, tuple[Any, ...]]:
        """Return a placeholder, and itself for the value."""
        return "%s", (self,)


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A statement for one kind of database.

    ``converters`` are, for each column that needs them, its place and what makes a value of it.
    """

    sql: str
    params: Sequence[Any]
    converters: Sequence[tuple[int, Sequence[Callable[..., Any]], Any]] = ()
    _places: Sequence[tuple[int, str, models.Field[Any, Any] | None]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_places", tuple(_places(self.params)))

    def execute(self, values: Mapping[str, Any]) -> CursorWrapper:
        """Return a cursor on what came of it; to be closed."""
        database = connections[DEFAULT_DB_ALIAS]
        bound = self._bound(values, database)
        cursor = database.cursor()
        try:
            cursor.execute(self.sql, bound)
        except BaseException:
            cursor.close()
            raise
        return cursor

    def execute_many(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Run it once for each row of values, all in one message where the database takes that."""
        database = connections[DEFAULT_DB_ALIAS]
        bound = [self._bound(row, database) for row in rows]
        if bound:
            with database.cursor() as cursor:
                cursor.executemany(self.sql, bound)

    def _bound(self, values: Mapping[str, Any], database: BaseDatabaseWrapper) -> list[Any]:
        """Return the parameters as the database takes them."""
        bound = list(self.params)
        for place, name, kind in self._places:
            value = values[name]
            bound[place] = value if kind is None else kind.get_db_prep_value(value, database)
        return bound

    def convert(self, row: Sequence[Any]) -> Sequence[Any]:
        """Return a row as the values that the fields of its columns make of it."""
        if not self.converters:
            return row
        connection = connections[DEFAULT_DB_ALIAS]
        made = list(row)
        for place, converters, column in self.converters:
            for converter in converters:
                made[place] = converter(made[place], column, connection)
        return made


def _places(params: Sequence[Any]) -> Iterator[tuple[int, str, models.Field[Any, Any] | None]]:
    """Give each parameter's place, its name, and the field that prepares its values, if any."""
    for place, param in enumerate(params):
        if isinstance(param, Parameter):
            kind = param.output_field
            yield place, param.name, None if isinstance(kind, PLAIN) else kind


class _Statement:
    """Compiles itself when it first meets a kind of database, and remembers."""

    def __init__(self) -> None:
        self._by_vendor: dict[str, _Compiled] = {}

    def _compile(self, connection: BaseDatabaseWrapper) -> _Compiled:
        raise NotImplementedError

    @property
    def _compiled(self) -> _Compiled:
        connection = connections[DEFAULT_DB_ALIAS]
        compiled = self._by_vendor.get(connection.vendor)
        if compiled is None:
            compiled = self._by_vendor[connection.vendor] = self._compile(connection)
        return compiled


def parameters_of(model: type[models.Model], *names: str) -> dict[str, Parameter]:
    """Return a parameter for each of these fields of a model, or for all, by the field's name."""
    options = model._meta  # noqa: SLF001 - Django's documented name
    fields = {field.name: field for field in options.concrete_fields}
    return {name: Parameter(name, fields[name]) for name in names or fields}


class Select(_Statement, Generic[R]):
    """A query that reads.

    Args:
        queryset: Makes the queryset, a ``values_list`` with parameters.
        row: Makes of a row's values what is returned for it.
    """

    def __init__(
        self, queryset: Callable[[], models.QuerySet[Any, Any]], row: Callable[..., R]
    ) -> None:
        super().__init__()
        self._queryset = queryset
        self._row = row

    def rows(self, **values: Any) -> list[R]:
        """Return what it finds, with ``values`` for its parameters."""
        compiled = self._compiled
        with compiled.execute(values) as cursor:
            found = cursor.fetchall()
        return [self._row(*compiled.convert(row)) for row in found]

    def first(self, **values: Any) -> R | None:
        """Return the first of what it finds, or None."""
        return next(iter(self.rows(**values)), None)

    def _compile(self, connection: BaseDatabaseWrapper) -> _Compiled:
        compiler = self._queryset().query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        converters = compiler.get_converters([column for column, _, _ in compiler.select or ()])
        return _Compiled(
            sql, params, [(place, *converter) for place, converter in converters.items()]
        )


class _Change(_Statement):
    """A query that writes."""

    def run(self, **values: Any) -> int:
        """Write with ``values`` for the parameters, and return how many rows that concerned."""
        with self._compiled.execute(values) as cursor:
            count: int = cursor.rowcount
        return count

    def run_many(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write once for each of these, as ``run`` does with its ``values``."""
        self._compiled.execute_many(rows)


class Update(_Change):
    """A query that changes rows of one table.

    Args:
        queryset: Makes the queryset that finds them, with parameters.
        changes: The new values by field, parameters among them.
    """

    def __init__(self, queryset: Callable[[], models.QuerySet[Any]], **changes: Any) -> None:
        super().__init__()
        self._queryset = queryset
        self._changes = changes

    def _compile(self, connection: BaseDatabaseWrapper) -> _Compiled:
        query: Any = self._queryset().query.chain(UpdateQuery)
        query.add_update_values(self._changes)
        return _Compiled(*query.get_compiler(connection=connection).as_sql())


class Insert(_Change):
    """A query that adds rows to one table.

    Args:
        model: The table's.
        rows: The values of each by field, parameters among them.
        ignore_conflicts: Add nothing where such a row is there already.
    """

    def __init__(
        self, model: type[models.Model], *rows: Mapping[str, Any], ignore_conflicts: bool = False
    ) -> None:
        super().__init__()
        self._model = model
        self._rows = rows
        self._ignore_conflicts = ignore_conflicts

    def keys(self, **values: Any) -> list[Any]:
        """Add the rows and return the keys that the database gave them, in their order."""
        with self._compiled.execute(values) as cursor:
            return [key for (key,) in cursor.fetchall()]

    def _compile(self, connection: BaseDatabaseWrapper) -> _Compiled:
        options = self._model._meta  # noqa: SLF001 - Django's documented name
        key = options.pk
        is_numbered = isinstance(key, models.AutoField)
        on_conflict = OnConflict.IGNORE if self._ignore_conflicts else None
        query = InsertQuery(self._model, on_conflict=on_conflict)
        fields = [field for field in options.concrete_fields if not (is_numbered and field is key)]
        query.insert_values(fields, [self._model(**row) for row in self._rows])
        compiler = query.get_compiler(connection=connection)
        compiler.returning_fields = [key] if is_numbered and not self._ignore_conflicts else None
        [(sql, params)] = compiler.as_sql()
        return _Compiled(sql, params)
