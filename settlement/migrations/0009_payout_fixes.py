"""What a payout remembers of an attempt that was given up too early."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
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
    ]
