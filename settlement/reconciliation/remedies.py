"""Each remedy: when it fits a break, and what it does."""

import json
from collections import defaultdict
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace.kit.transactions import connection
from settlement import chart
from settlement.chart import Account
from settlement.history import keeping
from settlement.history.keeping import Subject
from settlement.ledger import Entry, Kind, Purpose
from settlement.reconciliation import (
    arriving,
    asking_again,
    booking,
    collecting,
    ending,
    guarding,
    provider_lines,
    reversing,
)
from settlement.reconciliation.booking import Source
from settlement.reconciliation.errors import RemedyDoesNotFit
from settlement.reconciliation.groups import Place, gather
from settlement.reconciliation.models import PLATFORM
from settlement.reconciliation.run_models import BreakState, Remedy
from settlement.reconciliation.states import BREAK, BreakMove

# Accounts that may take a difference; a vendor's need a break that is about one vendor.
OPEN_ACCOUNTS = {
    account.code: account
    for account in (
        chart.SUSPENSE, chart.CUSTOMER_PREPAYMENTS, chart.REFUNDS_OWED, chart.FACILITATED_TAX,
        chart.COMMISSION_VAT, chart.PENALTIES, chart.FX_RESULT, chart.FX_TRADING,
        chart.PROVIDER_FEES, chart.DISPUTE_FEES, chart.DISPUTED, chart.CHARGEBACK_LOSSES,
        chart.GOODWILL,
    )
}  # fmt: skip
_ENDS = {
    Remedy.BOOK: (BreakMove.RESOLVE, "Booked"),
    Remedy.REVERSE: (BreakMove.RESOLVE, "Reversed"),
    Remedy.MATCH: (BreakMove.RESOLVE, "Matched"),
    Remedy.WRITE_OFF: (BreakMove.WRITE_OFF, "Written off"),
    Remedy.FALSE_POSITIVE: (BreakMove.DISMISS, "Not a difference"),
}
_MOVED = """
    SELECT currency, sum(greatest(amount_minor, 0))::bigint AS minor FROM ledger_entry
    WHERE transaction_id = $1 GROUP BY currency
"""
_REST = """
    UPDATE reconciliation_break SET state = $2, account = $3, currency = $4, amount_minor = $5,
        items = $6 WHERE id = $1
"""
_CONNECTED = "SELECT vendor_id FROM connected_account WHERE provider_account_id = $1"


async def check(row: Any, remedy: Remedy, against: str | None) -> None:
    """Refuses (RemedyDoesNotFit) what cannot settle this break."""
    items: list[str] = json.loads(row["items"])
    match remedy:
        case Remedy.BOOK | Remedy.WRITE_OFF:
            if against is None or _account(against, row["vendor_id"]) is None:
                _refuse(remedy, f"{against} cannot take it", ", ".join(sorted(OPEN_ACCOUNTS)))
            if row["account"] == "transit" or not await _differences(row):
                _refuse(remedy, "no money is missing in our balance", "asking again, or waiting")
        case Remedy.REVERSE:
            postings = [item.split(":")[1] for item in items if item.startswith("ledger:")]
            if against not in postings:
                _refuse(remedy, "it needs one of its postings", ", ".join(postings) or "none")
        case Remedy.MATCH:
            await arriving.check_fits(_lines(items), (against or "").split(","))
        case _:
            return


async def at_stake(row: Any, remedy: Remedy, against: str | None) -> dict[str, int]:
    """The most that the remedy decides about, by currency, minor units: for who may do it alone.

    A difference of a cent may be in a posting of thousands, and stand on several accounts.
    """
    stakes = {row["currency"]: abs(row["amount_minor"])}
    if remedy is Remedy.REVERSE:
        moved = await connection().fetch(_MOVED, UUID(against))
        stakes |= {one["currency"]: one["minor"] for one in moved}
    elif remedy in {Remedy.BOOK, Remedy.WRITE_OFF, Remedy.FALSE_POSITIVE}:
        for (_, currency), minor in (await _differences(row)).items():
            stakes[currency] = max(stakes.get(currency, 0), abs(minor))
    return stakes


async def carry_out(row: Any, proposal: Any, *, by: str, now: datetime) -> UUID | None:
    """Do what was agreed on, in the caller's transaction; the posting it made, if any."""
    remedy, against = Remedy(proposal["remedy"]), proposal["against"]
    if remedy in {Remedy.BOOK, Remedy.WRITE_OFF}:
        return await _book(row, proposal, now)
    if remedy is Remedy.REVERSE:
        return await reversing.reverse(
            posting_id=UUID(against), source=Source("break", row["id"]), now=now
        )
    if remedy is Remedy.MATCH:
        lines = _lines(json.loads(row["items"]))
        await arriving.book_arrival(line_ids=lines, payout_ids=against.split(","), now=now)
    if remedy is Remedy.ASK_AGAIN:
        await _ask_again(row, proposal, now)
    return None


