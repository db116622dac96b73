"""Steps that put something right: a part of a payout taken back, a correction undone, a rate."""

from typing import Any
from uuid import UUID

from settlement.adjustments import deciding, proposing
from settlement.adjustments.models import AdjustmentKind
from settlement.payouts import cancelling
from tests.settlement.people import ACCOUNTANT, APPROVER
from tests.settlement.simulation.play import Play
from tests.settlement.simulation.story import Picks

_AT_THE_PROVIDER = """
    SELECT id, state, amount_minor - taken_back_minor AS left_minor FROM payout
    WHERE state IN ('transferred', 'failed', 'returned', 'sent') ORDER BY id DESC LIMIT 4
"""
_BY_HAND = """
    SELECT id, kind, row_number() OVER (ORDER BY seq) AS number
    FROM ledger_transaction WHERE kind IN ('adjustment', 'currency') ORDER BY seq
"""


async def shorten(play: Play, picks: Picks) -> str | None:
    payout = await play.one(picks[0], _AT_THE_PROVIDER)
    if payout is None:
        return None
    part = 1 + picks[1] % max(payout["left_minor"], 1)
    return await play.attempt(
        f"{part} of the {payout['state']} payout of {payout['left_minor']} are taken back",
        lambda: cancelling.shorten(
            principal=APPROVER, payout_id=payout["id"], amount_minor=part, reason="Too much",
            key=f"{play.now}", now=play.now,
        ),
    )  # fmt: skip


async def undo(play: Play, picks: Picks) -> str | None:
    """A posting that was made by hand, in full."""
    posting = await play.one(picks[0], _BY_HAND)
    if posting is None:
        return None
    what = f"the {posting['kind']} {posting['number']} is reversed"
    return await _two_people(play, what, kind=AdjustmentKind.REVERSAL, reverses_id=posting["id"])


async def revalue(play: Play, picks: Picks) -> str:
    """What is held in other currencies is worth more, as at a month's end."""
    minor = 1 + picks[0] % 5_00
    return await _two_people(
        play, f"currencies are worth {minor} more", kind=AdjustmentKind.CURRENCY_REVALUATION,
        currency="EUR", amount_minor=minor,
    )  # fmt: skip


async def _two_people(play: Play, what: str, **asked: Any) -> str:
    """Proposed by one and approved by another; either may be refused, and then changes nothing."""
    made: list[UUID] = []

    async def propose() -> None:
        made.append(
            await proposing.propose(
                principal=ACCOUNTANT, note="Put right", key=f"{what} {play.now}", now=play.now,
                **asked,
            )
        )  # fmt: skip

    said = await play.attempt(what, propose)
    if not made:
        return said
    return await play.attempt(
        what,
        lambda: deciding.approve(principal=APPROVER, adjustment_id=made[0], now=play.now),
    )
