"""Calls are taken by kind, and accounts whose events cannot be listed are asked less often."""

from tortoise import fields
from tortoise.migrations import operations as ops

from marketplace.kit import migration

# One kind's due calls, the oldest first, however many of other kinds wait before them.
RULES = """
CREATE INDEX provider_operation_due_by_kind ON provider_operation (kind, next_at)
    WHERE state IN ('planned', 'sent');
ALTER TABLE provider_poll ADD CONSTRAINT provider_poll_failures CHECK (failures >= 0);
"""


class Migration(migration.Migration):
    dependencies = [("marketplace", "0005_refund_amounts")]

    operations = [
        ops.AddField(
            model_name="ProviderPoll",
            name="failures",
            field=fields.IntField(
                default=0, db_default=0, description="Times in a row that it was not answered"
            ),
        ),
        ops.AddField(
            model_name="ProviderPoll",
            name="next_at",
            field=fields.DatetimeField(
                null=True,
                auto_now=False,
                auto_now_add=False,
                description="Not asked before, after a failure",
            ),
        ),
        ops.RunSQL(RULES),
    ]
