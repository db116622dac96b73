from enum import StrEnum

from tortoise import fields

from marketplace.kit.model import Model


class HoldKind(StrEnum):
    """Why an order waits. What it is about, not who found it."""

    FRAUD = "fraud"
    ADDRESS = "address"
    PAYMENT = "payment"
    STOCK = "stock"
    MANUAL = "manual"


class OrderHold(Model):
    """An order, or one sub-order of it, that waits for somebody: one open hold of a kind each."""

    id = fields.UUIDField(primary_key=True)
    order_id = fields.UUIDField(db_index=True)
    sub_order_id = fields.UUIDField(null=True, description="None: the whole order")
    kind = fields.CharEnumField(HoldKind, max_length=10)
    reason = fields.CharField(max_length=200, description="For staff; vendors never read it")
    placed_by = fields.CharField(max_length=60)
    placed_at = fields.DatetimeField()
    released_by = fields.CharField(max_length=60, null=True)
    released_at = fields.DatetimeField(null=True)
    note = fields.CharField(max_length=200, null=True, description="Why it was released")

    class Meta:
        table = "order_hold"


class AddressCorrection(Model):
    """A link that lets the customer put an address right: it works once, until it expires."""

    id = fields.UUIDField(primary_key=True)
    order_id = fields.UUIDField(db_index=True)
    hold_id = fields.UUIDField()
    asked_by = fields.CharField(max_length=60)
    asked_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    corrected_at = fields.DatetimeField(null=True)
    before = fields.JSONField[dict[str, str]](null=True, description="The address that was wrong")

    class Meta:
        table = "address_correction"
