"""Migrations that take as long as their SQL, however many models there are."""

from typing import Final

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state import State
from tortoise.migrations.schema_generator.state_apps import StateApps

from marketplace.kit.model import never_filtered

# Their SQL is made from the new models alone.
LOOKS_AHEAD_ONLY: Final = (ops.CreateModel, ops.AddField, ops.AlterModelOptions, ops.RunSQL)


class _Shapes(StateApps):
    """Models that are looked at, never asked for rows."""

    @classmethod
    def of(cls, apps: StateApps) -> "_Shapes":
        shapes = cls(default_connections=apps._default_connections, connections=apps._connections)
        shapes.apps = apps.apps
        return shapes

    def _build_initial_querysets(self) -> None:
        for app in self.apps.values():
            for model in app.values():
                if model._meta._inited:
                    model._meta.finalise_fields()


class Migration(migrations.Migration):
    """Tortoise's, without a copy of all models before an operation that does not look back.

    The copy renders every model anew for each operation, and each rendering prepares the queries
    of all models; that was 22 of the 24 seconds an empty database took to become a marketplace's.
    Half of the rest went into filters that no migration asks for.
    """

    async def apply(
        self,
        state: State,
        *,
        dry_run: bool = False,
        schema_editor: BaseSchemaEditor | None = None,
        collect_sql: bool = False,
    ) -> State:
        if schema_editor is None or dry_run or collect_sql or not schema_editor.atomic_migration:
            return await super().apply(
                state, dry_run=dry_run, schema_editor=schema_editor, collect_sql=collect_sql
            )
        state.apps = _Shapes.of(state.apps)
        with never_filtered():
            for operation in self.operations:
                before = state if isinstance(operation, LOOKS_AHEAD_ONLY) else state.clone()
                operation.state_forward(self.app_label, state)
                await operation.database_forward(self.app_label, before, state, schema_editor)
        state.validate_relations_initialized()
        return state
