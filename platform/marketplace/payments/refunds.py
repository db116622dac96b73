"""Money on its way back: claimed when asked for, so that it is never promised twice."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from marketplace.kit.ids import new_id
from marketplace.kit.money import Money
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import connection
from marketplace.payments import history
from marketplace.payments.errors import RefundExceedsCapture
from marketplace.payments.events import (
    RefundEvent,
    RefundFailed,
    RefundPending,
    RefundRequested,
    RefundRetried,
    RefundSettled,
    RefundSubmitting,
    RefundSucceeded,
)
from marketplace.payments.locking import lock_payment
from marketplace.payments.models import Payment, PaymentAllocation, Refund, RefundLine, RefundState
from marketplace.payments.states import REFUND, RefundMove

EVENTS: dict[RefundMove, type[RefundEvent]] = {
    RefundMove.SUBMIT: RefundSubmitting,
    RefundMove.PEND: RefundPending,
    RefundMove.SUCCEED: RefundSucceeded,
    RefundMove.FAIL: RefundFailed,
    RefundMove.RETRY: RefundRetried,
    RefundMove.SETTLE: RefundSettled,
}
# How often a refund's amount is added to what is claimed and to what is refunded of its payment.
COUNTED = {
    RefundState.REQUESTED: (1, 0),
    RefundState.SUBMITTING: (1, 0),
    RefundState.PENDING: (1, 0),
    RefundState.SUCCEEDED: (0, 1),
    RefundState.FAILED: (0, 0),
    RefundState.SETTLED: (0, 1),
}
_OPEN = """
    INSERT INTO refund (id, payment_id, order_id, state, amount_minor, currency, reason,
        requested_by, requested_at)
    VALUES ($1, $2, $3, 'requested', $4, $5, $6, $7, $8)
"""
_ADD_LINES = """
    INSERT INTO refund_line (refund_id, id, sub_order_id, line_id, quantity, is_earned,
        gross_minor, tax_minor, funding_minor, vendor_minor, commission_minor,
        commission_vat_minor)
    SELECT $1, * FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::int[], $6::bool[],
        $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[])
"""
OVER = frozenset({RefundState.SUCCEEDED, RefundState.FAILED, RefundState.SETTLED})
# $2 and $3 say how often the refund's amounts are added: to what is claimed, to what is refunded.
_COUNT = """
    WITH part AS (
        SELECT sub_order_id, sum(gross_minor)::bigint AS minor FROM refund_line
        WHERE refund_id = $1 GROUP BY sub_order_id
    ), allocated AS (
        UPDATE payment_allocation SET
            refund_claimed_minor = refund_claimed_minor + $2::int * part.minor,
            refunded_minor = refunded_minor + $3::int * part.minor
        FROM part WHERE payment_allocation.sub_order_id = part.sub_order_id
    )
    UPDATE payment SET
        refund_claimed_minor = refund_claimed_minor + $2::int * refund.amount_minor,
        refunded_minor = payment.refunded_minor + $3::int * refund.amount_minor
    FROM refund WHERE refund.id = $1 AND payment.id = refund.payment_id
"""
_MOVE = """
    UPDATE refund SET state = $2, failure_message = $4, finished_at = $5, generation = $6,
        provider_refund_id = CASE generation WHEN $6 THEN coalesce($3, provider_refund_id) END
    WHERE id = $1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundPart:
    """What goes back of one line, or of a sub-order's shipping (no line, quantity 0).

    Minor units. gross + funding = vendor + the tax the platform is liable for.
    """

    sub_order_id: UUID
    line_id: UUID | None
    quantity: int
    is_earned: bool
    gross_minor: int
    tax_minor: int
    funding_minor: int
    vendor_minor: int
    commission_minor: int
    commission_vat_minor: int


