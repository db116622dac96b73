"""Book what moved from one vendor's sub-order to the one that replaces it, and what that cost."""

from datetime import date, datetime
from uuid import UUID

from marketplace.kit.money import share_done
from marketplace.kit.transactions import connection
from settlement import chart, ledger
from settlement.adjustments import penalising
from settlement.adjustments.models import Adjustment
from settlement.ledger import Entry, Kind, Purpose

_REROUTE = """
    SELECT order_id, from_sub_order_id, to_sub_order_id, currency, gross_minor
    FROM reroute WHERE id = $1
"""
# Whoever let the rules decide has agreed that the first vendor pays what a replacement costs more.
_COST = """
    SELECT reroute.id, reroute.difference_minor, reroute.gross_minor, reroute.currency,
        least(sent.total_minor, reroute.gross_minor) AS sent_minor, failed.vendor_id,
        sent.shipping_funding_minor + (SELECT sum(funding_minor) FROM order_line
            WHERE sub_order_id = sent.id)::bigint AS funded_minor,
        (SELECT coalesce(sum(funding_minor), 0)::bigint FROM refund_line
            WHERE sub_order_id = sent.id AND NOT is_earned) AS unfunded_minor,
        failed.number, sent.number AS sent_number, coalesce((
            SELECT actor FROM routing_change change
            JOIN routing_decision decision ON decision.rule_set_id = change.rule_set_id
            WHERE decision.sub_order_id = sent.id AND change.move IN ('activate', 'roll_out')
            ORDER BY change.at DESC LIMIT 1), 'system') AS agreed_by
    FROM reroute
    JOIN sub_order sent ON sent.id = reroute.to_sub_order_id
    JOIN sub_order failed ON failed.id = reroute.from_sub_order_id
    WHERE reroute.to_sub_order_id = $1 AND bearer = 'vendor' AND difference_minor > 0
"""
PROPOSER = "routing"


async def charge(*, sub_order_id: UUID, effective_date: date, now: datetime) -> None:
    """A replacement has left: who could not send it pays the difference, if the rules say so.

    Of units that moved on once more, the share is with them; what was given up before anything
    of it was earned has cost nothing more.
    """
    cost = await connection().fetchrow(_COST, sub_order_id)
    if cost is None or await Adjustment.exists(id=cost["id"]):
        return
    whole = cost["gross_minor"]
    due = cost["difference_minor"]
    if whole:
        due = share_done(due, cost["sent_minor"], whole)
    funded = cost["funded_minor"]
    if funded > 0:
        stays = min(max(funded - cost["unfunded_minor"], 0), funded)
        due = share_done(due, stays, funded)
    if due:
        await penalising.book_agreed(
            adjustment_id=cost["id"],
            vendor_id=cost["vendor_id"],
            currency=cost["currency"],
            amount_minor=due,
            note=f"{cost['number']}: {cost['sent_number']} was sent instead and cost more",
            proposed_by=PROPOSER,
            agreed_by=cost["agreed_by"],
            effective_date=effective_date,
            now=now,
        )


async def book_reroute(*, reroute_id: UUID, effective_date: date, now: datetime) -> None:
    """The customer's prepayment goes along; nobody has earned any of it yet."""
    moved = await connection().fetchrow(_REROUTE, reroute_id)
    assert moved is not None, reroute_id
    entries = [
        Entry(
            account=chart.CUSTOMER_PREPAYMENTS,
            amount_minor=amount,
            currency=moved["currency"],
            purpose=Purpose.PAYMENT,
            order_id=moved["order_id"],
            sub_order_id=moved[sub_order],
        )
        for sub_order, amount in (
            ("from_sub_order_id", moved["gross_minor"]),
            ("to_sub_order_id", -moved["gross_minor"]),
        )
    ]
    await ledger.post(
        kind=Kind.REROUTED,
        key=f"rerouted:{reroute_id}",
        effective_date=effective_date,
        source_type="sub_order",
        source_id=moved["to_sub_order_id"],
        entries=entries,
        now=now,
    )
