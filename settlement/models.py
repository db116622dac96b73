"""The ledger's tables. Written by `settlement.ledger` alone; PostgreSQL holds its rules (0002)."""

from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.fields import OnDelete

from marketplace.kit.model import Model


class PeriodStatus(StrEnum):
    OPEN = "open"
    SOFT_CLOSED = "soft_closed"
    CLOSED = "closed"


class AccountKind(StrEnum):
    ASSET = "asset"
    LIABILITY = "liability"
    EQUITY = "equity"
    INCOME = "income"
    EXPENSE = "expense"
    MEMO = "memo"


class Currency(Model):
    """A currency the ledger keeps books in."""

    code = fields.CharField(primary_key=True, max_length=3)
    exponent = fields.SmallIntField(description="Digits after the decimal point, ISO 4217")

    class Meta:
        table = "currency"


class AccountingPeriod(Model):
    """A month that postings are dated in. None overlap; only an open one takes postings."""

    id = fields.IntField(primary_key=True)
    starts = fields.DateField()
    ends = fields.DateField(description="The last day, included")
    status = fields.CharEnumField(PeriodStatus, max_length=12)

    class Meta:
        table = "accounting_period"


class LedgerAccount(Model):
    """One account of the chart in one currency; a vendor's accounts are its own."""

    id = fields.BigIntField(primary_key=True)
    code = fields.CharField(max_length=4, description="Of the chart; its first digit says the kind")
    kind = fields.CharEnumField(AccountKind, max_length=10)
    vendor_id = fields.UUIDField(null=True)
    currency = fields.CharField(max_length=3)
    floor_minor = fields.BigIntField(
        null=True, description="Smallest balance allowed on the normal side; empty: no bound"
    )

    class Meta:
        table = "ledger_account"


class LedgerTransaction(Model):
    """One balanced, immutable fact about money. Corrected only by another one."""

    id = fields.UUIDField(primary_key=True)
    kind = fields.CharField(max_length=20)
    idempotency_key = fields.CharField(max_length=120, unique=True)
    fingerprint = fields.CharField(max_length=64, description="SHA-256 of all it says")
    effective_date = fields.DateField(description="The day it counts for, UTC")
    recorded_at = fields.DatetimeField(description="When it was booked")
    period: fields.ForeignKeyRelation[AccountingPeriod] = fields.ForeignKeyField(
        "settlement.AccountingPeriod", related_name="transactions", on_delete=OnDelete.RESTRICT
    )
    source_type = fields.CharField(max_length=20, description="What it is about: capture, payout …")
    source_id = fields.UUIDField()
    reverses: fields.ForeignKeyNullableRelation["LedgerTransaction"] = fields.OneToOneField(
        "settlement.LedgerTransaction",
        related_name="reversed_by",
        on_delete=OnDelete.RESTRICT,
        null=True,
    )

    entries: fields.ReverseRelation["LedgerEntry"]
    period_id: int

    class Meta:
        table = "ledger_transaction"


class LedgerEntry(Model):
    """Money into (debit, above zero) or out of (credit, below zero) one account."""

    id = fields.BigIntField(primary_key=True)
    transaction: fields.ForeignKeyRelation[LedgerTransaction] = fields.ForeignKeyField(
        "settlement.LedgerTransaction",
        related_name="entries",
        on_delete=OnDelete.RESTRICT,
        db_index=True,
    )
    account: fields.ForeignKeyRelation[LedgerAccount] = fields.ForeignKeyField(
        "settlement.LedgerAccount", related_name="entries", on_delete=OnDelete.RESTRICT
    )
    currency = fields.CharField(max_length=3)
    amount_minor = fields.BigIntField()
    purpose = fields.CharField(max_length=20, description="What it is for: sale, commission, tax")
    order_id = fields.UUIDField(null=True, db_index=True)
    sub_order_id = fields.UUIDField(null=True)
    vendor_id = fields.UUIDField(null=True, description="Its account's, set by the database")

    transaction_id: UUID
    account_id: int

    class Meta:
        table = "ledger_entry"


class LedgerBalance(Model):
    """What has been debited and credited to a vendor's account, kept by the database itself."""

    account_id = fields.BigIntField(primary_key=True, generated=False)
    debits_minor = fields.BigIntField()
    credits_minor = fields.BigIntField()
    version = fields.BigIntField()

    class Meta:
        table = "ledger_balance"