async def open_refund(
    *,
    refund_id: UUID,
    order_id: UUID,
    parts: Sequence[RefundPart],
    reason: str,
    by: Principal,
    now: datetime,
    even_if_disputed: bool = False,
) -> None:
    """Claim the amounts and write the refund; it is sent to the provider after commit.

    The caller is in a transaction that sees the platform's rows and holds the order's lock.
    Refuses RefundExceedsCapture per sub-order. `even_if_disputed`: what a bank has taken back may
    be asked for too; the provider decides, and what it refuses stays owed.
    """
    payment = await lock_payment(order_id)
    amount = sum(part.gross_minor for part in parts)
    await check_available(payment, parts, even_if_disputed=even_if_disputed)

    kept = reason[: history.REASON_KEPT]
    await connection().execute(
        _OPEN, refund_id, payment.id, order_id, amount, payment.currency, kept, by.key, now
    )
    await _add_lines(refund_id, parts, now=now)
    await connection().execute(_COUNT, refund_id, 1, 0)
    await history.keep(
        RefundRequested(order_id=order_id, refund_id=refund_id),
        before=None,
        after=REFUND.start,
        move=RefundMove.REQUEST,
        actor=by.key,
        reason=reason,
        now=now,
    )


async def move(
    refund: Refund,
    wanted: RefundMove,
    *,
    actor: str,
    now: datetime,
    provider_refund_id: str | None = None,
    failure: str | None = None,
    reason: str | None = None,
) -> None:
    """Move a refund whose order and payment are locked; the amounts follow in the same breath."""
    before = refund.state
    refund.state = RefundState(REFUND.after(before, wanted))
    if wanted is RefundMove.RETRY:
        refund.generation += 1
    finished_at = now if refund.state in OVER else None
    await connection().execute(
        _MOVE, refund.id, refund.state, provider_refund_id, failure, finished_at, refund.generation
    )
    (claimed, refunded), (claims, refunds) = COUNTED[before], COUNTED[refund.state]
    if (claimed, refunded) != (claims, refunds):
        await connection().execute(_COUNT, refund.id, claims - claimed, refunds - refunded)
    event = EVENTS[wanted]
    await history.keep(
        event(order_id=refund.order_id, refund_id=refund.id, generation=refund.generation),
        before=before,
        after=refund.state,
        move=wanted,
        actor=actor,
        reason=reason or failure,
        now=now,
    )


async def check_available(
    payment: Payment, parts: Iterable[RefundPart | RefundLine], *, even_if_disputed: bool = False
) -> None:
    """Refuses RefundExceedsCapture where more would go back of a sub-order than there is."""
    asked: Counter[UUID] = Counter()
    for part in parts:
        asked[part.sub_order_id] += part.gross_minor
    allocations = await PaymentAllocation.filter(payment_id=payment.id).only(
        "sub_order_id", "captured_minor", "refund_claimed_minor", "refunded_minor",
        "disputed_minor",
    )  # fmt: skip
    available = {
        share.sub_order_id: share.captured_minor
        - share.refund_claimed_minor
        - share.refunded_minor
        - (0 if even_if_disputed else share.disputed_minor)
        for share in allocations
    }
    for sub_order_id, minor in asked.items():
        if minor > available[sub_order_id]:
            raise RefundExceedsCapture(
                asked=Money(minor, payment.currency),
                available=Money(available[sub_order_id], payment.currency),
            )


async def _add_lines(refund_id: UUID, parts: Sequence[RefundPart], *, now: datetime) -> None:
    await connection().execute(
        _ADD_LINES,
        refund_id,
        [new_id(now) for _ in parts],
        [part.sub_order_id for part in parts],
        [part.line_id for part in parts],
        [part.quantity for part in parts],
        [part.is_earned for part in parts],
        [part.gross_minor for part in parts],
        [part.tax_minor for part in parts],
        [part.funding_minor for part in parts],
        [part.vendor_minor for part in parts],
        [part.commission_minor for part in parts],
        [part.commission_vat_minor for part in parts],
    )
