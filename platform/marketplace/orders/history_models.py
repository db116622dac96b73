"""What was done to an order, written once and never changed."""

from tortoise import fields

from marketplace.kit.model import Model


class StateChange(Model):
    """Who moved what, when and why: one row for one event."""

    id = fields.UUIDField(primary_key=True)
    event_id = fields.UUIDField(unique=True)
    order_id = fields.UUIDField(db_index=True)
    vendor_id = fields.UUIDField(null=True)
    subject = fields.CharField(max_length=20, description="order, sub_order, shipment or refund")
    subject_id = fields.UUIDField()
    from_state = fields.CharField(max_length=24, null=True)
    to_state = fields.CharField(max_length=24)
    move = fields.CharField(max_length=24)
    actor = fields.CharField(max_length=60)
    reason = fields.CharField(max_length=200, null=True)
    at = fields.DatetimeField()

    class Meta:
        table = "state_change"


class Reroute(Model):
    """What moved from one sub-order to the one that replaces it. Never changed afterwards."""

    id = fields.UUIDField(primary_key=True)
    order_id = fields.UUIDField(db_index=True)
    from_sub_order_id = fields.UUIDField(db_index=True)
    to_sub_order_id = fields.UUIDField(unique=True)
    currency = fields.CharField(max_length=3)
    gross_minor = fields.BigIntField(description="What the customer paid for it, shipping included")
    difference_minor = fields.BigIntField(description="What it costs more than the first vendor's")
    bearer = fields.CharField(max_length=10, description="platform or vendor: who pays more")
    reason = fields.CharField(max_length=200)
    at = fields.DatetimeField()

    class Meta:
        table = "reroute"
