"""What people correct by hand, with who proposed it and who agreed; and months that are closed."""

from enum import StrEnum

from tortoise import fields

from marketplace.kit.model import Model


class AdjustmentKind(StrEnum):
    PENALTY = "penalty"
    GOODWILL = "goodwill"
    REFUND_PAID_OTHERWISE = "refund_paid_otherwise"
    VENDOR_RECEIVABLE = "vendor_receivable"
    WRITE_OFF = "write_off"
    TAX_REMITTED = "tax_remitted"
    CURRENCY_EXCHANGE = "currency_exchange"
    CURRENCY_REVALUATION = "currency_revaluation"
    PROVIDER_RESERVE = "provider_reserve"
    PROVIDER_RESERVE_RELEASED = "provider_reserve_released"
    DISPUTE_FEE_RECHARGE = "dispute_fee_recharge"
    PROVIDER_FEE_RECHARGE = "provider_fee_recharge"
    SUSPENSE_CLEARED = "suspense_cleared"
    REVERSAL = "reversal"


class AdjustmentState(StrEnum):
    PROPOSED = "proposed"
    POSTED = "posted"
    REJECTED = "rejected"


class Adjustment(Model):
    """A posting of a fixed kind that one person proposed and another one has to approve."""

    id = fields.UUIDField(primary_key=True)
    kind = fields.CharEnumField(AdjustmentKind, max_length=30)
    vendor_id = fields.UUIDField(null=True)
    currency = fields.CharField(max_length=3)
    amount_minor = fields.BigIntField(
        description="Above zero; a revaluation and what clears suspense may be below"
    )
    currency_to = fields.CharField(max_length=3, null=True, description="Of an exchange")
    amount_to_minor = fields.BigIntField(null=True, description="What the exchange brought")
    account = fields.CharField(max_length=4, null=True, description="Where suspense is cleared to")
    refund_id = fields.UUIDField(null=True)
    dispute_id = fields.UUIDField(null=True)
    reverses_id = fields.UUIDField(null=True, description="The posting that is negated")
    effective_date = fields.DateField(description="The day it counts for, UTC")
    note = fields.CharField(max_length=200)
    reference = fields.CharField(max_length=120, null=True, description="Of the bank, of a letter")
    state = fields.CharEnumField(AdjustmentState, max_length=10)
    proposed_by = fields.CharField(max_length=60)
    proposed_at = fields.DatetimeField()
    decided_by = fields.CharField(max_length=60, null=True)
    decided_at = fields.DatetimeField(null=True)

    class Meta:
        table = "adjustment"


class PeriodMove(StrEnum):
    SOFT_CLOSE = "soft_close"
    CLOSE = "close"
    REOPEN = "reopen"


class PeriodChange(Model):
    """Who closed a month or opened it again, and what its trial balance was then."""

    id = fields.UUIDField(primary_key=True)
    period_id = fields.IntField(db_index=True)
    move = fields.CharEnumField(PeriodMove, max_length=10)
    note = fields.CharField(max_length=200)
    trial_balance_hash = fields.CharField(max_length=64, description="SHA-256 up to its last day")
    asked_by = fields.CharField(max_length=60)
    asked_at = fields.DatetimeField()
    agreed_by = fields.CharField(max_length=60, null=True, description="Reopening needs a second")
    done_at = fields.DatetimeField(null=True)

    class Meta:
        table = "period_change"
