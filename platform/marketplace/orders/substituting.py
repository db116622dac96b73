"""A vendor that cannot send a line proposes another offer of its own; the customer decides.

Staff do it for one that calls. The line waits as it is until the answer: `orders.answering`; the
sub-order's deadlines stand still until then. Everything is under the order's lock.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from marketplace.inventory import shortening
from marketplace.kit.errors import InvalidInput, NotFound
from marketplace.kit.ids import new_id
from marketplace.kit.money import share_done
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import atomic, connection, elevated
from marketplace.orders import dividing, history, locking, parcels, taking_off, windows
from marketplace.orders.dividing import Taxes
from marketplace.orders.errors import NothingToDo, TooManyUnits
from marketplace.orders.history import Change
from marketplace.orders.models import OrderLine, SubOrder
from marketplace.orders.states import TO_SEND, SubOrderState
from marketplace.orders.substitution_events import (
    SubstitutionAccepted,
    SubstitutionDeclined,
    SubstitutionEvent,
    SubstitutionExpired,
    SubstitutionProposed,
    SubstitutionWithdrawn,
)
from marketplace.orders.substitution_models import (
    SUBSTITUTION,
    Substitution,
    SubstitutionMove,
    SubstitutionState,
)
from marketplace.sla import pausing
from marketplace.sla.models import PauseCause

OPEN_FOR = timedelta(days=2)
LONGEST_NOTE = 200
ASKING = "A question about a substitute"
PROPOSE = "offer a customer something else"  # in words, for a refusal
REPLACEABLE = frozenset({SubOrderState.AWAITING_ACCEPTANCE, *TO_SEND})

_OFFER = """
    SELECT offer.price_minor, product.name || CASE variant.name WHEN '' THEN ''
            ELSE ', ' || variant.name END AS name,
        product.tax_category = mine.tax_category AS is_taxed_alike,
        (SELECT coalesce(max(available), 0) FROM stock JOIN location
            ON location.id = stock.location_id AND location.closed_at IS NULL
            WHERE stock.offer_id = offer.id) AS available
    FROM offer JOIN variant ON variant.id = offer.variant_id
    JOIN product ON product.id = variant.product_id
    CROSS JOIN (SELECT product.tax_category FROM offer JOIN variant ON variant.id = variant_id
        JOIN product ON product.id = product_id WHERE offer.id = $3) mine
    WHERE offer.id = $1 AND offer.vendor_id = $2 AND offer.currency = $4 AND offer.is_active
        AND offer.id <> $3
"""
_VAT = "SELECT vat_ppm FROM commission_rule WHERE id = $1"
_OPEN = "SELECT EXISTS (SELECT 1 FROM substitution WHERE line_id = $1 AND state = 'proposed')"
_END = """
    UPDATE substitution SET state = $2, ended_by = $3, ended_at = $4, new_line_id = $5 WHERE id = $1
