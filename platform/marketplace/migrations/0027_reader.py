"""What came off a vendor's orders is read whoever it was that noted it."""

from tortoise.migrations import operations as ops

from marketplace.kit import migration

CALLED_OFF = """
DROP INDEX state_change_called_off;
CREATE INDEX state_change_called_off ON state_change (vendor_id, at)
    WHERE move IN ('cancel', 'cancel_part', 'cancel_rest');
"""


class Migration(migration.Migration):
    dependencies = [("marketplace", "0024_shipping_methods")]

    operations = [ops.RunSQL(CALLED_OFF)]
