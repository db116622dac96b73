"""What sales and refunds came to, one sum per currency: the books beside the core's own rows.

What is done with vendors' money afterwards (payouts, disputes, adjustments) is in none of these
but the trial balance.
"""

from dataclasses import dataclass
from typing import Any

# Credits above zero; the core's captures and refunds stand beside what the ledger says of them.
_TOTALS = """
    SELECT currency,
        coalesce(sum(-amount) FILTER (WHERE code IN ('2110', '2120')), 0)::bigint
            AS vendor_net,
        coalesce(sum(-amount) FILTER (WHERE code = '4110'), 0)::bigint AS commission,
        coalesce(sum(-amount) FILTER (WHERE code = '2220'), 0)::bigint AS commission_vat,
        coalesce(sum(-amount) FILTER (WHERE code = '2210'), 0)::bigint AS tax,
        coalesce(sum(amount) FILTER (WHERE code = '6110'), 0)::bigint AS discounts,
        coalesce(sum(-amount) FILTER (WHERE code = '2010'), 0)::bigint AS prepaid,
        coalesce(sum(-amount) FILTER (WHERE code = '2020'), 0)::bigint AS owed_back,
        coalesce(sum(amount) FILTER (WHERE code = '6210'), 0)::bigint AS provider_fees,
        coalesce(sum(amount), 0)::bigint AS difference,
        (SELECT coalesce(sum(amount_minor), 0)::bigint FROM capture
            WHERE capture.currency = booked.currency) AS captured,
        (SELECT coalesce(sum(amount_minor), 0)::bigint FROM refund
            WHERE refund.currency = booked.currency
                AND state IN ('succeeded', 'settled')) AS refunded
    FROM (
        SELECT account.currency, sum(entry.amount_minor) AS amount,
            CASE WHEN posting.kind IN ('capture', 'provider_fee', 'earning', 'refund',
                'refund_owed', 'refund_resent', 'refund_returned') THEN account.code END AS code
        FROM ledger_entry entry
        JOIN ledger_transaction posting ON posting.id = entry.transaction_id
        JOIN ledger_account account ON account.id = entry.account_id
        GROUP BY 1, 3
    ) booked
    GROUP BY currency ORDER BY currency
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Minor units. `difference` is the trial balance, which is zero or the books are wrong.

    Once the ledger has heard all news: captured - refunded = vendor_net + commission +
    commission_vat + tax - discounts + prepaid + owed_back.
    """

    currency: str
    captured: int
    refunded: int
    vendor_net: int
    commission: int
    commission_vat: int
    tax: int
    discounts: int
    prepaid: int
    owed_back: int
    provider_fees: int
    difference: int

    @property
    def unexplained(self) -> int:
        """What came in and is in nobody's account; zero once all news is heard."""
        received = self.vendor_net + self.commission + self.commission_vat + self.tax
        held = self.prepaid + self.owed_back
        return self.captured - self.refunded - (received - self.discounts + held)


async def totals(connection: Any) -> list[Totals]:
    """One for each currency in the books. Needs the scope of all rows; reads only."""
    return [Totals(**row) for row in await connection.fetch(_TOTALS)]
