"""The other books as they were told to us: the provider's lines, and the bank's.

Kept as received and never edited: a run reads them, and so can the next one.
"""

from uuid import UUID

from tortoise import fields
from tortoise.fields import OnDelete

from marketplace.kit.model import Model

PLATFORM = "platform"  # `account` of what is the platform's own; else the provider's account id


class ProviderTransaction(Model):
    """A balance transaction: one line in the provider's book of one account, minor units."""

    id = fields.CharField(primary_key=True, max_length=80)
    account = fields.CharField(max_length=80, description="platform, or a connected account")
    vendor_id = fields.UUIDField(null=True, description="Whose connected account it is")
    type = fields.CharField(max_length=60)
    category = fields.CharField(max_length=60, description="The provider's reporting category")
    amount_minor = fields.BigIntField()
    fee_minor = fields.BigIntField()
    net_minor = fields.BigIntField(description="amount - fee: what the balance moved by")
    currency = fields.CharField(max_length=3)
    source_id = fields.CharField(max_length=80, null=True, description="The object it is about")
    related_id = fields.CharField(
        max_length=80, null=True, description="The object behind its source: a payment's transfer"
    )
    metadata = fields.JSONField[dict[str, str]](description="Of its source: our own ids")
    description = fields.CharField(max_length=500, null=True)
    exchange_rate = fields.CharField(max_length=40, null=True, description="As written")
    available_at = fields.DatetimeField()
    created_at = fields.DatetimeField(description="At the provider")
    pulled_at = fields.DatetimeField()

    class Meta:
        table = "provider_transaction"


class ProviderPayout(Model):
    """A payout as the provider last showed it, of the platform or of a connected account."""

    id = fields.CharField(primary_key=True, max_length=80)
    account = fields.CharField(max_length=80)
    vendor_id = fields.UUIDField(null=True)
    amount_minor = fields.BigIntField()
    currency = fields.CharField(max_length=3)
    status = fields.CharField(max_length=20, description="The provider's own word")
    arrival_date = fields.DateField()
    trace_id = fields.CharField(max_length=120, null=True)
    failure_code = fields.CharField(max_length=80, null=True)
    metadata = fields.JSONField[dict[str, str]]()
    created_at = fields.DatetimeField()
    pulled_at = fields.DatetimeField()

    class Meta:
        table = "provider_payout"


class ProviderBalance(Model):
    """What the provider said an account holds at one moment, minor units."""

    id = fields.UUIDField(primary_key=True)
    account = fields.CharField(max_length=80)
    vendor_id = fields.UUIDField(null=True)
    currency = fields.CharField(max_length=3)
    available_minor = fields.BigIntField()
    pending_minor = fields.BigIntField()
    reserved_minor = fields.BigIntField(default=0, description="Held for connected accounts")
    taken_at = fields.DatetimeField()

    class Meta:
        table = "provider_balance"
        unique_together = (("account", "currency", "taken_at"),)


class PullCursor(Model):
    """How far an account's lines have been read; the next pull begins three days before."""

    account = fields.CharField(primary_key=True, max_length=80)
    vendor_id = fields.UUIDField(null=True)
    read_until = fields.DatetimeField()
    pulled_at = fields.DatetimeField()

    class Meta:
        table = "pull_cursor"


class BankAccount(Model):
    """A bank account of the platform's own."""

    id = fields.UUIDField(primary_key=True)
    code = fields.CharField(max_length=40, unique=True, description="For commands and addresses")
    name = fields.CharField(max_length=120)
    identification = fields.CharField(max_length=40, description="IBAN or number, no blanks")
    currency = fields.CharField(max_length=3)
    csv_map = fields.TextField(null=True, description="How its CSV is read, JSON")
    created_at = fields.DatetimeField()

    class Meta:
        table = "bank_account"
        unique_together = (("identification", "currency"),)


