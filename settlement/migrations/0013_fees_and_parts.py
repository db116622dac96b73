"""The fees that the provider should take, comparisons that people asked for, and payouts of which
a part was taken back."""

from uuid import uuid4

from tortoise import fields
from tortoise.migrations import operations as ops

from marketplace.kit import migration

# Compared inside the sub-select: docs/decisions/0020.
ALL = "(SELECT current_setting('souk.scope', true) = 'all')"
RULES = f"""
ALTER TABLE provider_fee_rate
    ADD CONSTRAINT provider_fee_rate_currency FOREIGN KEY (currency) REFERENCES currency (code),
    ADD CONSTRAINT provider_fee_rate_limits
        CHECK (rate_ppm BETWEEN 0 AND 1000000 AND fixed_minor >= 0);
ALTER TABLE provider_fee_rate ENABLE ROW LEVEL SECURITY;
CREATE POLICY platform_only ON provider_fee_rate FOR ALL USING ({ALL}) WITH CHECK ({ALL});
ALTER TABLE payout ADD CONSTRAINT payout_taken_back CHECK (taken_back_minor >= 0
    AND (taking_back_minor IS NULL OR taking_back_minor > 0)
    AND taken_back_minor + coalesce(taking_back_minor, 0) < amount_minor);
-- Asked for again while it is under way, it is the same.
CREATE UNIQUE INDEX run_request_under_way ON run_request (until) WHERE finished_at IS NULL;
ALTER TABLE run_request
    ADD CONSTRAINT run_request_step CHECK (step >= 0),
    ADD CONSTRAINT run_request_ended CHECK (run_id IS NULL OR finished_at IS NOT NULL);
ALTER TABLE run_request ENABLE ROW LEVEL SECURITY;
CREATE POLICY platform_only ON run_request FOR ALL USING ({ALL}) WITH CHECK ({ALL});
"""


class Migration(migration.Migration):
    dependencies = [("settlement", "0011_estimates")]

    operations = [
        ops.CreateModel(
            name="ProviderFeeRate",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("currency", fields.CharField(max_length=3)),
                ("rate_ppm", fields.IntField(description="Of what is charged, millionths")),
                ("fixed_minor", fields.BigIntField(description="For each charge, minor units")),
                ("valid_from", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("set_by", fields.CharField(max_length=60)),
            ],
            options={
                "table": "provider_fee_rate",
                "app": "settlement",
                "unique_together": (("currency", "valid_from"),),
                "pk_attr": "id",
                "table_description": "What the provider should take of a charge from a moment on, as its contract says.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RunRequest",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("until", fields.DateField(description="The last day to look at, UTC")),
                ("asked_by", fields.CharField(max_length=60)),
                ("asked_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("begun_at", fields.DatetimeField(null=True, description="By who works on it now", auto_now=False, auto_now_add=False)),
                ("step", fields.IntField(description="Of running.STEPS, those that are done")),
                ("count", fields.IntField(null=True, description="What the last step came to")),
                ("finished_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("run_id", fields.UUIDField(null=True, description="None of one that broke")),
            ],
            options={
                "table": "run_request",
                "app": "settlement",
                "pk_attr": "id",
                "table_description": "A comparison that a person asked for: the worker makes it, and says here how far it is.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Payout",
            name="taking_back_minor",
            field=fields.BigIntField(null=True, description="A part of it whose reversal is under way"),
        ),
        ops.AddField(
            model_name="Payout",
            name="taken_back_minor",
            field=fields.BigIntField(default=0, db_default=0, description="Parts of it that went back; the rest is paid"),
        ),
        ops.RunSQL(RULES),
    ]
