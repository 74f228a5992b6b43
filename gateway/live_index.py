"""An index that is built while everybody reads and writes."""

from __future__ import annotations

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import AddIndex
from django.db.migrations.state import ProjectState


class AddIndexLive(AddIndex):
    """Adds an index without locking its table: on PostgreSQL concurrently, else as ever.

    The migration needs ``atomic = False``, and nothing else in it: PostgreSQL builds such an index
    outside of every transaction.
    """

    atomic = False

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Build it."""
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        model = to_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            concurrently: dict[str, Any] = {"concurrently": True}
            schema_editor.add_index(model, self.index, **concurrently)
