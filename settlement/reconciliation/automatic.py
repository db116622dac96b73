"""What needs no person: bookings whose rule is certain, and news to be asked for again."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from settlement import chart, ledger
from settlement.ledger import Kind, Purpose
from settlement.reconciliation import (
    arriving,
    asking_again,
    booking,
    ending,
    guarding,
    provider_lines,
    rules,
)
from settlement.reconciliation.booking import Source
from settlement.reconciliation.errors import RemedyDoesNotFit
from settlement.reconciliation.models import PLATFORM
from settlement.reconciliation.outcomes import Link
from settlement.reconciliation.run_models import BreakCode
from settlement.reconciliation.states import BreakMove

ACTED_ON = (BreakCode.M1, BreakCode.R1, BreakCode.P1, BreakCode.A2, BreakCode.S1)

# Those that no person has taken up.
_OPEN = """
    SELECT * FROM reconciliation_break
    WHERE last_run_id = $1 AND state = 'open' AND code = ANY($2) ORDER BY id FOR UPDATE
"""
_TOLERANCE = "SELECT fee_tolerance_minor FROM reconciliation_policy WHERE currency = $1"


async def act(*, run_id: UUID, links: Sequence[Link], now: datetime) -> int:
    """Book what arrived at the bank, the provider's own fees and reserves, fees within tolerance;
    ask again about what we missed. How many things were done; twice is as good as once.
    """
    async with transaction(SYSTEM):
        # Breaks before arrivals, as people's remedies lock them.
        found = await connection().fetch(_OPEN, run_id, list(ACTED_ON))
        done = [await _act_on(row, run_id, now) for row in found]
        done += [await _book_arrival(link, now) for link in links]
        await guarding.guard(now=now)
    return sum(done)


async def _book_arrival(link: Link, now: datetime) -> bool:
    """Unless a person or another run has booked any of it since the books were compared, or the
    payout failed since: then the next run says what became of it."""
    lines = [_line_id(line) for line in link.lines]
    if link.takes_back is not None:
        return await arriving.book_return(
            line_id=lines[0], of_line_id=_line_id(link.takes_back), payout_ids=link.payouts, now=now
        )
    try:
        await arriving.check_fits(lines, link.payouts)
    except RemedyDoesNotFit:
        return False
    await arriving.book_arrival(line_ids=lines, payout_ids=link.payouts, now=now)
    return True


def _line_id(item: str) -> UUID:
    return UUID(item.removeprefix("bank:"))


async def _act_on(row: Any, run_id: UUID, now: datetime) -> bool:
    lines = await provider_lines.of(json.loads(row["items"]))
    if row["code"] == BreakCode.A2:
        return await _book_fee_difference(row, now)
    own = [line for line in lines if line["type"] in rules.RESERVES | rules.FEES]
    if own and len(own) == len(lines):
        return await _book_own(row, own, now)
    token = f"{str(row['id'])[-12:]}:{str(run_id)[-12:]}"
    if row["code"] == BreakCode.S1 and not lines:
        return await asking_again.ask_about_payout(
            payout_id=row["key"], account=row["account"], token=token, now=now
        )
    asked = [await asking_again.ask_about_line(line, token=token, now=now) for line in lines]
    return any(asked)


async def _book_own(row: Any, lines: Sequence[Any], now: datetime) -> bool:
    """What the provider charges or holds back of its own accord.

    Only where the lines that are not booked are the whole difference: one that a person has
    booked otherwise is not booked again beside a new one.
    """
    keys = {line["id"]: f"balance_transaction:{row['key']}:{line['id']}" for line in lines}
    lines = [line for line in lines if not await ledger.is_posted(keys[line["id"]])]
    if sum(line["net_minor"] for line in lines) != row["amount_minor"]:
        return False
    for line in lines:
        is_reserve = line["type"] in rules.RESERVES
        against = chart.PROVIDER_RESERVED if is_reserve else chart.PROVIDER_FEES
        await booking.book(
            kind=Kind.PROVIDER_RESERVE if is_reserve else Kind.PROVIDER_FEE,
            key=keys[line["id"]],
            day=line["day"],
            source=Source.named("balance_transaction", line["id"]),
            currency=line["currency"],
            moves={chart.PROVIDER_BALANCE: line["net_minor"], against: -line["net_minor"]},
            purpose=Purpose.RESERVE if is_reserve else Purpose.FEE,
            now=now,
        )
    await ending.end(row, BreakMove.RESOLVE, by="system", ending="Booked by rule.", now=now)
    return True


async def _book_fee_difference(row: Any, now: datetime) -> bool:
    tolerance = await connection().fetchval(_TOLERANCE, row["currency"])
    if row["account"] != PLATFORM or abs(row["amount_minor"]) > (tolerance or 0):
        return False
    await booking.book(
        kind=Kind.PROVIDER_FEE,
        key=f"break:{row['id']}:fee",
        day=row["happened_on"],
        source=Source("break", row["id"]),
        currency=row["currency"],
        moves={
            chart.PROVIDER_BALANCE: row["amount_minor"],
            chart.PROVIDER_FEES: -row["amount_minor"],
        },
        purpose=Purpose.FEE,
        now=now,
    )
    await ending.end(row, BreakMove.RESOLVE, by="system", ending="Within tolerance.", now=now)
    return True
