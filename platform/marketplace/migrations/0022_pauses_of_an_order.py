"""An order's pauses are found also when they are over: they move the day to collect it by."""

from tortoise.migrations import operations as ops

from marketplace.kit import migration

INDEX = "CREATE INDEX sla_pause_of ON sla_pause (order_id);"


class Migration(migration.Migration):
    dependencies = [("marketplace", "0022_vendor_keys")]

    operations = [ops.RunSQL(INDEX)]
