"""Steps of finance and of the bank: corrections, holds, batches, payouts, disputes."""

from marketplace.kit.money import Money
from marketplace.kit.principal import SYSTEM, StaffRole
from settlement.adjustments import deciding, proposing
from settlement.adjustments.models import AdjustmentKind
from settlement.disputes import answering
from settlement.disputes.models import Liable
from settlement.earnings import holding
from settlement.payouts import approving, cancelling, drafting, freezing, paying, retrying
from tests.settlement.people import ACCOUNTANT, APPROVER, SUPPORT, staff
from tests.settlement.simulation.play import Play
from tests.settlement.simulation.story import Picks

APPROVERS = (APPROVER, staff(106, StaffRole.APPROVER), ACCOUNTANT)
WORDS = ("winning_evidence", "losing_evidence", "It was delivered")
_HELD = "SELECT id, amount_minor FROM money_hold WHERE kind = 'manual' ORDER BY id"
_FROZEN = "SELECT id FROM payout_freeze ORDER BY lifted_at IS NOT NULL, id"
_BATCHES = "SELECT id, number, state FROM payout_batch ORDER BY number DESC LIMIT 2"
_TOTALS = """
    SELECT currency, sum(amount_minor)::bigint AS total FROM payout
    WHERE batch_id = $1 AND state = 'draft' GROUP BY currency
"""
_PAYOUTS = "SELECT id, amount_minor, state FROM payout ORDER BY id DESC LIMIT 4"
_DISPUTES = "SELECT id, provider_dispute_id, state FROM dispute ORDER BY id"
_CHARGES = "SELECT charge_id, amount_minor FROM capture ORDER BY id"


async def correct(play: Play, picks: Picks) -> str | None:
    """A penalty or goodwill: one person proposes it, another one decides."""
    kind = (AdjustmentKind.PENALTY, AdjustmentKind.GOODWILL)[picks[0] % 2]
    number, amount = picks[1] % 3, 1 + picks[2] * 7 % 40_00
    adjustment_id = await proposing.propose(
        principal=ACCOUNTANT, kind=kind, note="Agreed", key=f"{play.now}", now=play.now,
        vendor_id=play.cast.vendors[number], currency="EUR", amount_minor=amount,
    )  # fmt: skip
    what = f"{kind} of {amount} for vendor {number + 1}"
    if picks[3] % 4 == 0:
        return await play.attempt(
            f"{what}, rejected",
            lambda: deciding.reject(
                principal=APPROVER, adjustment_id=adjustment_id, reason="No", now=play.now
            ),
        )
    by = APPROVERS[picks[3] % 3]
    return await play.attempt(
        what, lambda: deciding.approve(principal=by, adjustment_id=adjustment_id, now=play.now)
    )


async def hold(play: Play, picks: Picks) -> str:
    amount = Money(1 + picks[1] * 3, "EUR")
    return await play.attempt(
        f"{amount} of vendor {picks[0] % 3 + 1} are held",
        lambda: holding.place(
            principal=ACCOUNTANT, vendor_id=play.cast.vendors[picks[0] % 3], amount=amount,
            reason="A question", now=play.now,
        ),
    )  # fmt: skip


async def release(play: Play, picks: Picks) -> str | None:
    held = await play.one(picks[0], _HELD)
    if held is None:
        return None
    return await play.attempt(
        f"the hold of {held['amount_minor']} is released",
        lambda: holding.release(
            principal=ACCOUNTANT, hold_id=held["id"], reason="Answered", now=play.now
        ),
    )


async def freeze(play: Play, picks: Picks) -> str:
    number = picks[0] % 3
    return await play.attempt(
        f"payouts to vendor {number + 1} are stopped",
        lambda: freezing.freeze(
            principal=ACCOUNTANT, vendor_id=play.cast.vendors[number], reason="Odd", now=play.now
        ),
    )


async def lift(play: Play, picks: Picks) -> str | None:
    frozen = await play.one(0, _FROZEN)
    if frozen is None:
        return None
    return await play.attempt(
        "payouts go on",
        lambda: freezing.lift(
            principal=ACCOUNTANT, freeze_id=frozen["id"], reason="Fine", now=play.now
        ),
    )


async def draft(play: Play, picks: Picks) -> str:
    """The day's batch, or one vendor's."""
    if picks[0] % 3:
        return await play.attempt(
            "the day's batch is drafted",
            lambda: drafting.draft_cycle(day=play.now.date(), principal=SYSTEM, now=play.now),
        )
    number = picks[1] % 3
    return await play.attempt(
        f"a batch for vendor {number + 1} is drafted",
        lambda: drafting.draft_on_demand(
            vendor_id=play.cast.vendors[number], principal=ACCOUNTANT, now=play.now
        ),
    )


