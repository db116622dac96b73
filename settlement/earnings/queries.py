"""Where a vendor's money is, and when it comes: balances per currency, and what they will be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from marketplace.kit.errors import NotFound
from marketplace.kit.money import Money
from marketplace.kit.principal import Kind, Principal
from marketplace.kit.transactions import transaction

# Paid is what payouts took out of what was in progress, less what came back from the bank.
_BALANCES = """
    SELECT account.currency, account.vendor_id,
        coalesce(sum(kept) FILTER (WHERE code = '2110'), 0)::bigint AS pending,
        coalesce(sum(kept) FILTER (WHERE code = '2120'), 0)::bigint AS available,
        coalesce(sum(kept) FILTER (WHERE code = '2130'), 0)::bigint AS reserve,
        coalesce(sum(kept) FILTER (WHERE code = '2150'), 0)::bigint AS on_hold,
        coalesce(sum(kept) FILTER (WHERE code = '2140'), 0)::bigint AS in_progress,
        coalesce(sum(paid) FILTER (WHERE code = '2140'), 0)::bigint AS paid
    FROM ledger_account account
    JOIN LATERAL (SELECT credits_minor - debits_minor AS kept FROM ledger_balance
        WHERE account_id = account.id) balance ON true
    LEFT JOIN LATERAL (SELECT sum(entry.amount_minor) AS paid FROM ledger_entry entry
        JOIN ledger_transaction booked ON booked.id = entry.transaction_id
        WHERE entry.account_id = account.id AND account.code = '2140'
            AND booked.kind IN ('payout_paid', 'payout_returned')) left_us ON true
    WHERE account.vendor_id = $1 AND account.code IN ('2110', '2120', '2130', '2140', '2150')
    GROUP BY account.currency, account.vendor_id ORDER BY account.currency
"""
# On the vendor's day after the one that ends the wait; what should have come already comes today.
_COMING = """
    WITH coming AS (
        SELECT earning.currency, earning.matures_at AS at, (
            SELECT coalesce(-sum(entry.amount_minor), 0) FROM ledger_entry entry
            JOIN ledger_account account ON account.id = entry.account_id
            WHERE entry.sub_order_id = earning.sub_order_id AND account.code = '2110') AS matures,
            0 AS released
        FROM earning WHERE earning.vendor_id = $1 AND earning.state = 'pending'
        UNION ALL
        SELECT hold.currency, CASE earning.state
            WHEN 'pending' THEN greatest(hold.release_at, earning.matures_at)
            ELSE hold.release_at END,
            0, hold.amount_minor - hold.released_minor - hold.used_minor
        FROM reserve_hold hold JOIN earning USING (sub_order_id)
        WHERE hold.vendor_id = $1 AND hold.released_minor + hold.used_minor < hold.amount_minor
    )
    SELECT (greatest(at, $2) AT TIME ZONE vendor.time_zone)::date AS day, currency,
        sum(matures)::bigint AS matures, sum(released)::bigint AS released
    FROM coming CROSS JOIN vendor WHERE vendor.id = $1
        AND (greatest(at, $2) AT TIME ZONE vendor.time_zone)::date <= $3
    GROUP BY 1, 2 HAVING sum(matures) <> 0 OR sum(released) <> 0 ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """A vendor's money in one currency; below zero the vendor owes it.

    `pending` waits for returns, `available` for the next payout, `reserve` for refunds to come,
    `on_hold` for an answer, `in_progress` is on its way. `paid` has left us for its bank.
    """

    currency: str
    pending: Money
    available: Money
    reserve: Money
    on_hold: Money
    in_progress: Money
    paid: Money

    @property
    def kept(self) -> Money:
        """What we still have of the vendor's."""
        waiting = self.pending + self.available + self.reserve
        return waiting + self.on_hold + self.in_progress

    @property
    def total(self) -> Money:
        """All the vendor ever got or is to get: what its story adds up to."""
        return self.kept + self.paid


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """What becomes available on one of the vendor's days, if nothing comes in between."""

    day: date
    currency: str
    matures: Money
    released: Money


async def balances(*, principal: Principal, vendor_id: UUID) -> list[Balance]:
    """One for each currency that the vendor has ever earned in; none before the first sale.

    Somebody else's vendor does not exist: NotFound.
    """
    own(principal, vendor_id)
    async with transaction(principal) as connection:
        rows = await connection.fetch(_BALANCES, vendor_id)
    return [
        Balance(
            currency=row["currency"],
            **{
                name: Money(row[name], row["currency"])
                for name in ("pending", "available", "reserve", "on_hold", "in_progress", "paid")
            },
        )
        for row in rows
    ]


async def upcoming(
    *, principal: Principal, vendor_id: UUID, until: date, now: datetime
) -> Sequence[Coming]:
    """Maturities and reserve releases by the vendor's day and currency, from today to `until`."""
    own(principal, vendor_id)
    async with transaction(principal) as connection:
        rows = await connection.fetch(_COMING, vendor_id, now, until)
    return [
        Coming(
            day=row["day"],
            currency=row["currency"],
            matures=Money(row["matures"], row["currency"]),
            released=Money(row["released"], row["currency"]),
        )
        for row in rows
    ]


async def available_on(
    *, principal: Principal, vendor_id: UUID, day: date, now: datetime
) -> dict[str, Money]:
    """What is available on a day to come, by currency, if nothing is sold, refunded or paid."""
    found = {
        balance.currency: balance.available
        for balance in await balances(principal=principal, vendor_id=vendor_id)
    }
    for coming in await upcoming(principal=principal, vendor_id=vendor_id, until=day, now=now):
        found[coming.currency] += coming.matures + coming.released
    return found


def own(principal: Principal, vendor_id: UUID) -> None:
    """Refuses another vendor's money: it does not exist."""
    platform = principal.kind in (Kind.STAFF, Kind.SYSTEM)
    if not platform and principal.vendor_id != vendor_id:
        raise NotFound(thing="vendor")
