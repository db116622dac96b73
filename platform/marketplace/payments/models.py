from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.fields import OnDelete

from marketplace.kit.model import Model


class AttemptState(StrEnum):
    CREATED = "created"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    CAPTURED = "captured"
    FAILED = "failed"
    EXPIRED = "expired"


class OperationState(StrEnum):
    PLANNED = "planned"
    SENT = "sent"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class RefundState(StrEnum):
    REQUESTED = "requested"
    SUBMITTING = "submitting"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SETTLED = "settled"


class Payment(Model):
    """What the customer owes and has paid for one order. Status is read off the amounts."""

    id = fields.UUIDField(primary_key=True)
    order_id = fields.UUIDField(unique=True)
    currency = fields.CharField(max_length=3)
    amount_minor = fields.BigIntField()
    captured_minor = fields.BigIntField(default=0)
    refund_claimed_minor = fields.BigIntField(default=0, description="Promised, not confirmed yet")
    refunded_minor = fields.BigIntField(default=0)
    disputed_minor = fields.BigIntField(
        default=0, db_default=0, description="Taken back by banks, or being"
    )
    created_at = fields.DatetimeField()

    class Meta:
        table = "payment"


class PaymentAllocation(Model):
    """One sub-order's share of the payment."""

    id = fields.UUIDField(primary_key=True)
    payment: fields.ForeignKeyRelation[Payment] = fields.ForeignKeyField(
        "marketplace.Payment", related_name="allocations", on_delete=OnDelete.RESTRICT
    )
    sub_order_id = fields.UUIDField(unique=True)
    amount_minor = fields.BigIntField()
    captured_minor = fields.BigIntField(default=0)
    refund_claimed_minor = fields.BigIntField(default=0)
    refunded_minor = fields.BigIntField(default=0)
    disputed_minor = fields.BigIntField(default=0, db_default=0)

    payment_id: UUID

    class Meta:
        table = "payment_allocation"
        unique_together = (("payment_id", "sub_order_id"),)


class PaymentAttempt(Model):
    """One try to pay: one PaymentIntent. `generation` rises only after a definite failure."""

    id = fields.UUIDField(primary_key=True)
    payment: fields.ForeignKeyRelation[Payment] = fields.ForeignKeyField(
        "marketplace.Payment", related_name="attempts", on_delete=OnDelete.RESTRICT
    )
    generation = fields.IntField()
    state = fields.CharEnumField(AttemptState, max_length=20)
    payment_method = fields.CharField(max_length=80)
    intent_id = fields.CharField(max_length=80, null=True, unique=True)
    next_action_url = fields.TextField(null=True)
    failure_code = fields.CharField(max_length=80, null=True)
    failure_message = fields.TextField(null=True)
    created_at = fields.DatetimeField()

    payment_id: UUID

    class Meta:
        table = "payment_attempt"
        unique_together = (("payment_id", "generation"),)


class ProviderOperation(Model):
    """A call to the payment provider, written and committed before it is made.

    The key is ours and deterministic; the parameters are rebuilt from here, byte for byte.
    """

    id = fields.UUIDField(primary_key=True)
    kind = fields.CharField(max_length=20, description="intent, refund, transfer, payout …")
    key = fields.CharField(max_length=255, unique=True)
    subject_id = fields.UUIDField(db_index=True, description="Attempt, refund, payout, vendor …")
    account = fields.CharField(
        max_length=80, null=True, description="The connected account it is made for"
    )
    params = fields.JSONField[dict[str, object]]()
    state = fields.CharEnumField(OperationState, max_length=10)
    attempts = fields.IntField(default=0)
    next_at = fields.DatetimeField()
    first_sent_at = fields.DatetimeField(null=True)
    result_id = fields.CharField(max_length=80, null=True)
    last_error = fields.TextField(null=True)

    class Meta:
        table = "provider_operation"


