"""What comparing the books comes to, in plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from settlement.reconciliation.run_models import BreakCode


class Pass(StrEnum):
    EXACT = "exact"
    GROUP = "group"
    FEES = "fees"


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    key: str
    passed: Pass
    rule: str
    confidence: int
    items: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Bookings at the bank that are payouts of ours: their money has arrived.

    Or, where it `takes_back` such a booking, one that says that it has not.
    """

    lines: Sequence[str]
    payouts: Sequence[str]
    rule: str
    takes_back: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A difference. `amount_minor` is theirs less ours; `suggestion` is an item it may go with."""

    key: str
    code: BreakCode
    account: str
    currency: str
    amount_minor: int
    detail: str
    items: Sequence[str]
    day: date
    subject: str | None = None
    suggestion: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """closing - ledger = breaks + timing, and what they state is closing: then it is proven."""

    account: str
    code: str
    vendor_id: str | None
    currency: str
    opening_minor: int
    moved_minor: int
    closing_minor: int
    stated_minor: int | None
    ledger_minor: int
    breaks_minor: int
    timing_minor: int
    explained_by: Mapping[str, int]
    is_proven: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    matches: Sequence[Match] = field(default_factory=list)
    links: Sequence[Link] = field(default_factory=list)
    findings: Sequence[Finding] = field(default_factory=list)
    proofs: Sequence[Proof] = field(default_factory=list)
