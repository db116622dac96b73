"""A vendor's last days are read by its own rows, however many others have.

What is read has a moment: when a deadline falls due, an order is answered, given out, sent or
called off, and a parcel leaves.
"""

from tortoise.migrations import operations as ops

from marketplace.kit import migration

INDEXES = """
CREATE INDEX sla_clock_of_vendor ON sla_clock (vendor_id, due_at)
    WHERE sub_order_id IS NOT NULL AND superseded_at IS NULL;
CREATE INDEX sla_clock_answered ON sla_clock (vendor_id, met_at)
    WHERE kind = 'accept_by' AND met_at IS NOT NULL;
CREATE INDEX sub_order_released ON sub_order (vendor_id, released_at)
    WHERE released_at IS NOT NULL;
CREATE INDEX sub_order_shipped ON sub_order (vendor_id, shipped_at) WHERE shipped_at IS NOT NULL;
CREATE INDEX shipment_shipped ON shipment (vendor_id, shipped_at) WHERE shipped_at IS NOT NULL;
CREATE INDEX state_change_called_off ON state_change (vendor_id, at)
    WHERE move IN ('cancel', 'cancel_part', 'cancel_rest') AND actor LIKE 'vendor%';
"""


class Migration(migration.Migration):
    dependencies = [("marketplace", "0022_vendor_keys")]

    operations = [ops.RunSQL(INDEXES)]
