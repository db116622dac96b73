"""Bookings know their statement, runs whether they were acted on; looks are found by index."""

from tortoise import fields, migrations
from tortoise.fields import Field
from tortoise.migrations import operations as ops

# A file with one statement can only have brought its bookings; runs so far were acted on.
KNOWN = """
UPDATE bank_line SET statement_id = whole.statement_id
FROM (SELECT file_id, min(id::text)::uuid AS statement_id FROM bank_statement
    GROUP BY file_id HAVING count(*) = 1) whole
WHERE whole.file_id = bank_line.file_id;
UPDATE reconciliation_run SET acted_at = started_at;
ALTER TABLE bank_line ADD CONSTRAINT bank_line_statement
    FOREIGN KEY (statement_id) REFERENCES bank_statement (id);
"""
INDEXES = """
CREATE INDEX reconciliation_run_unfinished ON reconciliation_run (number) WHERE acted_at IS NULL;
CREATE INDEX reconciliation_run_until ON reconciliation_run (until);
CREATE INDEX bank_line_of_statement ON bank_line (statement_id);
-- What is earned late is looked for every few seconds, among ever more that is decided.
CREATE INDEX dispute_share_prepaid ON dispute_share (dispute_id) WHERE prepaid_minor > 0;
CREATE INDEX dispute_taken ON dispute (id) WHERE withdrawn_minor > 0 AND closed_at IS NULL;
"""


def _added(model: str, name: str, field: Field[object]) -> ops.AddField:
    return ops.AddField(model_name=model, name=name, field=field)


class Migration(migrations.Migration):
    dependencies = [("settlement", "0008_reporting")]

    operations = [
        _added("BankLine", "statement_id", fields.UUIDField(null=True)),
        _added("BankLine", "value_on", fields.DateField(null=True)),
        _added(
            "BankLine",
            "is_reversal",
            fields.BooleanField(
                default=False, description="The bank takes an earlier booking back"
            ),
        ),
        _added("ReconciliationRun", "acted_at", fields.DatetimeField(null=True)),
        ops.AlterField(
            model_name="BankLine",
            name="running",
            field=fields.IntField(description="0, 1, 2 … among equal lines of a day"),
        ),
        ops.RunSQL(KNOWN),
        ops.RunSQL(INDEXES),
    ]
