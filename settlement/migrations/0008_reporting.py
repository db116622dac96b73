"""What a vendor may read so that its own statements and amounts can be explained to it."""

from tortoise.migrations import operations as ops

from marketplace.kit import migration

# What was given back of its own sub-orders, the runs that left it out, and the commission rules
# that hold for everybody.
# A vendor's connection reads these; the policies that let it write are as they were.
READABLE = """
CREATE POLICY own_parts ON refund_line FOR SELECT
    USING (EXISTS (SELECT 1 FROM sub_order WHERE sub_order.id = refund_line.sub_order_id));
CREATE POLICY own_skip ON payout_batch FOR SELECT
    USING (EXISTS (SELECT 1 FROM skipped_payout WHERE skipped_payout.batch_id = payout_batch.id));
CREATE POLICY of_everybody ON commission_rule FOR SELECT USING (vendor_id IS NULL);
"""


class Migration(migration.Migration):
    dependencies = [("settlement", "0007_reconciliation")]

    operations = [ops.RunSQL(READABLE)]
