"""Whether old processes can go on while a migration has been made for new ones: pure rules.

During an upgrade both serve the same tables for a while, and a process that meets a column it
needs no more, or one it does not know to fill, fails in the middle of a chat. What these rules
find must be spread over two releases, or the migration says in ``beside_old`` why it is harmless.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.db import models
from django.db.migrations import Migration, operations
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models.fields import NOT_PROVIDED

from gateway.live_index import AddIndexLive

# Tables that grow with every chat: an index that locks them would stop all of them.
BIG: Final = frozenset(
    {
        ("conversations", "conversation"),
        ("conversations", "message"),
        ("conversations", "reply"),
        ("gateway", "call"),
    }
)
REASON_LENGTH: Final = 20  # under that it is an excuse

# What says something of a field to Python and to people, and nothing to the database.
_TOLD_TO_PEOPLE: Final = frozenset(
    {
        *("verbose_name", "help_text", "choices", "blank", "editable", "validators"),
        *("default", "error_messages", "related_name", "related_query_name", "limit_choices_to"),
    }
)
_FORBIDDEN: Final[tuple[tuple[tuple[type[Operation], ...], str], ...]] = (
    (
        (
            operations.DeleteModel,
            operations.RenameModel,
            operations.AlterModelTable,
            operations.RemoveField,
            operations.RenameField,
        ),
        "old processes still use it. Let go of it in one release, remove it in the next.",
    ),
    (
        (
            operations.AddConstraint,
            operations.AlterUniqueTogether,
            operations.AlterOrderWithRespectTo,
        ),
        "old processes may write what it forbids.",
    ),
    (
        (operations.RunSQL, operations.RunPython),
        "nobody can tell from here what it does to old processes.",
    ),
)


def migration_faults(migration: Migration, before: ProjectState) -> Iterator[str]:
    """Yield what old processes would not survive, each as a sentence; nothing if all is well.

    Args:
        migration: The migration.
        before: The models as they were before it.
    """
    if len(getattr(migration, "beside_old", "").strip()) >= REASON_LENGTH:
        return
    state, fresh = before.clone(), set[str]()
    for operation in migration.operations:
        if isinstance(operation, operations.CreateModel):
            fresh.add(operation.name_lower)
        elif _model_of(operation) not in fresh:
            fault = _fault(operation, state, migration.app_label)
            if fault:
                yield f"{operation.describe()}: {fault}"
        operation.state_forwards(migration.app_label, state)


def _fault(operation: Operation, state: ProjectState, app: str) -> str:
    for kinds, words in _FORBIDDEN:
        if isinstance(operation, kinds):
            return words
    match operation:
        case operations.SeparateDatabaseAndState():
            inner = (_fault(part, state, app) for part in operation.database_operations)
            return next(filter(None, inner), "")
        case operations.AddField():
            return _addition_fault(operation.field)
        case operations.AlterField():
            old = state.models[app, operation.model_name_lower].fields[operation.name]
            return _alteration_fault(old, operation.field)
        case operations.AddIndex() if not isinstance(operation, AddIndexLive):
            is_big = (app, _model_of(operation)) in BIG
            return "it locks a table that grows. Use gateway.live_index." if is_big else ""
    return ""


def _addition_fault(field: models.Field[Any, Any]) -> str:
    if field.many_to_many or field.null or field.db_default is not NOT_PROVIDED:
        return "" if not field.unique else "old processes would fill it with the same value."
    # Django drops a plain default from the column once the old rows have it.
    return "old processes do not fill it. Give it db_default beside default, or null=True."


def _alteration_fault(old: models.Field[Any, Any], new: models.Field[Any, Any]) -> str:
    (_, old_path, _, old_says), (_, new_path, _, new_says) = old.deconstruct(), new.deconstruct()
    if old_path != new_path:
        return "old processes know it as another kind."
    changed = {
        name
        for name in (old_says.keys() | new_says.keys()) - _TOLD_TO_PEOPLE
        if old_says.get(name) != new_says.get(name)
    }
    if new.null and "null" in changed:
        changed.remove("null")
    if "max_length" in changed and (new.max_length or 0) > (old.max_length or 0):
        changed.remove("max_length")
    if "db_default" in changed and new.db_default is not NOT_PROVIDED:
        changed.remove("db_default")
    if not changed:
        return ""
    return f"old processes rely on its {', '.join(sorted(changed))} as it was."


def _model_of(operation: Operation) -> str:
    name = getattr(operation, "model_name", None) or getattr(operation, "name", None) or ""
    return str(name).lower()
