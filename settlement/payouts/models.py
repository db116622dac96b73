"""Paying vendors: batches, payouts, why somebody was not paid, and the statements behind it."""

from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.fields import OnDelete

from marketplace.kit.model import Model


class BatchState(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    CANCELLED = "cancelled"


class PayoutBatch(Model):
    """All payouts of one run. How far it has come is read off its payouts."""

    id = fields.UUIDField(primary_key=True)
    number = fields.IntField(unique=True, description="1, 2, 3 … without gaps")
    cycle = fields.CharField(
        max_length=80, unique=True, description="What it pays: a day, or one vendor on demand"
    )
    cut_off = fields.DatetimeField()
    state = fields.CharEnumField(BatchState, max_length=10)
    created_by = fields.CharField(max_length=60)
    created_at = fields.DatetimeField()
    approved_at = fields.DatetimeField(null=True)
    cancelled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "payout_batch"


class PayoutApproval(Model):
    """One person's yes to one batch."""

    id = fields.UUIDField(primary_key=True)
    batch: fields.ForeignKeyRelation[PayoutBatch] = fields.ForeignKeyField(
        "settlement.PayoutBatch", related_name="approvals", on_delete=OnDelete.RESTRICT
    )
    approved_by = fields.CharField(max_length=60)
    approved_at = fields.DatetimeField()

    batch_id: UUID

    class Meta:
        table = "payout_approval"
        unique_together = (("batch_id", "approved_by"),)


class PayoutState(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    RESERVED = "reserved"
    TRANSFERRED = "transferred"
    SENT = "sent"
    PAID = "paid"
    FAILED = "failed"
    RETURNED = "returned"
    CANCELLED = "cancelled"


class Payout(Model):
    """Money on its way to one vendor: a transfer to its account, then a payout to its bank.

    A retry is another attempt of the same row. `paid` is provisional until `final_at`.
    """

    id = fields.UUIDField(primary_key=True)
    batch: fields.ForeignKeyRelation[PayoutBatch] = fields.ForeignKeyField(
        "settlement.PayoutBatch", related_name="payouts", on_delete=OnDelete.RESTRICT
    )
    vendor_id = fields.UUIDField()
    currency = fields.CharField(max_length=3)
    amount_minor = fields.BigIntField()
    state = fields.CharEnumField(PayoutState, max_length=12)
    statement_id = fields.UUIDField(unique=True, description="Whose closing balance it pays")
    provider_account_id = fields.CharField(max_length=80)
    transfer_generation = fields.IntField(default=1, description="Rises after a definite no")
    transfer_id = fields.CharField(max_length=80, null=True, unique=True)
    attempt = fields.IntField(default=1, description="Of the payout to the bank")
    provider_payout_id = fields.CharField(max_length=80, null=True, unique=True)
    found_payout_id = fields.CharField(
        max_length=80,
        null=True,
        unique=True,
        description="At the provider, of an attempt that we had given up",
    )
    arrival_date = fields.DateField(null=True)
    trace_id = fields.CharField(max_length=120, null=True)
    failure_code = fields.CharField(max_length=80, null=True)
    failure_message = fields.TextField(null=True)
    next_attempt_at = fields.DatetimeField(
        null=True, description="When to look at it again: to try again, or to ask"
    )
    failures = fields.IntField(
        default=0,
        db_default=0,
        description="Times in a row that the worker could not go on with it",
    )
    rests_until = fields.DatetimeField(
        null=True, description="The worker leaves it alone, so that the others move"
    )
    cancel_requested_at = fields.DatetimeField(null=True)
    taking_back_minor = fields.BigIntField(
        null=True, description="A part of it whose reversal is under way"
    )
    taken_back_minor = fields.BigIntField(
        default=0, db_default=0, description="Parts of it that went back; the rest is paid"
    )
    paid_at = fields.DatetimeField(null=True)
    final_from = fields.DatetimeField(
        null=True, description="When the days for coming back are over"
    )
    final_at = fields.DatetimeField(null=True, description="Paid, and past coming back")
    created_at = fields.DatetimeField()

    batch_id: UUID

    class Meta:
        table = "payout"
        unique_together = (("batch_id", "vendor_id", "currency"),)

    @property
    def left_minor(self) -> int:
        """What of it is to be paid, or was."""
        left: int = self.amount_minor - self.taken_back_minor
        return left


class SkippedPayout(Model):
    """Why a vendor with money was not in a batch."""

    id = fields.UUIDField(primary_key=True)
    batch: fields.ForeignKeyRelation[PayoutBatch] = fields.ForeignKeyField(
        "settlement.PayoutBatch", related_name="skipped", on_delete=OnDelete.RESTRICT
    )
    vendor_id = fields.UUIDField()
    currency = fields.CharField(max_length=3)
    available_minor = fields.BigIntField()
    reason = fields.CharField(max_length=30, description="One of eligibility.Reason")
    detail = fields.CharField(max_length=200)

    batch_id: UUID

    class Meta:
        table = "skipped_payout"
        unique_together = (("batch_id", "vendor_id", "currency"),)


class FreezeSource(StrEnum):
    STAFF = "staff"
    RECONCILIATION = "reconciliation"


class PayoutFreeze(Model):
    """No payouts to a vendor until it is lifted."""

    id = fields.UUIDField(primary_key=True)
    vendor_id = fields.UUIDField()
    source = fields.CharEnumField(FreezeSource, max_length=16)
    source_id = fields.UUIDField(null=True, description="The break, when reconciliation asked")
    reason = fields.CharField(max_length=200)
    placed_by = fields.CharField(max_length=60)
    placed_at = fields.DatetimeField()
    lifted_by = fields.CharField(max_length=60, null=True)
    lifted_at = fields.DatetimeField(null=True)

    class Meta:
        table = "payout_freeze"


class Statement(Model):
    """A vendor's available balance from one cut-off to the next; its opening is the last closing.

    Minor units, above zero for the vendor. opening + lines = closing.
    """

    id = fields.UUIDField(primary_key=True)
    vendor_id = fields.UUIDField()
    currency = fields.CharField(max_length=3)
    number = fields.IntField(description="1, 2, 3 … for each vendor and currency, no gaps")
    batch_id = fields.UUIDField()
    opened_at = fields.DatetimeField(description="The cut-off before, or the first entry")
    cut_off = fields.DatetimeField()
    opening_minor = fields.BigIntField()
    closing_minor = fields.BigIntField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "statement"
        unique_together = (("vendor_id", "currency", "number"),)


class StatementLine(Model):
    """An entry of the vendor's available account, in the one statement it belongs to."""

    entry_id = fields.BigIntField(primary_key=True, generated=False)
    statement_id = fields.UUIDField(db_index=True)
    vendor_id = fields.UUIDField()
    amount_minor = fields.BigIntField(description="Above zero for the vendor")

    class Meta:
        table = "statement_line"
