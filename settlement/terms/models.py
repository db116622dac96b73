"""What is agreed with a vendor about its money; a change is a new version, never an edit."""

from enum import StrEnum

from tortoise import fields

from marketplace.kit.model import Model


class Schedule(StrEnum):
    """When a vendor is paid: `schedule_days` are ISO weekdays, or days of the month."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTH_DAYS = "month_days"
    ON_DEMAND = "on_demand"


class SettlementTerms(Model):
    """One version of a vendor's terms; without a vendor, of everybody's who has none of its own."""

    id = fields.UUIDField(primary_key=True)
    vendor_id = fields.UUIDField(null=True)
    version = fields.IntField(description="1, 2, 3 … for each vendor")
    valid_from = fields.DatetimeField()
    maturity_days = fields.IntField(description="Business days from delivery until it can be paid")
    undelivered_days = fields.IntField(
        description="Days from shipping after which a parcel nobody reported counts as delivered"
    )
    reserve_bps = fields.IntField(description="Held back of each net earning, basis points")
    reserve_days = fields.IntField(description="Days from earning until the reserve is released")
    schedule = fields.CharEnumField(Schedule, max_length=12)
    schedule_days = fields.JSONField[list[int]]()
    minimums = fields.JSONField[dict[str, int]](
        description="Smallest payout by currency, minor units; none: anything above zero"
    )
    bank_cooling_days = fields.IntField(
        description="Days without payouts after a change of bank account"
    )
    note = fields.CharField(max_length=200)
    changed_by = fields.CharField(max_length=60)
    created_at = fields.DatetimeField()

    class Meta:
        table = "settlement_terms"


class PayoutPolicy(Model):
    """Who has to agree to a batch, by its total in one currency, minor units."""

    currency = fields.CharField(primary_key=True, max_length=3)
    auto_approve_minor = fields.BigIntField(description="Up to this nobody is asked")
    second_approval_minor = fields.BigIntField(description="Above this two people agree")

    class Meta:
        table = "payout_policy"
