"""A vendor's own payouts: how much, how far, to which bank, and what became of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from marketplace.kit.errors import NotFound
from marketplace.kit.money import Money
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import transaction
from settlement.earnings.queries import own
from settlement.history.ordering import in_order
from settlement.payouts.models import PayoutState
from settlement.payouts.waiting import VENDOR_MUST_ACT

MAX_PAGE = 201

# Where it goes is where the account stood when it was made; what is still to be sent goes to
# the bank of today. Of an older bank account nothing is kept.
_PAYOUT = """
    SELECT payout.id, payout.amount_minor - payout.taken_back_minor AS amount_minor,
        payout.currency, payout.state, payout.created_at,
        statement.number AS statement_number, payout.arrival_date, payout.trace_id,
        payout.failure_code, payout.next_attempt_at, payout.paid_at, payout.final_at,
        bank.bank_name, bank.bank_last4
    FROM payout JOIN statement ON statement.id = payout.statement_id
    LEFT JOIN connected_account bank ON bank.vendor_id = payout.vendor_id
        AND (bank.bank_changed_at IS NULL OR bank.bank_changed_at <= payout.created_at
            OR payout.state IN ('draft', 'approved', 'reserved', 'transferred'))
"""
_ONE = f"{_PAYOUT} WHERE payout.vendor_id = $1 AND payout.id = $2"
_PAGE = f"""{_PAYOUT}
    WHERE payout.vendor_id = $1 AND ($2::uuid IS NULL OR payout.id < $2)
        AND ($3::uuid IS NULL OR payout.id > $3)
    ORDER BY CASE WHEN $3::uuid IS NULL THEN payout.id END DESC, payout.id LIMIT $4
"""
# That a part was taken back is seen by the amount; why is between the people of finance.
_STORY = """
    SELECT from_state, to_state, reason, at FROM settlement_change
    WHERE subject = 'payout' AND subject_id = $1 AND move <> 'shorten' ORDER BY at
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPayout:
    """`trace_id` is what the vendor's bank finds it by; paid is certain from `final_at` on."""

    id: UUID
    amount: Money
    state: PayoutState
    created_at: datetime
    statement_number: int
    arrival_date: date | None
    trace_id: str | None
    failure_code: str | None
    next_attempt_at: datetime | None
    paid_at: datetime | None
    final_at: datetime | None
    bank_name: str | None
    bank_last4: str | None

    @property
    def has_failed(self) -> bool:
        return self.state in (PayoutState.FAILED, PayoutState.RETURNED)

    @property
    def needs_vendor(self) -> bool:
        """Whether it waits for another bank account: trying this one again would not help."""
        return self.has_failed and self.failure_code in VENDOR_MUST_ACT


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One move of its story; `reason` is there where somebody or the provider gave one."""

    state: PayoutState
    at: datetime
    reason: str | None


async def payouts(
    *,
    principal: Principal,
    vendor_id: UUID,
    after: UUID | None = None,
    before: UUID | None = None,
    limit: int,
) -> Sequence[OwnPayout]:
    """The newest first behind `after`; before one, the oldest first.

    Somebody else's vendor does not exist: NotFound.
    """
    own(principal, vendor_id)
    assert 1 <= limit <= MAX_PAGE, limit
    async with transaction(principal, read_only=True) as connection:
        rows = await connection.fetch(_PAGE, vendor_id, after, before, limit)
    return [_payout(row) for row in rows]


async def payout(
    *, principal: Principal, vendor_id: UUID, payout_id: UUID
) -> tuple[OwnPayout, Sequence[Step]]:
    """One with its story, the oldest step first. Somebody else's does not exist: NotFound."""
    own(principal, vendor_id)
    async with transaction(principal, read_only=True) as connection:
        row = await connection.fetchrow(_ONE, vendor_id, payout_id)
        if row is None:
            raise NotFound("payout")
        changes = await connection.fetch(_STORY, payout_id)
    story = [
        Step(state=PayoutState(change["to_state"]), at=change["at"], reason=change["reason"])
        for change in in_order(changes)
    ]
    return _payout(row), story


def _payout(row: Any) -> OwnPayout:
    fields = dict(row)
    amount = Money(fields.pop("amount_minor"), fields.pop("currency"))
    return OwnPayout(**{**fields, "state": PayoutState(row["state"])}, amount=amount)
