"""From earned to available: what waits, what is held back, what is on hold."""

from enum import StrEnum

from tortoise import fields

from marketplace.kit.model import Model


class EarningState(StrEnum):
    PENDING = "pending"
    AVAILABLE = "available"


class Earning(Model):
    """What a vendor earned with one sub-order, and when it may be paid."""

    sub_order_id = fields.UUIDField(primary_key=True)
    order_id = fields.UUIDField(db_index=True)
    vendor_id = fields.UUIDField()
    currency = fields.CharField(max_length=3)
    net_minor = fields.BigIntField(description="After commission and the tax on it, when earned")
    terms_id = fields.UUIDField(description="The version of the terms it was earned under")
    state = fields.CharEnumField(EarningState, max_length=10)
    earned_at = fields.DatetimeField()
    delivered_at = fields.DatetimeField(null=True)
    matures_at = fields.DatetimeField(description="When it becomes available, if nothing is open")
    matured_at = fields.DatetimeField(null=True)

    class Meta:
        table = "earning"


class ReserveHold(Model):
    """The part of one earning that is held back for refunds to come."""

    sub_order_id = fields.UUIDField(primary_key=True)
    vendor_id = fields.UUIDField()
    currency = fields.CharField(max_length=3)
    amount_minor = fields.BigIntField()
    released_minor = fields.BigIntField(default=0, description="Back to what is available")
    used_minor = fields.BigIntField(default=0, description="Spent on refunds")
    held_at = fields.DatetimeField()
    release_at = fields.DatetimeField()

    class Meta:
        table = "reserve_hold"


class HoldKind(StrEnum):
    DISPUTE = "dispute"
    MANUAL = "manual"


class HoldState(StrEnum):
    HELD = "held"
    RELEASED = "released"
    USED = "used"


class MoneyHold(Model):
    """Money of a vendor that is not paid out until a question is answered (account 2150)."""

    id = fields.UUIDField(primary_key=True)
    vendor_id = fields.UUIDField()
    currency = fields.CharField(max_length=3)
    amount_minor = fields.BigIntField()
    taken_from = fields.CharField(max_length=4, description="Account it came from: 2110 or 2120")
    kind = fields.CharEnumField(HoldKind, max_length=10)
    state = fields.CharEnumField(HoldState, max_length=10)
    sub_order_id = fields.UUIDField(null=True)
    dispute_id = fields.UUIDField(null=True)
    reason = fields.CharField(max_length=200)
    placed_by = fields.CharField(max_length=60)
    placed_at = fields.DatetimeField()
    ended_by = fields.CharField(max_length=60, null=True)
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "money_hold"
