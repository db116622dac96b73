"""What reconciling found: runs, matches, breaks and what people did about them, proofs."""

from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.fields import OnDelete

from marketplace.kit.model import Model


class ReconciliationRun(Model):
    """One comparison of the books. Its inputs are kept whole, so that it can be done again."""

    id = fields.UUIDField(primary_key=True)
    number = fields.IntField(unique=True, description="1, 2, 3 … without gaps")
    until = fields.DateField(description="The last day it looked at, UTC")
    rules = fields.IntField(description="Version of the rules and the code")
    started_by = fields.CharField(max_length=60)
    started_at = fields.DatetimeField()
    inputs = fields.BinaryField(description="Canonical JSON, gzip")
    inputs_hash = fields.CharField(max_length=64)
    results_hash = fields.CharField(max_length=64)
    cursors = fields.JSONField[dict[str, str]](description="How far each account was read")
    files = fields.JSONField[list[str]](description="SHA-256 of each bank file known then")
    metrics = fields.JSONField[dict[str, int]]()

    class Meta:
        table = "reconciliation_run"


class ReconciliationAct(Model):
    """What needs no person is done for a run: without this row it is carried on."""

    run_id = fields.UUIDField(primary_key=True)
    done = fields.IntField(description="Things booked or asked for again")
    acted_at = fields.DatetimeField()

    class Meta:
        table = "reconciliation_act"


class ReconciliationMatch(Model):
    """Lines of several books that say the same, and how that was known."""

    id = fields.UUIDField(primary_key=True)
    run: fields.ForeignKeyRelation[ReconciliationRun] = fields.ForeignKeyField(
        "settlement.ReconciliationRun", related_name="matches", on_delete=OnDelete.RESTRICT
    )
    key = fields.CharField(max_length=200, db_index=True, description="What they have in common")
    passed = fields.CharField(max_length=20, description="The pass that found it")
    rule = fields.CharField(max_length=40)
    confidence = fields.IntField(description="Percent")
    matched_by = fields.CharField(max_length=60)
    matched_at = fields.DatetimeField()

    run_id: UUID

    class Meta:
        table = "reconciliation_match"


class MatchedItem(Model):
    """A line of one of the books, in the one match it belongs to."""

    item = fields.CharField(
        primary_key=True, max_length=120, description="ledger:, provider: or bank: and its id"
    )
    match: fields.ForeignKeyRelation[ReconciliationMatch] = fields.ForeignKeyField(
        "settlement.ReconciliationMatch",
        related_name="items",
        on_delete=OnDelete.RESTRICT,
        db_index=True,
    )

    match_id: UUID

    class Meta:
        table = "matched_item"


class BreakCode(StrEnum):
    """The taxonomy of differences; docs/reconciliation.md says what each means."""

    T1 = "T1"
    T2 = "T2"
    M1 = "M1"
    M2 = "M2"
    M3 = "M3"
    A1 = "A1"
    A2 = "A2"
    A3 = "A3"
    D1 = "D1"
    D2 = "D2"
    D3 = "D3"
    S1 = "S1"
    R1 = "R1"
    C1 = "C1"
    X1 = "X1"
    U1 = "U1"
    P1 = "P1"


