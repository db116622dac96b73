"""Bookings know their statement, runs whether they were acted on; looks are found by index."""

from tortoise import fields
from tortoise.fields import Field
from tortoise.migrations import operations as ops

from marketplace.kit import migration

# A file with one statement can only have brought its bookings; runs so far were acted on.
KNOWN = """
UPDATE bank_line SET statement_id = whole.statement_id
FROM (SELECT file_id, min(id::text)::uuid AS statement_id FROM bank_statement
    GROUP BY file_id HAVING count(*) = 1) whole
WHERE whole.file_id = bank_line.file_id;
INSERT INTO reconciliation_act (run_id, done, acted_at)
    SELECT id, 0, started_at FROM reconciliation_run;
ALTER TABLE bank_line ADD CONSTRAINT bank_line_statement
    FOREIGN KEY (statement_id) REFERENCES bank_statement (id);
ALTER TABLE reconciliation_act ADD CONSTRAINT reconciliation_act_run
    FOREIGN KEY (run_id) REFERENCES reconciliation_run (id);
ALTER TABLE reconciliation_act ENABLE ROW LEVEL SECURITY;
CREATE POLICY platform_only ON reconciliation_act FOR ALL
    USING ((SELECT current_setting('souk.scope', true)) = 'all')
    WITH CHECK ((SELECT current_setting('souk.scope', true)) = 'all');
"""
INDEXES = """
CREATE INDEX reconciliation_run_until ON reconciliation_run (until);
CREATE INDEX bank_line_of_statement ON bank_line (statement_id);
-- What is earned late is looked for every few seconds, among ever more that is decided.
CREATE INDEX dispute_share_prepaid ON dispute_share (dispute_id) WHERE prepaid_minor > 0;
CREATE INDEX dispute_taken ON dispute (id) WHERE withdrawn_minor > 0 AND closed_at IS NULL;
"""


def _added(model: str, name: str, field: Field[object]) -> ops.AddField:
    return ops.AddField(model_name=model, name=name, field=field)


class Migration(migration.Migration):
    dependencies = [("settlement", "0009_payout_fixes")]

    operations = [
        _added("BankLine", "statement_id", fields.UUIDField(null=True)),
        _added("BankLine", "value_on", fields.DateField(null=True)),
        _added(
            "BankLine",
            "is_reversal",
            fields.BooleanField(
                default=False,
                db_default=False,
                description="The bank takes an earlier booking back",
            ),
        ),
        ops.CreateModel(
            name="ReconciliationAct",
            fields=[
                ("run_id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("done", fields.IntField(description="Things booked or asked for again")),
                ("acted_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "reconciliation_act",
                "app": "settlement",
                "pk_attr": "run_id",
                "table_description": "What needs no person is done for a run: without this row it"
                " is carried on.",
            },
            bases=["Model"],
        ),
        ops.AlterField(
            model_name="BankLine",
            name="running",
            field=fields.IntField(description="0, 1, 2 … among equal lines of a day"),
        ),
        ops.RunSQL(KNOWN),
        ops.RunSQL(INDEXES),
    ]