async def approve(play: Play, picks: Picks) -> str | None:
    batch = await play.one(picks[0] % 2, _BATCHES)
    if batch is None:
        return None
    totals = {row["currency"]: row["total"] for row in await play.fetch(_TOTALS, batch["id"])}
    return await play.attempt(
        f"person {picks[1] % 3 + 1} approves batch {batch['number']} of {totals}",
        lambda: approving.approve(
            principal=APPROVERS[picks[1] % 3], batch_id=batch["id"], expected_totals=totals,
            now=play.now,
        ),
    )  # fmt: skip


async def cancel_batch(play: Play, picks: Picks) -> str | None:
    batch = await play.one(picks[0] % 2, _BATCHES)
    if batch is None:
        return None
    return await play.attempt(
        f"batch {batch['number']} is cancelled",
        lambda: approving.cancel(
            principal=ACCOUNTANT, batch_id=batch["id"], reason="Not now", now=play.now
        ),
    )


async def pay_batch(play: Play, picks: Picks) -> str | None:
    """By hand, beside the worker."""
    batch = await play.one(picks[0] % 2, _BATCHES)
    if batch is None or batch["state"] != "approved":
        return None
    ended = await paying.pay_batch(batch_id=batch["id"], gateway=play.world.connect, now=play.now)
    return f"batch {batch['number']} is paid: {', '.join(sorted(ended)) or 'nothing'}"


async def payday(play: Play, picks: Picks) -> str:
    """Three days pass, what is drafted then is approved by two people, and the worker works."""
    await play.pass_time(days=3)
    await play.work()
    for person in (0, 1):
        for number in (0, 1):
            await approve(play, (number, person, 0, 0))
    await play.work()
    paid = await play.fetch("SELECT state, count(*) AS n FROM payout GROUP BY 1 ORDER BY 1")
    return f"payday; payouts are {', '.join(f'{row[1]} {row[0]}' for row in paid) or 'none'}"


async def cancel_payout(play: Play, picks: Picks) -> str | None:
    payout = await play.one(picks[0], _PAYOUTS)
    if payout is None:
        return None
    return await play.attempt(
        f"the {payout['state']} payout of {payout['amount_minor']} is cancelled",
        lambda: cancelling.cancel(
            principal=APPROVER, payout_id=payout["id"], reason="Not now", now=play.now
        ),
    )


async def retry_payout(play: Play, picks: Picks) -> str | None:
    payout = await play.one(picks[0], _PAYOUTS)
    if payout is None:
        return None
    return await play.attempt(
        f"the {payout['state']} payout of {payout['amount_minor']} is tried again",
        lambda: retrying.retry(
            principal=ACCOUNTANT, payout_id=payout["id"], gateway=play.world.connect, now=play.now
        ),
    )


async def dispute(play: Play, picks: Picks) -> str | None:
    """A bank takes a payment back, in whole or in part, or asks about it."""
    charge = await play.one(picks[0], _CHARGES)
    if charge is None:
        return None
    asked: dict[str, object] = {"charge": charge["charge_id"], "inquiry": picks[1] % 4 == 0}
    if picks[2] % 3 == 0:
        asked["amount"] = 1 + picks[3] % charge["amount_minor"]
    told = await play.door("disputes", **asked)
    return f"a dispute of {asked.get('amount', 'all of')} {charge['amount_minor']}: {told}"


async def decide(play: Play, picks: Picks) -> str | None:
    """The bank does."""
    row = await play.one(picks[0], _DISPUTES)
    if row is None:
        return None
    how = ("win", "lose")[picks[1] % 2]
    told = await play.door(f"disputes/{row['provider_dispute_id']}/{how}")
    return f"the bank lets us {how} a dispute: {told}"


async def answer(play: Play, picks: Picks) -> str | None:
    """With words, by giving in, or by saying who bears it."""
    row = await play.one(picks[0], _DISPUTES)
    if row is None:
        return None
    if picks[1] % 4 == 0:
        return await play.attempt(
            "a dispute is accepted",
            lambda: answering.accept(principal=ACCOUNTANT, dispute_id=row["id"], now=play.now),
        )
    if picks[1] % 4 == 1:
        return await play.attempt(
            "a dispute is ours to bear",
            lambda: answering.make_liable(
                principal=ACCOUNTANT, dispute_id=row["id"], liable=Liable.PLATFORM, now=play.now
            ),
        )
    words = WORDS[picks[2] % 3]
    return await play.attempt(
        f"a dispute is answered with {words!r}",
        lambda: answering.submit(
            principal=SUPPORT, dispute_id=row["id"], evidence={"uncategorized_text": words},
            now=play.now,
        ),
    )  # fmt: skip


async def new_bank(play: Play, picks: Picks) -> str:
    number = picks[0] % 3
    iban = ("DE89370400440532013000", "DE89370400440532013002")[picks[1] % 4 == 0]
    told = await play.door(
        f"accounts/{play.cast.accounts[number]}/bank_account", account_number=iban
    )
    return f"vendor {number + 1} has another bank account, {iban[-4:]}: {told}"