class Capture(Model):
    """Money that arrived: one charge at the provider."""

    id = fields.UUIDField(primary_key=True)
    payment: fields.ForeignKeyRelation[Payment] = fields.ForeignKeyField(
        "marketplace.Payment", related_name="captures", on_delete=OnDelete.RESTRICT
    )
    attempt_id = fields.UUIDField(unique=True)
    order_id = fields.UUIDField(db_index=True)
    charge_id = fields.CharField(max_length=80, unique=True)
    balance_transaction_id = fields.CharField(max_length=80, null=True, unique=True)
    amount_minor = fields.BigIntField()
    fee_minor = fields.BigIntField(null=True, description="Known with the balance transaction")
    currency = fields.CharField(max_length=3)
    captured_at = fields.DatetimeField()

    payment_id: UUID

    class Meta:
        table = "capture"


class Refund(Model):
    """Money on its way back to the customer."""

    id = fields.UUIDField(primary_key=True)
    payment: fields.ForeignKeyRelation[Payment] = fields.ForeignKeyField(
        "marketplace.Payment", related_name="refunds", on_delete=OnDelete.RESTRICT
    )
    order_id = fields.UUIDField(db_index=True)
    state = fields.CharEnumField(RefundState, max_length=12)
    amount_minor = fields.BigIntField()
    currency = fields.CharField(max_length=3)
    reason = fields.CharField(max_length=200)
    generation = fields.IntField(
        default=1, db_default=1, description="Rises when a failed one is sent again"
    )
    provider_refund_id = fields.CharField(max_length=80, null=True, unique=True)
    failure_message = fields.TextField(null=True)
    requested_by = fields.CharField(max_length=60)
    requested_at = fields.DatetimeField()
    finished_at = fields.DatetimeField(null=True)

    payment_id: UUID

    class Meta:
        table = "refund"


class RefundLine(Model):
    """What a refund takes back, component by component; line_id is empty for shipping."""

    id = fields.UUIDField(primary_key=True)
    refund: fields.ForeignKeyRelation[Refund] = fields.ForeignKeyField(
        "marketplace.Refund", related_name="lines", on_delete=OnDelete.RESTRICT, db_index=True
    )
    sub_order_id = fields.UUIDField(db_index=True)
    line_id = fields.UUIDField(null=True)
    quantity = fields.IntField(description="Units; none for shipping and for an amount of a line")
    is_earned = fields.BooleanField(description="The vendor had earned the sub-order when asked")
    gross_minor = fields.BigIntField(description="Back to the customer")
    tax_minor = fields.BigIntField()
    funding_minor = fields.BigIntField(description="Back to the platform's discount budget")
    vendor_minor = fields.BigIntField(description="Out of the vendor's entitlement")
    commission_minor = fields.BigIntField(description="Back to the vendor")
    commission_vat_minor = fields.BigIntField()

    refund_id: UUID

    class Meta:
        table = "refund_line"


class ProviderEvent(Model):
    """The inbox: a webhook kept once, verified; the job that handles it refetches the object."""

    id = fields.UUIDField(primary_key=True)
    event_id = fields.CharField(max_length=80, unique=True)
    type = fields.CharField(max_length=80)
    object_id = fields.CharField(max_length=80)
    payload = fields.JSONField[dict[str, object]]()
    account = fields.CharField(
        max_length=80, null=True, description="The connected account it happened at"
    )
    received_at = fields.DatetimeField()

    class Meta:
        table = "provider_event"


class ProviderPoll(Model):
    """How far the provider's own list of events has been compared with the inbox."""

    account = fields.CharField(
        primary_key=True, max_length=80, description="A connected account; empty: the platform's"
    )
    polled_until = fields.DatetimeField()
    failures = fields.IntField(
        default=0, db_default=0, description="Times in a row that it was not answered"
    )
    next_at = fields.DatetimeField(null=True, description="Not asked before, after a failure")

    class Meta:
        table = "provider_poll"
