"""What came of a replay, as our own database tells it."""

import json
from decimal import Decimal

from marketplace.kit.money import Money
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from marketplace_runtime.replaying.preparing import CURRENCY
from settlement import chart

Figures = dict[str, int | Decimal | bool]

_COUNTS = """
    SELECT (SELECT count(*) FROM orders) AS orders,
        (SELECT count(*) FROM sub_order) AS sub_orders,
        (SELECT coalesce(sum(quantity), 0)::bigint FROM order_line) AS items,
        (SELECT coalesce(sum(items_minor), 0)::bigint FROM order_line) AS items_total,
        (SELECT coalesce(sum(shipping_gross_minor), 0)::bigint FROM sub_order) AS freight_total,
        (SELECT coalesce(sum(quantity), 0)::bigint FROM order_line JOIN sla_clock
            ON sla_clock.subject_id = order_line.sub_order_id
            AND sla_clock.kind = 'ship_by' AND sla_clock.state = 'breached'
            AND sla_clock.superseded_at IS NULL) AS late_items,
        (SELECT count(DISTINCT vendor_id) FROM sub_order) AS vendors,
        (SELECT count(*) FROM reconciliation_break
            WHERE state IN ('open', 'investigating', 'proposed')) AS breaks
"""
_PAYMENTS = """
    SELECT coalesce(sum(captured_minor), 0)::bigint AS captured,
        coalesce(sum(refunded_minor), 0)::bigint AS refunded
    FROM payment
"""
# A credit is money that somebody was given: below zero in the books, above zero here.
_BOOKS = """
    SELECT coalesce(-sum(amount_minor) FILTER (WHERE code = ANY($1)), 0)::bigint AS still_owed,
        coalesce(-sum(amount_minor) FILTER (WHERE code = $2), 0)::bigint AS reserve,
        coalesce(-sum(amount_minor) FILTER (WHERE code = $3), 0)::bigint AS commission,
        coalesce(-sum(amount_minor) FILTER (WHERE code = $4), 0)::bigint AS commission_vat,
        coalesce(-sum(amount_minor) FILTER (WHERE code = $5), 0)::bigint AS tax,
        coalesce(sum(amount_minor) FILTER (WHERE code = $6), 0)::bigint AS platform_funding,
        coalesce(sum(amount_minor), 0)::bigint AS ledger_difference
    FROM ledger_entry JOIN ledger_account ON ledger_account.id = ledger_entry.account_id
"""
_PAYOUTS = """
    SELECT count(*) AS payouts,
        coalesce(sum(amount_minor - taken_back_minor), 0)::bigint AS paid_out
    FROM payout WHERE state = 'paid'
"""
OWED = (
    chart.VENDOR_PENDING_CODE,
    chart.VENDOR_AVAILABLE_CODE,
    chart.VENDOR_IN_PROGRESS_CODE,
    chart.VENDOR_ON_HOLD_CODE,
)
MONEY = ("items_total", "freight_total", "paid_out")


async def compute() -> Figures:
    """The counts, the money in whole units, and whether what was paid went somewhere known."""
    async with transaction(SYSTEM, read_only=True):
        counts = dict(await connection().fetchrow(_COUNTS))
        counts |= dict(await connection().fetchrow(_PAYOUTS))
        paid = dict(await connection().fetchrow(_PAYMENTS))
        books = dict(
            await connection().fetchrow(
                _BOOKS,
                OWED,
                chart.VENDOR_RESERVE_CODE,
                chart.COMMISSION.code,
                chart.COMMISSION_VAT.code,
                chart.FACILITATED_TAX.code,
                chart.PLATFORM_DISCOUNTS.code,
            )
        )
    books["vendor_net"] = counts["paid_out"] + books["still_owed"] + books["reserve"]
    given = sum(books[name] for name in ("vendor_net", "commission", "commission_vat", "tax"))
    figures: Figures = {
        name: _amount(value) if name in MONEY else value for name, value in counts.items()
    }
    figures |= {name: _amount(value) for name, value in {**paid, **books}.items()}
    figures["balances"] = paid["captured"] - paid["refunded"] == given - books["platform_funding"]
    return figures


def as_json(figures: Figures) -> str:
    """Amounts keep their two digits, which a float would not promise."""
    lines = (
        f"  {json.dumps(name)}: {value if isinstance(value, Decimal) else json.dumps(value)}"
        for name, value in figures.items()
    )
    return "{\n" + ",\n".join(lines) + "\n}"


def _amount(minor: int) -> Decimal:
    return Money(minor, CURRENCY).amount