class BankFile(Model):
    """A file as it came, byte for byte."""

    id = fields.UUIDField(primary_key=True)
    bank_account: fields.ForeignKeyRelation[BankAccount] = fields.ForeignKeyField(
        "settlement.BankAccount", related_name="files", on_delete=OnDelete.RESTRICT
    )
    sha256 = fields.CharField(max_length=64, unique=True)
    filename = fields.CharField(max_length=200)
    format = fields.CharField(max_length=20)
    importer = fields.IntField(description="Version of the code that read it")
    data = fields.BinaryField()
    lines = fields.IntField(description="Bookings in it")
    new_lines = fields.IntField(description="Of those, not known before")
    imported_by = fields.CharField(max_length=60)
    imported_at = fields.DatetimeField()

    bank_account_id: UUID

    class Meta:
        table = "bank_file"


class BankStatement(Model):
    """One statement of a file: what the bank says the account held, minor units."""

    id = fields.UUIDField(primary_key=True)
    file: fields.ForeignKeyRelation[BankFile] = fields.ForeignKeyField(
        "settlement.BankFile", related_name="statements", on_delete=OnDelete.RESTRICT
    )
    bank_account_id = fields.UUIDField()
    number = fields.CharField(max_length=80)
    opens_on = fields.DateField(null=True)
    opening_minor = fields.BigIntField(null=True)
    closes_on = fields.DateField(null=True)
    closing_minor = fields.BigIntField(null=True)

    file_id: UUID

    class Meta:
        table = "bank_statement"


class BankLine(Model):
    """A booking at the bank, above zero when the account gained."""

    id = fields.UUIDField(primary_key=True)
    bank_account_id = fields.UUIDField()
    file: fields.ForeignKeyRelation[BankFile] = fields.ForeignKeyField(
        "settlement.BankFile", related_name="bookings", on_delete=OnDelete.RESTRICT, db_index=True
    )
    reference = fields.CharField(max_length=140, description="The bank's own; empty where none")
    end_to_end = fields.CharField(max_length=140, null=True)
    booked_on = fields.DateField()
    amount_minor = fields.BigIntField()
    currency = fields.CharField(max_length=3)
    running = fields.IntField(description="0, 1, 2 … among equal lines of a day")
    text = fields.CharField(max_length=500)
    counterparty = fields.CharField(max_length=200, null=True)
    statement_id = fields.UUIDField(null=True)
    value_on = fields.DateField(null=True)
    is_reversal = fields.BooleanField(
        default=False, db_default=False, description="The bank takes an earlier booking back"
    )

    file_id: UUID

    class Meta:
        table = "bank_line"
        unique_together = (
            ("bank_account_id", "reference", "booked_on", "amount_minor", "running"),
        )


class ProviderFeeRate(Model):
    """What the provider should take of a charge from a moment on, as its contract says."""

    id = fields.UUIDField(primary_key=True)
    currency = fields.CharField(max_length=3)
    rate_ppm = fields.IntField(description="Of what is charged, millionths")
    fixed_minor = fields.BigIntField(description="For each charge, minor units")
    valid_from = fields.DatetimeField()
    set_by = fields.CharField(max_length=60)

    class Meta:
        table = "provider_fee_rate"
        unique_together = (("currency", "valid_from"),)


class RunRequest(Model):
    """A comparison that a person asked for: the worker makes it, and says here how far it is."""

    id = fields.UUIDField(primary_key=True)
    until = fields.DateField(description="The last day to look at, UTC")
    asked_by = fields.CharField(max_length=60)
    asked_at = fields.DatetimeField()
    begun_at = fields.DatetimeField(null=True, description="By who works on it now")
    step = fields.IntField(description="Of running.STEPS, those that are done")
    count = fields.IntField(null=True, description="What the last step came to")
    finished_at = fields.DatetimeField(null=True)
    run_id = fields.UUIDField(null=True, description="None of one that broke")

    class Meta:
        table = "run_request"