"""
TELLS: Mapping[SubstitutionState, type[SubstitutionEvent]] = {
    SubstitutionState.ACCEPTED: SubstitutionAccepted,
    SubstitutionState.DECLINED: SubstitutionDeclined,
    SubstitutionState.EXPIRED: SubstitutionExpired,
    SubstitutionState.WITHDRAWN: SubstitutionWithdrawn,
}


@atomic()
async def propose(
    *,
    principal: Principal,
    sub_order_id: UUID,
    line_id: UUID,
    offer_id: UUID,
    units: int,
    now: datetime,
    note: str = "",
) -> Substitution:
    """Ask the customer whether another offer of the same vendor will do, for two days.

    The vendor's deadlines stand still meanwhile, unless who asks has taken a question back before.
    Refuses other people's sub-orders, lines and offers (NotFound), what is not accepted or has
    left, more units than may still be sent, a higher price than the customer's, another tax, too
    little stock, a line that something is proposed for already or of which money went back.
    """
    locking.refuse_outsiders(principal)
    windows.check_canceller(principal, PROPOSE)
    sub_order = await locking.lock_sub_order(sub_order_id, by=principal)
    line = await _line(sub_order, line_id, units)
    offer = await _offer(sub_order, line, offer_id, units)
    if len(note.strip()) > LONGEST_NOTE:
        raise InvalidInput("note", "it is too long", f"up to {LONGEST_NOTE} characters")
    async with elevated():  # the terms of commission are not a vendor's rows
        leaving = line.gross_minor - (await kept_of(sub_order, line, units)).gross
    costs = share_done(leaving, offer["price_minor"], line.unit_price_minor)
    proposed = await Substitution.create(
        id=new_id(now), order_id=sub_order.order_id, sub_order_id=sub_order.id,
        vendor_id=sub_order.vendor_id, line_id=line.id, offer_id=offer_id, name=offer["name"],
        units=units, unit_price_minor=offer["price_minor"], refund_minor=leaving - costs,
        currency=sub_order.currency, note=note.strip(), state=SUBSTITUTION.start,
        proposed_by=principal.key, proposed_at=now, answer_by=now + OPEN_FOR,
    )  # fmt: skip
    await _record(proposed, None, "propose", SubstitutionProposed, principal, now)
    asker = f"{principal.kind}:"  # whoever of them it was
    taken_back = Substitution.filter(
        sub_order_id=sub_order.id, state=SubstitutionState.WITHDRAWN, ended_by__startswith=asker
    )
    if not await taken_back.exists():
        async with elevated():  # pauses are not a vendor's to place
            await pausing.pause(
                order_id=proposed.order_id, cause=PauseCause.CUSTOMER, reference=proposed.id,
                subject_ids=[proposed.sub_order_id], note=ASKING, by=principal, now=now,
            )  # fmt: skip
    return proposed


@atomic()
async def withdraw(
    *, principal: Principal, substitution_id: UUID, now: datetime, order_id: UUID | None = None
) -> Substitution:
    """Take a proposal back: the line stays as it is. Refuses (IllegalMove) what was answered.

    Other vendors', and with `order_id` those of other orders, do not exist (NotFound).
    """
    locking.refuse_outsiders(principal)
    windows.check_canceller(principal, PROPOSE)
    found = await Substitution.get_or_none(id=substitution_id)
    if found is None or principal.vendor_id not in (None, found.vendor_id):
        raise NotFound("substitution")
    if order_id not in (None, found.order_id):
        raise NotFound("substitution")
    await locking.lock_order(found.order_id)
    await found.refresh_from_db()
    await end(found, SubstitutionMove.WITHDRAW, by=principal, now=now)
    return found


async def withdraw_all(*, order_id: UUID, by: Principal, now: datetime) -> None:
    """Take back all that the customer of an order, which is locked, is being asked."""
    asked = Substitution.filter(order_id=order_id, state=SUBSTITUTION.start)
    for question in await asked.order_by("id"):
        await end(question, SubstitutionMove.WITHDRAW, by=by, now=now)


async def end(
    substitution: Substitution,
    step: SubstitutionMove,
    *,
    by: Principal,
    now: datetime,
    new_line_id: UUID | None = None,
) -> None:
    """Move an open one, whose order is locked, with its history and its event.

    What stood still for the question goes on, unless something else holds it.
    """
    before = substitution.state
    after = SubstitutionState(SUBSTITUTION.after(before, step))
    await connection().execute(_END, substitution.id, after, by.key, now, new_line_id)
    substitution.state, substitution.new_line_id = after, new_line_id
    substitution.ended_by, substitution.ended_at = by.key, now
    await _record(substitution, before, step, TELLS[after], by, now)
    async with elevated():
        await pausing.resume(
            order_id=substitution.order_id, cause=PauseCause.CUSTOMER, reference=substitution.id,
            subject_ids=[substitution.sub_order_id], by=by, now=now,
        )  # fmt: skip
    if step is SubstitutionMove.WITHDRAW:
        await shortening.tell_again([substitution.line_id], now=now)


async def kept_of(sub_order: SubOrder, line: OrderLine, units: int) -> dividing.Amounts:
    """What stays of a line when these units leave it."""
    return dividing.keep(
        line,
        line.quantity - units,
        Taxes(inclusive=sub_order.tax_inclusive, by_vendor=sub_order.tax_liable == "vendor"),
        commission_vat_ppm=await connection().fetchval(_VAT, line.commission_rule_id),
    )


async def _line(sub_order: SubOrder, line_id: UUID, units: int) -> OrderLine:
    if sub_order.state not in REPLACEABLE:
        raise NothingToDo(action="replace")
    lines = await OrderLine.filter(sub_order_id=sub_order.id)
    line = next((line for line in lines if line.id == line_id), None)
    if line is None:
        raise NotFound("order line")
    free = taking_off.free_units(lines, await parcels.packed_units(sub_order.order_id))[line.id]
    if not 0 < units <= free:
        raise TooManyUnits(sku=line.sku, wanted=units, possible=free, action="replaced")
    if line.refunded or line.refunded_minor:
        raise InvalidInput("line", "a part of its money went back", "a line that is paid in full")
    if await connection().fetchval(_OPEN, line.id):
        raise InvalidInput("line", "the customer is being asked already", "one question at a time")
    return line


async def _offer(sub_order: SubOrder, line: OrderLine, offer_id: UUID, units: int) -> Any:
    found = await connection().fetchrow(
        _OFFER, offer_id, sub_order.vendor_id, line.offer_id, sub_order.currency
    )
    if found is None:
        raise NotFound("offer")
    if found["price_minor"] > line.unit_price_minor:
        raise InvalidInput("offer", "it costs more than the customer paid", "the same or less")
    if not found["is_taxed_alike"]:
        raise InvalidInput("offer", "it is taxed at another rate", "one of the same tax category")
    if found["available"] < units:
        raise InvalidInput("offer", "too few are in stock", f"{units} in one place")
    return found


async def _record(
    substitution: Substitution,
    before: SubstitutionState | None,
    step: str,
    event: type[SubstitutionEvent],
    by: Principal,
    now: datetime,
) -> None:
    change = Change(
        subject="substitution",
        subject_id=substitution.id,
        vendor_id=substitution.vendor_id,
        from_state=before,
        to_state=substitution.state,
        move=step,
        event=event(
            order_id=substitution.order_id,
            sub_order_id=substitution.sub_order_id,
            substitution_id=substitution.id,
        ),
    )
    await history.record_changes([change], by=by, now=now)
