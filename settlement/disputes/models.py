"""What customers' banks take back: the case, and whose money it is about."""

from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.fields import OnDelete

from marketplace.kit.model import Model


class DisputeState(StrEnum):
    NEEDS_RESPONSE = "needs_response"
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"
    CLOSED = "closed"


class Liable(StrEnum):
    VENDOR = "vendor"
    PLATFORM = "platform"


class Dispute(Model):
    """A chargeback, or a bank's question before one. `status` is the provider's own word."""

    id = fields.UUIDField(primary_key=True)
    provider_dispute_id = fields.CharField(max_length=80, unique=True)
    order_id = fields.UUIDField(db_index=True)
    charge_id = fields.CharField(max_length=80)
    currency = fields.CharField(max_length=3)
    amount_minor = fields.BigIntField()
    withdrawn_minor = fields.BigIntField(default=0, description="Taken from us and not given back")
    fee_minor = fields.BigIntField(default=0, description="Not given back when it is won")
    reason = fields.CharField(max_length=80)
    status = fields.CharField(max_length=80)
    state = fields.CharEnumField(DisputeState, max_length=16)
    liable = fields.CharEnumField(Liable, max_length=10, description="Who bears it if it is lost")
    evidence = fields.JSONField[dict[str, str]](description="What was sent to the bank, by field")
    evidence_due_at = fields.DatetimeField(null=True)
    answered_at = fields.DatetimeField(null=True)
    opened_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)

    shares: fields.ReverseRelation["DisputeShare"]

    class Meta:
        table = "dispute"


class DisputeShare(Model):
    """One sub-order's part of what is disputed, component by component.

    gross + funding = vendor + the tax that the platform owes.
    """

    id = fields.UUIDField(primary_key=True)
    dispute: fields.ForeignKeyRelation[Dispute] = fields.ForeignKeyField(
        "settlement.Dispute", related_name="shares", on_delete=OnDelete.RESTRICT
    )
    vendor_id = fields.UUIDField()
    sub_order_id = fields.UUIDField(db_index=True)
    gross_minor = fields.BigIntField()
    funding_minor = fields.BigIntField()
    vendor_minor = fields.BigIntField()
    tax_minor = fields.BigIntField(description="Of it, what the platform owes the state")
    commission_minor = fields.BigIntField()
    commission_vat_minor = fields.BigIntField()
    prepaid_minor = fields.BigIntField(
        default=0, description="Lost before anything was earned: taken from the prepayment"
    )

    dispute_id: UUID

    class Meta:
        table = "dispute_share"
        unique_together = (("dispute_id", "sub_order_id"),)
