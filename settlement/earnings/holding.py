"""Money of a vendor that is not paid out until a question of ours is answered."""

from datetime import datetime
from uuid import UUID

from marketplace.accounts.models import Vendor
from marketplace.kit import idempotency
from marketplace.kit.errors import InvalidInput, NotFound
from marketplace.kit.ids import new_id
from marketplace.kit.money import Money
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import atomic, connection
from settlement import access, chart, ledger
from settlement.earnings import moves
from settlement.earnings.errors import NotAvailable
from settlement.earnings.models import HoldKind, HoldState, MoneyHold
from settlement.earnings.states import HOLD, HoldMove
from settlement.history import keeping
from settlement.history.keeping import Subject
from settlement.ledger import Kind, Purpose

TO_HOLD = "hold a vendor's money"
REASON = 200  # characters
OPERATION = "hold"
_EVENTS = {HoldMove.PLACE: "hold.placed", HoldMove.RELEASE: "hold.released"}
_ENDED = "UPDATE money_hold SET state = $2, ended_by = $3, ended_at = $4 WHERE id = $1"


@atomic()
async def place(
    *,
    principal: Principal,
    vendor_id: UUID,
    amount: Money,
    reason: str,
    now: datetime,
    key: str | None = None,
) -> UUID:
    """Take available money aside; answers with the hold's id, for the same key with the first's.

    Accountants and administrators may. Refuses an unknown vendor, an amount that is not above
    zero, more than is available, and a hold without a reason.
    """
    access.check_accountant(principal, TO_HOLD)
    if amount.minor <= 0:
        raise InvalidInput("amount_minor", f"{amount} cannot be held", "above zero")
    reason = _reason(reason)
    if not await Vendor.filter(id=vendor_id).exists():
        raise NotFound("vendor")
    hold_id = new_id(now)
    if key is not None:
        made = await idempotency.claim(
            by=principal, operation=OPERATION, key=key, result_id=hold_id, now=now,
            request=f"{vendor_id}:{amount}:{reason}",
        )  # fmt: skip
        if made is not None:
            return made
    # Held, then looked: a payout that takes the same money waits, or has taken it.
    account = chart.vendor_available(vendor_id)
    available = await ledger.hold_balance(account, amount.currency)
    if available < amount.minor:
        raise NotAvailable(asked=amount, available=Money(available, amount.currency))
    hold = await MoneyHold.create(
        id=hold_id,
        vendor_id=vendor_id,
        currency=amount.currency,
        amount_minor=amount.minor,
        taken_from=account.code,
        kind=HoldKind.MANUAL,
        state=HOLD.start,
        reason=reason,
        placed_by=principal.key,
        placed_at=now,
    )
    await _book(hold, HoldMove.PLACE, now)
    await _keep(hold, HoldMove.PLACE, principal, reason, now)
    return hold.id


@atomic()
async def release(*, principal: Principal, hold_id: UUID, reason: str, now: datetime) -> None:
    """The question is answered: back to what is available.

    Accountants and administrators may. Refuses a hold that has ended (IllegalMove), and one of a
    dispute, which ends with it.
    """
    access.check_accountant(principal, TO_HOLD)
    reason = _reason(reason)
    hold = await (
        MoneyHold.filter(id=hold_id, kind=HoldKind.MANUAL).select_for_update(no_key=True).first()
    )
    if hold is None:
        raise NotFound("hold")
    state = HOLD.after(hold.state, HoldMove.RELEASE)
    await connection().execute(_ENDED, hold.id, state, principal.key, now)
    await _book(hold, HoldMove.RELEASE, now)
    await _keep(hold, HoldMove.RELEASE, principal, reason, now)


async def _book(hold: MoneyHold, move: HoldMove, now: datetime) -> None:
    available = chart.vendor_available(hold.vendor_id)
    on_hold = chart.vendor_on_hold(hold.vendor_id)
    is_placed = move is HoldMove.PLACE
    posting = moves.move(
        kind=Kind.HOLD if is_placed else Kind.HOLD_RELEASED,
        key=f"hold:{hold.id}" if is_placed else f"hold_released:{hold.id}",
        source_id=hold.id,
        purpose=Purpose.HOLD,
        out_of=available if is_placed else on_hold,
        into=on_hold if is_placed else available,
        amount_minor=hold.amount_minor,
        currency=hold.currency,
        now=now,
    )
    await ledger.post_all([posting], now=now)


async def _keep(hold: MoneyHold, move: HoldMove, by: Principal, reason: str, now: datetime) -> None:
    is_placed = move is HoldMove.PLACE
    await keeping.keep(
        event=_EVENTS[move],
        subject=Subject.HOLD,
        subject_id=hold.id,
        vendor_id=hold.vendor_id,
        before=None if is_placed else HoldState.HELD,
        after=HoldState.HELD if is_placed else HoldState.RELEASED,
        move=move,
        actor=by.key,
        now=now,
        reason=reason,
    )


def _reason(reason: str) -> str:
    reason = reason.strip()
    if not 0 < len(reason) <= REASON:
        raise InvalidInput("reason", "it says why", f"1 to {REASON} characters")
    return reason
