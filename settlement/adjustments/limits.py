"""What the books have for an adjustment: asked when proposed, and again when approved."""

from marketplace.kit import locks
from marketplace.kit.errors import NotFound
from marketplace.kit.money import Money
from marketplace.kit.transactions import connection
from marketplace.payments.models import Refund
from marketplace.payments.states import REFUND, RefundMove
from settlement import chart, ledger
from settlement.adjustments.errors import MoreThanThereIs, NotReversible, PeriodClosed
from settlement.adjustments.models import Adjustment, AdjustmentKind
from settlement.chart import Account
from settlement.disputes.models import Dispute
from settlement.ledger import Kind

# Made by hand or by reconciliation; everything else is corrected by what made it.
REVERSIBLE = frozenset({
    Kind.ADJUSTMENT, Kind.CURRENCY, Kind.PROVIDER_RESERVE, Kind.SUSPENSE, Kind.BANK,
    Kind.PLATFORM_PAYOUT,
})  # fmt: skip
# A month that nothing was dated in before is closed too when a later one is.
_CLOSED = "SELECT EXISTS (SELECT 1 FROM accounting_period WHERE status = 'closed' AND ends >= $1)"
_POSTING = """
    SELECT posting.kind, adjustment.kind AS adjusted, EXISTS (SELECT 1 FROM ledger_transaction other
        WHERE other.reverses_id = posting.id) AS is_reversed
    FROM ledger_transaction posting LEFT JOIN adjustment ON adjustment.id = posting.source_id
    WHERE posting.id = $1
"""
_SUM = """
    SELECT currency, sum(greatest(amount_minor, 0))::bigint AS minor FROM ledger_entry
    WHERE transaction_id = $1 GROUP BY currency ORDER BY currency LIMIT 1
"""
_BALANCE = """
    SELECT coalesce(sum(entry.amount_minor), 0)::bigint FROM ledger_entry entry
    JOIN ledger_account account ON account.id = entry.account_id
    WHERE account.code = $1 AND account.vendor_id IS NULL AND account.currency = $2
"""
_RECHARGED = """
    SELECT coalesce(sum(amount_minor), 0)::bigint FROM adjustment
    WHERE dispute_id = $1 AND state = 'posted' AND NOT EXISTS (
        SELECT 1 FROM ledger_transaction posting JOIN ledger_transaction back
            ON back.reverses_id = posting.id WHERE posting.source_id = adjustment.id)
"""


async def check(adjustment: Adjustment) -> None:
    """Refuses a closed month, and more than the books have of it. Holds what it looked at.

    A write-off finds the receivable it writes off; what clears suspense finds it there; a refund
    paid otherwise has failed; a dispute's fee is charged on once; a posting is reversed once.
    """
    if await connection().fetchval(_CLOSED, adjustment.effective_date):
        raise PeriodClosed(adjustment.effective_date)
    vendor_id, kind = adjustment.vendor_id, adjustment.kind
    if kind is AdjustmentKind.VENDOR_RECEIVABLE:
        assert vendor_id is not None
        owed = -await ledger.hold_balance(chart.vendor_available(vendor_id), adjustment.currency)
        _within(adjustment, "what the vendor owes", owed)
    elif kind is AdjustmentKind.WRITE_OFF:
        assert vendor_id is not None
        due = await ledger.hold_balance(chart.vendor_receivable(vendor_id), adjustment.currency)
        _within(adjustment, "what the vendor owes us", due)
    elif kind is AdjustmentKind.SUSPENSE_CLEARED:
        await _check_suspense(adjustment)
    elif kind is AdjustmentKind.PROVIDER_RESERVE_RELEASED:
        held = await _balance(chart.PROVIDER_RESERVED, adjustment.currency)
        _within(adjustment, "what the provider holds back", held)
    elif kind is AdjustmentKind.REFUND_PAID_OTHERWISE:
        refund = await Refund.get(id=adjustment.refund_id)
        REFUND.after(refund.state, RefundMove.SETTLE)
    elif kind is AdjustmentKind.DISPUTE_FEE_RECHARGE:
        await _check_dispute_fee(adjustment)
    elif kind is AdjustmentKind.REVERSAL:
        await _check_reversal(adjustment)


async def reversed_sum(adjustment: Adjustment) -> tuple[str, int]:
    """What the posting to reverse moves, for showing it: its first currency and its debits."""
    row = await connection().fetchrow(_SUM, adjustment.reverses_id)
    if row is None:
        raise NotFound("posting")
    return row["currency"], row["minor"]


async def _check_suspense(adjustment: Adjustment) -> None:
    """No more than lies there, and from the side that it lies on."""
    await locks.hold(f"suspense:{adjustment.currency}")
    lies = await _balance(chart.SUSPENSE, adjustment.currency)
    sign = 1 if lies >= 0 else -1
    if not 0 < sign * adjustment.amount_minor <= sign * lies:
        raise MoreThanThereIs(
            what="what lies in suspense",
            asked=Money(adjustment.amount_minor, adjustment.currency),
            left=Money(lies, adjustment.currency),
        )


async def _check_dispute_fee(adjustment: Adjustment) -> None:
    dispute = await Dispute.select_for_update().get_or_none(id=adjustment.dispute_id)
    vendors = {share.vendor_id for share in await dispute.shares.all()} if dispute else set()
    if dispute is None or adjustment.vendor_id not in vendors:
        raise NotFound("dispute")
    left = 0
    if dispute.currency == adjustment.currency:
        left = dispute.fee_minor - await connection().fetchval(_RECHARGED, dispute.id)
    _within(adjustment, "what is left of the dispute's fee", left)


async def _check_reversal(adjustment: Adjustment) -> None:
    await locks.hold(f"reverse:{adjustment.reverses_id}")
    row = await connection().fetchrow(_POSTING, adjustment.reverses_id)
    if row["is_reversed"]:
        raise NotReversible("it was reversed before")
    made_by_hand = row["adjusted"] not in (
        AdjustmentKind.REFUND_PAID_OTHERWISE, AdjustmentKind.REVERSAL
    )  # fmt: skip
    if Kind(row["kind"]) not in REVERSIBLE or not made_by_hand:
        raise NotReversible("what made it corrects it too")


async def _balance(account: Account, currency: str) -> int:
    """Debits less credits of an account of ours."""
    balance: int = await connection().fetchval(_BALANCE, account.code, currency)
    return balance


def _within(adjustment: Adjustment, what: str, left_minor: int) -> None:
    if adjustment.amount_minor > left_minor:
        raise MoreThanThereIs(
            what=what,
            asked=Money(adjustment.amount_minor, adjustment.currency),
            left=Money(max(left_minor, 0), adjustment.currency),
        )
