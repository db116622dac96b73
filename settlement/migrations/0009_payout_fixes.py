"""What a payout remembers of an attempt given up too early, and of a worker that cannot go on."""

from tortoise import fields
from tortoise.migrations import operations as ops

from marketplace.kit import migration

RULES = """
-- Drafting inserts without naming it.
ALTER TABLE payout ADD CONSTRAINT payout_failures CHECK (failures >= 0);
-- Five business days are a week where no holiday is among them; those before this know no better.
UPDATE payout SET final_from = paid_at + interval '7 days'
WHERE state = 'paid' AND final_at IS NULL;
DROP INDEX payout_provisional;
CREATE INDEX payout_provisional ON payout (final_from) WHERE state = 'paid' AND final_at IS NULL;
"""


class Migration(migration.Migration):
    dependencies = [("settlement", "0008_reporting")]

    operations = [
        ops.AddField(
            model_name="Payout",
            name="found_payout_id",
            field=fields.CharField(
                null=True,
                unique=True,
                description="At the provider, of an attempt that we had given up",
                max_length=80,
            ),
        ),
        ops.AddField(
            model_name="Payout",
            name="failures",
            field=fields.IntField(
                default=0, db_default=0, description="Times in a row that the worker could not go on with it"
            ),
        ),
        ops.AddField(
            model_name="Payout",
            name="rests_until",
            field=fields.DatetimeField(
                null=True,
                auto_now=False,
                auto_now_add=False,
                description="The worker leaves it alone, so that the others move",
            ),
        ),
        ops.AddField(
            model_name="Payout",
            name="final_from",
            field=fields.DatetimeField(
                null=True,
                auto_now=False,
                auto_now_add=False,
                description="When the days for coming back are over",
            ),
        ),
        ops.RunSQL(RULES),
    ]
