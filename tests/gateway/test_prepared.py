import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection, models, transaction
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from gateway.models import Call, Job, Process
from gateway.prepared import Insert, Parameter, Select, Update, parameters_of

pytestmark = pytest.mark.django_db

NAME = Parameter("name", models.CharField())
WHEN = Parameter("when", models.DateTimeField(null=True))


def jobs_named() -> Any:
    return Job.objects.filter(name=NAME).values_list("name", "due_at")


def test_a_query_finds_what_the_orm_would_find() -> None:
    now = timezone.now()
    Job.objects.create(name="purge", due_at=now)
    Job.objects.create(name="other", due_at=now)
    select = Select(jobs_named, lambda *row: row)
    assert select.rows(name="purge") == [("purge", now)]
    assert select.first(name="other") == ("other", now)
    assert select.first(name="nobody") is None


def test_values_come_back_as_their_fields_make_them() -> None:
    """SQLite keeps times and JSON as text."""
    process = Process.objects.create(id="a", counts={"streams": [1, 2]})
    select = Select(
        lambda: Process.objects.filter(id=NAME).values_list("counts", "beat_at", "is_draining"),
        lambda *row: row,
    )
    assert select.first(name="a") == ({"streams": [1, 2]}, process.beat_at, False)


def test_a_value_is_never_read_as_sql() -> None:
    Job.objects.create(name="purge")
    assert Select(jobs_named, lambda *row: row).rows(name="' OR 1=1 --") == []


def test_the_sql_is_composed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    composed = 0
    as_sql = SQLCompiler.as_sql

    def count(self: SQLCompiler, *args: Any, **options: Any) -> Any:
        nonlocal composed
        composed += 1
        return as_sql(self, *args, **options)

    monkeypatch.setattr(SQLCompiler, "as_sql", count)
    select = Select(jobs_named, lambda *row: row)
    for name in ("a", "b", "c"):
        select.rows(name=name)
    assert composed == 1


def test_a_value_that_is_missing_is_no_query() -> None:
    with pytest.raises(KeyError):
        Select(jobs_named, lambda *row: row).rows()


def test_a_change_counts_its_rows_and_leaves_others_alone() -> None:
    now = timezone.now()
    Job.objects.create(name="purge")
    Job.objects.create(name="other")
    update = Update(lambda: Job.objects.filter(name=NAME), due_at=WHEN, last_error="late")
    assert update.run(name="purge", when=now) == 1
    assert update.run(name="nobody", when=now) == 0
    assert dict(Job.objects.values_list("name", "last_error")) == {"purge": "late", "other": ""}
    assert update.run(name="purge", when=now + dt.timedelta(days=1)) == 1
    assert Job.objects.get(name="purge").due_at == now + dt.timedelta(days=1)


def test_rows_are_added_with_their_defaults_and_numbered_in_their_order() -> None:
    insert = Insert(Group, {"name": NAME}, {"name": Parameter("other", models.CharField())})
    first, second = insert.keys(name="first", other="second")
    assert Group.objects.in_bulk([first, second]).keys() == {first, second}
    assert Group.objects.get(pk=first).name == "first"
    assert Group.objects.get(pk=second).name == "second"
    Insert(Job, {"name": NAME}).run(name="purge")
    assert Job.objects.get().last_error == ""


def test_a_row_that_is_there_already_is_counted_as_none() -> None:
    insert = Insert(Job, {"name": NAME}, ignore_conflicts=True)
    assert insert.run(name="purge") == 1
    assert insert.run(name="purge") == 0
    assert Job.objects.count() == 1


def test_it_is_part_of_the_transaction_around_it() -> None:
    insert = Insert(Job, {"name": NAME}, ignore_conflicts=True)
    with transaction.atomic():
        insert.run(name=str(uuid.uuid4()))
        transaction.set_rollback(True)
    assert not Job.objects.exists()
    assert connection.is_usable()


def test_many_rows_are_added_as_the_orm_would_add_them() -> None:
    now = timezone.now()
    rows = [
        {
            "id": uuid.uuid4().hex,
            "started_at": now,
            "attempts": [{"key": "é", "status": None}],
            "cost": Decimal("0.00000001") if number else None,
            "model": f"m-{number}",
        }
        for number in range(3)
    ]
    Insert(Call, parameters_of(Call, *rows[0])).run_many(rows)
    calls = list(Call.objects.order_by("model"))
    assert [call.pk.hex for call in calls] == [row["id"] for row in rows]
    assert [call.cost for call in calls] == [row["cost"] for row in rows]
    assert all(call.started_at == now for call in calls)
    assert all(call.attempts == rows[0]["attempts"] for call in calls)
    assert Call.objects.filter(outcome="", is_batch=False).count() == 3  # the fields' own defaults


def test_many_rows_are_changed_each_by_its_own_values() -> None:
    names = parameters_of(Process, "id", "counts")
    for name in ("a", "b", "c"):
        Process.objects.create(id=name)
    update = Update(lambda: Process.objects.filter(id=names["id"]), counts=names["counts"])
    update.run_many({"id": name, "counts": {"is": name}} for name in ("a", "b"))
    found = dict(Process.objects.values_list("id", "counts"))
    assert (found["a"], found["b"]) == ({"is": "a"}, {"is": "b"})
    assert found["c"] == Process(id="c").counts


def test_of_no_rows_nothing_is_asked(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        Insert(Job, {"name": NAME}).run_many([])