async def finish(row: Any, proposal: Any, *, by: str, now: datetime) -> None:
    """End the break; or look into it further where a reversal leaves a rest, and wait for the next
    run to see what asking again has changed."""
    remedy = Remedy(proposal["remedy"])
    if remedy is Remedy.REVERSE and await _leaves_rest(row, by=by, now=now):
        return
    if remedy is Remedy.ASK_AGAIN:
        await connection().execute(
            "UPDATE reconciliation_break SET state = $2 WHERE id = $1",
            row["id"],
            BREAK.after(row["state"], BreakMove.REJECT),
        )
        return
    move, words = _ENDS[remedy]
    await ending.end(row, move, by=by, ending=f"{words}: {proposal['note']}", now=now)
    await guarding.guard(now=now)


async def _leaves_rest(row: Any, *, by: str, now: datetime) -> bool:
    """Whether the books still differ behind a reversal: the break goes on, with what is left."""
    items = await collecting.lines_of(row["key"])
    groups = gather(items)
    rest = (groups[0].differences() or groups[0].hidden()) if groups else {}
    if not rest:
        return False
    place = (row["account"], row["currency"])
    (account, currency), minor = (place, rest[place]) if place in rest else next(iter(rest.items()))
    names = json.dumps([item.item for item in items])
    before = BreakState(row["state"])
    after = BREAK.after(before, BreakMove.REJECT)
    await connection().execute(_REST, row["id"], after, account, currency, minor, names)
    await keeping.keep(
        event=f"break.{after}",
        subject=Subject.BREAK,
        subject_id=row["id"],
        vendor_id=row["vendor_id"],
        before=before,
        after=after,
        move=BreakMove.REJECT,
        actor=by,
        reason="Reversed; the books still differ.",
        now=now,
    )
    return True


async def _book(row: Any, proposal: Any, now: datetime) -> UUID | None:
    """Bring our accounts to what the others say; the account agreed on takes the other side."""
    differences = await _differences(row)
    if differences.get((row["account"], row["currency"])) != row["amount_minor"]:
        _refuse(Remedy(proposal["remedy"]), "the difference is another one by now", "the next run")
    by_currency: dict[str, dict[Account, int]] = defaultdict(dict)
    for place, amount in differences.items():
        by_currency[place[1]][await _account_at(place)] = amount
    taking = _account(proposal["against"], row["vendor_id"])
    assert taking is not None, proposal["against"]
    entries = [
        Entry(account=account, amount_minor=amount, currency=currency, purpose=Purpose.CORRECTION)
        for currency, moves in sorted(by_currency.items())
        for account, amount in [*moves.items(), (taking, -sum(moves.values()))]
    ]
    return await booking.book_entries(
        kind=Kind.SUSPENSE if taking is chart.SUSPENSE else Kind.ADJUSTMENT,
        key=f"break:{row['id']}:{proposal['id']}",
        day=row["happened_on"],
        source=Source("break", row["id"]),
        entries=entries,
        now=now,
    )


async def _differences(row: Any) -> dict[Place, int]:
    """As the books are now, which may have moved on since the last run."""
    groups = gather(await collecting.lines_of(row["key"]))
    return groups[0].differences() if groups else {}


async def _account_at(place: Place) -> Account:
    name = place[0]
    if name == PLATFORM:
        return chart.PROVIDER_BALANCE
    if name == "reserved":
        return chart.PROVIDER_RESERVED
    vendor_id = await connection().fetchval(_CONNECTED, name)
    return chart.BANK if vendor_id is None else chart.vendor_connected(vendor_id)


def _account(code: str, vendor_id: UUID | None) -> Account | None:
    if code == chart.VENDOR_AVAILABLE_CODE and vendor_id is not None:
        return chart.vendor_available(vendor_id)
    return OPEN_ACCOUNTS.get(code)


async def _ask_again(row: Any, proposal: Any, now: datetime) -> None:
    token = str(proposal["id"])[-24:]
    lines = await provider_lines.of(json.loads(row["items"]))
    for line in lines:
        await asking_again.ask_about_line(line, token=token, now=now)
    if not lines:
        await asking_again.ask_about_payout(
            payout_id=row["key"], account=row["account"], token=token, now=now
        )


def _lines(items: list[str]) -> list[UUID]:
    return [UUID(item.removeprefix("bank:")) for item in items if item.startswith("bank:")]


def _refuse(remedy: Remedy, problem: str, accepts: str) -> None:
    words = remedy.replace("_", " ")
    raise RemedyDoesNotFit(remedy=words, problem=problem, accepts=accepts)
