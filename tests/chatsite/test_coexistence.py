from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.checks.registry import registry
from django.db import connection, migrations, models
from django.db.migrations.state import ModelState, ProjectState

from chatsite import checks
from chatsite.coexistence import migration_faults
from gateway.live_index import AddIndexLive

INDEX = models.Index(fields=["name"], name="by_name")


def state() -> ProjectState:
    """The models before the upgrade: a big table and a small one."""
    before = ProjectState()
    for name in ("Message", "Widget"):
        fields: list[tuple[str, models.Field[Any, Any]]] = [
            ("id", models.BigAutoField(primary_key=True)),
            ("name", models.CharField(max_length=80)),
            ("note", models.TextField(null=True)),
        ]
        options = {"db_table": f"coexistence_{name.lower()}"}
        before.add_model(ModelState("conversations", name, fields, options))
    return before


def faults(*operations: Any, reason: str = "") -> list[str]:
    content = {"operations": list(operations), "beside_old": reason}
    made = type("Migration", (migrations.Migration,), content)("0002_next", "conversations")
    return list(migration_faults(made, state()))


def add(field: Any, model: str = "message") -> Any:
    return migrations.AddField(model, "fresh", field)


def alter(field: Any, name: str = "name") -> Any:
    return migrations.AlterField("message", name, field)


HARMLESS = [
    add(models.TextField(null=True)),
    add(models.TextField(default="", db_default="")),
    add(models.ManyToManyField("conversations.Widget")),
    alter(models.CharField("the name", max_length=80, help_text="so", default="x")),
    alter(models.CharField(max_length=81)),
    alter(models.CharField(max_length=80, null=True)),
    alter(models.CharField(max_length=80, db_default="")),
    migrations.AddIndex("widget", INDEX),
    AddIndexLive("message", INDEX),
    migrations.CreateModel("Later", [("id", models.BigAutoField(primary_key=True))]),
    migrations.AlterModelOptions("message", {"ordering": ["name"]}),
    migrations.SeparateDatabaseAndState(
        state_operations=[migrations.RemoveField("message", "note")]
    ),
]
HARMFUL = [
    (migrations.RemoveField("message", "note"), "still use it"),
    (migrations.RenameField("message", "note", "remark"), "still use it"),
    (migrations.DeleteModel("Widget"), "still use it"),
    (migrations.RenameModel("Widget", "Chat"), "still use it"),
    (migrations.AlterModelTable("widget", "chats"), "still use it"),
    (add(models.TextField()), "do not fill it"),
    (add(models.TextField(default="")), "do not fill it"),
    (add(models.TextField(db_default="", unique=True)), "the same value"),
    (alter(models.CharField(max_length=79)), "rely on its max_length"),
    (alter(models.TextField(), "name"), "another kind"),
    (alter(models.TextField(), "note"), "rely on its null"),
    (alter(models.CharField(max_length=80, unique=True)), "rely on its unique"),
    (alter(models.CharField(max_length=80, db_column="n")), "rely on its db_column"),
    (
        migrations.AddConstraint(
            "message", models.UniqueConstraint(fields=["name"], name="one_name")
        ),
        "may write what it forbids",
    ),
    (migrations.AlterUniqueTogether("message", {("name", "note")}), "may write what it forbids"),
    (migrations.RunSQL("SELECT 1"), "nobody can tell"),
    (migrations.RunPython(migrations.RunPython.noop), "nobody can tell"),
    (migrations.AddIndex("Message", INDEX), "locks a table that grows"),
    (
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RemoveField("message", "note")]
        ),
        "still use it",
    ),
]


@pytest.mark.parametrize("operation", HARMLESS)
def test_what_old_processes_do_not_notice_passes(operation: Any) -> None:
    assert faults(operation) == []


@pytest.mark.parametrize(("operation", "words"), HARMFUL)
def test_what_old_processes_would_stumble_over_does_not(operation: Any, words: str) -> None:
    (fault,) = faults(operation)
    assert words in fault
    assert fault.startswith(f"{operation.describe()}: ")


def test_a_table_that_old_processes_do_not_know_may_be_made_in_any_way() -> None:
    fresh = migrations.CreateModel("Later", [("id", models.BigAutoField(primary_key=True))])
    field = migrations.AddField("later", "name", models.TextField())
    assert faults(fresh, field) == []


def test_every_fault_is_told_and_each_operation_sees_the_ones_before() -> None:
    wider = alter(models.CharField(max_length=90))
    assert faults(wider, alter(models.CharField(max_length=85))) != []
    removed = migrations.RemoveField("message", "note")
    assert len(faults(removed, migrations.RunSQL(""))) == 2


def test_a_reason_lets_a_migration_pass_and_an_excuse_does_not() -> None:
    sql = migrations.RunSQL("SELECT 1")
    assert faults(sql, reason="It reads and writes nothing.") == []
    assert faults(sql, reason="It is fine.") != []


def test_the_migrations_that_there_are_pass_and_make_check_asks_them() -> None:
    assert checks.check_coexistence() == []
    assert checks.check_coexistence in registry.get_checks(include_deployment_checks=True)


@pytest.fixture
def table() -> Iterator[ProjectState]:
    before = state()
    model = before.apps.get_model("conversations", "Message")
    with connection.schema_editor() as editor:
        editor.create_model(model)
    yield before
    with connection.schema_editor() as editor:
        editor.delete_model(model)


@pytest.mark.django_db(transaction=True)
def test_an_index_is_built_outside_of_every_transaction(table: ProjectState) -> None:
    operation = AddIndexLive("message", INDEX)
    after = table.clone()
    operation.state_forwards("conversations", after)
    with connection.schema_editor(atomic=False, collect_sql=False) as editor:
        operation.database_forwards("conversations", editor, table, after)
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, "coexistence_message")
    assert "by_name" in found
    if connection.vendor == "postgresql":
        with connection.schema_editor(atomic=False, collect_sql=True) as editor:
            operation.database_forwards("conversations", editor, table, after)
        assert "CREATE INDEX CONCURRENTLY" in editor.collected_sql[0]
