"""Lines of the books in a few words, for tables."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from settlement.reconciliation import rules
from settlement.reconciliation.facts import Cash, Inputs, Item, PayoutFact
from settlement.reconciliation.sides import Side

TODAY = date(2026, 3, 20)  # a Friday


def ours(
    kind: str,
    amount: int,
    fee: int = 0,
    *,
    key: str = "ch_1",
    account: str = "platform",
    currency: str = "EUR",
    ago: int = 4,
    number: int = 1,
) -> Item:
    return Item(
        item=f"ledger:{key}-{kind}-{number}:{account}", side=Side.LEDGER, account=account, key=key,
        kind=kind, category="", currency=currency, amount_minor=amount, fee_minor=fee,
        day=TODAY - timedelta(days=ago), subject="capture:1",
    )  # fmt: skip


def theirs(
    kind: str,
    amount: int,
    fee: int = 0,
    *,
    key: str = "ch_1",
    account: str = "platform",
    currency: str = "EUR",
    ago: int = 4,
    number: int = 1,
    category: str | None = None,
    rival: str | None = None,
    rate: str | None = None,
) -> Item:
    return Item(
        item=f"provider:txn_{key}_{kind}_{number}_{account}", side=Side.PROVIDER, account=account,
        key=key, kind=kind, category=category or kind, currency=currency, amount_minor=amount,
        fee_minor=fee, day=TODAY - timedelta(days=ago), rival=rival, rate=rate,
    )  # fmt: skip


def booking(
    amount: int,
    words: str = "",
    *,
    number: int = 1,
    ago: int = 4,
    repeated: bool = False,
    reversal: bool = False,
    of: str | None = None,
) -> Item:
    return Item(
        item=f"bank:{number}", side=Side.BANK, account="main", key=f"line:{number}", kind="bank",
        category="", currency="EUR", amount_minor=amount, fee_minor=0,
        day=TODAY - timedelta(days=ago), words=words, is_repeated=repeated,
        is_reversal=reversal, subject=of,
    )  # fmt: skip


def on_its_way(amount: int, payout: str = "po_1") -> Item:
    sent = ours("platform_payout", amount, key=f"transit:{payout}", account="transit")
    return replace(sent, subject=None)


def payout(
    amount: int, payout_id: str = "po_1", *, arrived_ago: int = 4, trace: str | None = None,
    status: str = "paid",
) -> PayoutFact:  # fmt: skip
    return PayoutFact(
        payout_id=payout_id, account="platform", status=status, amount_minor=amount,
        currency="EUR", arrival=TODAY - timedelta(days=arrived_ago), trace=trace,
    )  # fmt: skip


def inputs(
    items: Sequence[Item],
    *,
    payouts: Sequence[PayoutFact] = (),
    statuses: Sequence[PayoutFact] = (),
    cash: Sequence[Cash] = (),
    closed_through: date | None = None,
    arrivals: Sequence[Item] = (),
) -> Inputs:
    return Inputs(
        until=TODAY, rules=rules.VERSION, closed_through=closed_through, items=items,
        statuses=statuses, transits=payouts, cash=cash, arrivals=arrivals,
    )  # fmt: skip