class Severity(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class BreakState(StrEnum):
    OPEN = "open"
    INVESTIGATING = "investigating"
    PROPOSED = "proposed"
    RESOLVED = "resolved"
    WRITTEN_OFF = "written_off"
    FALSE_POSITIVE = "false_positive"


class Break(Model):
    """One difference between the books, from the run that first saw it until it has ended."""

    id = fields.UUIDField(primary_key=True)
    key = fields.CharField(max_length=200, description="The same difference, run after run")
    code = fields.CharEnumField(BreakCode, max_length=2)
    severity = fields.CharEnumField(Severity, max_length=6)
    state = fields.CharEnumField(BreakState, max_length=16)
    account = fields.CharField(max_length=80, description="Whose book it is about")
    amount_minor = fields.BigIntField(description="The other book less ours")
    currency = fields.CharField(max_length=3)
    detail = fields.CharField(max_length=300)
    vendor_id = fields.UUIDField(null=True)
    subject_type = fields.CharField(max_length=20, null=True, description="capture, payout …")
    subject_id = fields.UUIDField(null=True)
    items = fields.JSONField[list[str]](description="The lines on all sides, as in matched_item")
    suggestion = fields.CharField(
        max_length=300, null=True, description="Payouts that a bank line may be, by their ids"
    )
    happened_on = fields.DateField()
    first_run_id = fields.UUIDField()
    last_run_id = fields.UUIDField()
    first_seen_at = fields.DatetimeField()
    owner = fields.CharField(max_length=60, null=True)
    ended_at = fields.DatetimeField(null=True)
    ended_by = fields.CharField(max_length=60, null=True)
    ending = fields.CharField(max_length=200, null=True, description="How it ended, in words")

    class Meta:
        table = "reconciliation_break"


class BreakComment(Model):
    id = fields.UUIDField(primary_key=True)
    difference: fields.ForeignKeyRelation[Break] = fields.ForeignKeyField(
        "settlement.Break", related_name="comments", on_delete=OnDelete.RESTRICT, db_index=True
    )
    text = fields.CharField(max_length=1000)
    written_by = fields.CharField(max_length=60)
    written_at = fields.DatetimeField()

    difference_id: UUID

    class Meta:
        table = "break_comment"


class Remedy(StrEnum):
    """What can be done about a break."""

    ASK_AGAIN = "ask_again"
    BOOK = "book"
    REVERSE = "reverse"
    MATCH = "match"
    WRITE_OFF = "write_off"
    FALSE_POSITIVE = "false_positive"


class BreakProposal(Model):
    """What somebody wants done about a break; above a limit another person has to agree."""

    id = fields.UUIDField(primary_key=True)
    difference: fields.ForeignKeyRelation[Break] = fields.ForeignKeyField(
        "settlement.Break", related_name="proposals", on_delete=OnDelete.RESTRICT, db_index=True
    )
    remedy = fields.CharEnumField(Remedy, max_length=16)
    against = fields.CharField(
        max_length=120, null=True, description="Account of the chart, posting or item"
    )
    amount_minor = fields.BigIntField(description="Of the break, when it was proposed")
    note = fields.CharField(max_length=200)
    proposed_by = fields.CharField(max_length=60)
    proposed_at = fields.DatetimeField()
    decided_by = fields.CharField(max_length=60, null=True)
    decided_at = fields.DatetimeField(null=True)
    is_approved = fields.BooleanField(null=True)
    posting_id = fields.UUIDField(null=True, description="What it booked, if anything")

    difference_id: UUID

    class Meta:
        table = "break_proposal"


class CashProof(Model):
    """One account on one day: what moved, what the other side says, what we say. Minor units."""

    id = fields.UUIDField(primary_key=True)
    run_id = fields.UUIDField()
    day = fields.DateField()
    account = fields.CharField(
        max_length=80, description="platform, reserved, a connected account or a bank account's id"
    )
    code = fields.CharField(max_length=4, description="Our account of the chart")
    vendor_id = fields.UUIDField(null=True)
    currency = fields.CharField(max_length=3)
    opening_minor = fields.BigIntField(description="Their lines before the day")
    moved_minor = fields.BigIntField(description="Their lines of the day")
    closing_minor = fields.BigIntField()
    stated_minor = fields.BigIntField(null=True, description="What they say they hold")
    ledger_minor = fields.BigIntField(description="Our balance at the end of the day")
    breaks_minor = fields.BigIntField(description="Explained by open breaks")
    timing_minor = fields.BigIntField(description="Booked on the other side of midnight")
    explained_by = fields.JSONField[dict[str, int]](description="Amount by key")
    is_proven = fields.BooleanField()

    class Meta:
        table = "cash_proof"
        unique_together = (("run_id", "account", "currency", "code"),)


class ReconciliationPolicy(Model):
    """What people may do alone and what is too small to ask about, minor units."""

    currency = fields.CharField(primary_key=True, max_length=3)
    second_person_minor = fields.BigIntField(description="Above this another person agrees")
    fee_tolerance_minor = fields.BigIntField(description="Fee differences booked without asking")

    class Meta:
        table = "reconciliation_policy"
