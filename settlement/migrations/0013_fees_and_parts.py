"""The fees that the provider should take, and payouts of which a part was taken back."""

from uuid import uuid4

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

ALL = "(SELECT current_setting('souk.scope', true)) = 'all'"
RULES = f"""
ALTER TABLE provider_fee_rate
    ADD CONSTRAINT provider_fee_rate_currency FOREIGN KEY (currency) REFERENCES currency (code),
    ADD CONSTRAINT provider_fee_rate_limits
        CHECK (rate_ppm BETWEEN 0 AND 1000000 AND fixed_minor >= 0);
ALTER TABLE provider_fee_rate ENABLE ROW LEVEL SECURITY;
CREATE POLICY platform_only ON provider_fee_rate FOR ALL USING ({ALL}) WITH CHECK ({ALL});
"""


class Migration(migrations.Migration):
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
        ops.RunSQL(RULES),
    ]
