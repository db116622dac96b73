"""The customer's answer to a proposed substitute, or the end of the time for it."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from marketplace.kit import one_by_one
from marketplace.kit.errors import DomainError, NotFound
from marketplace.kit.money import Money
from marketplace.kit.principal import SYSTEM, Kind, Principal
from marketplace.kit.transactions import atomic, connection, elevated, transaction
from marketplace.orders import (
    finding,
    giving_up,
    locking,
    parcels,
    substituting,
    swapping,
    taking_off,
    windows,
)
from marketplace.orders.models import OrderLine, SubOrder
from marketplace.orders.substitution_models import (
    Substitution,
    SubstitutionMove,
    SubstitutionState,
)

DECLINED = "The substitute was declined"
NO_ANSWER = "There was no answer about the substitute"
SOLD_OUT = "The substitute was sold out"

_DUE = """
    SELECT id FROM substitution WHERE state = 'proposed' AND answer_by <= $1
    ORDER BY answer_by, id LIMIT $2
"""
_QUESTIONS = """
    SELECT one.id, one.units, one.name, one.note, one.refund_minor, one.currency, one.answer_by,
        line.name AS instead_of, vendor.name AS vendor
    FROM substitution one JOIN order_line line ON line.id = one.line_id
    JOIN vendor ON vendor.id = one.vendor_id
    WHERE one.order_id = $1 AND one.state = 'proposed' AND one.answer_by > $2
        AND line.quantity - line.refused - line.cancelled > line.shipped
    ORDER BY one.id
"""
_WORDS = {
    SubstitutionState.PROPOSED: "The time to answer is over. We are finding another way.",
    SubstitutionState.ACCEPTED: "You have accepted this before. It is on its way to being sent.",
    SubstitutionState.DECLINED: "You have declined this before.",
    SubstitutionState.EXPIRED: "The time to answer is over.",
    SubstitutionState.WITHDRAWN: "The seller does not offer this any more.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a customer is asked, as it stands."""

    id: UUID
    vendor: str
    units: int
    name: str
    instead_of: str
    note: str
    refund: Money
    answer_by: datetime


@dataclass(eq=False)
class AnswerTooLate(DomainError):
    """It was answered, taken back, or the time is over."""

    code: ClassVar[str] = "ANSWER_TOO_LATE"

    state: SubstitutionState

    @property
    def message(self) -> str:
        return _WORDS[self.state]


async def questions(*, principal: Principal, order_id: UUID, now: datetime) -> list[Question]:
    """Those that wait for the customer of an order. Refuses other people's (NotFound)."""
    async with transaction(principal, read_only=True):
        await finding.check(order_id, by=principal)
        rows = await connection().fetch(_QUESTIONS, order_id, now)
    return [
        Question(
            id=row["id"], vendor=row["vendor"], units=row["units"], name=row["name"],
            instead_of=row["instead_of"], note=row["note"], answer_by=row["answer_by"],
            refund=Money(row["refund_minor"], row["currency"]),
        )
        for row in rows
    ]  # fmt: skip


@atomic()
async def answer(
    *,
    principal: Principal,
    substitution_id: UUID,
    accept: bool,
    now: datetime,
    order_id: UUID | None = None,
) -> Substitution:
    """Accepted: the line is replaced, the difference goes back. Declined: sent by others, or paid
    back. Ends WITHDRAWN where the substitute was sold meanwhile, or nothing is left to replace.

    Customers of the order and staff answer. Refuses everybody else (NotFound) and AnswerTooLate.
    """
    if principal.kind is Kind.VENDOR:
        raise NotFound("substitution")
    windows.check_canceller(principal, "answer for a customer")
    found = await Substitution.get_or_none(id=substitution_id)
    if found is None or order_id not in (None, found.order_id):
        raise NotFound("substitution")
    await finding.check(found.order_id, by=principal)
    await locking.lock_order(found.order_id)
    await found.refresh_from_db()  # of two answers, the second finds it answered
    if found.state is not SubstitutionState.PROPOSED or now >= found.answer_by:
        raise AnswerTooLate(found.state)
    async with elevated():
        if accept:
            await _accept(found, principal, now)
        else:
            await substituting.end(found, SubstitutionMove.DECLINE, by=principal, now=now)
            await _give_up(found, DECLINED, principal, now)
    return found


async def expire_due(*, now: datetime, limit: int = 50) -> int:
    """End what nobody answered in time, one order a transaction; how many that were."""
    async with transaction(SYSTEM, read_only=True):
        due = [row["id"] for row in await connection().fetch(_DUE, now, limit)]

    async def expire(substitution_id: UUID) -> bool:
        return await _expire(substitution_id, now)

    return await one_by_one.each(due, expire, what="ending the question")


async def _expire(substitution_id: UUID, now: datetime) -> bool:
    async with transaction(SYSTEM):
        found = await Substitution.get(id=substitution_id)
        await locking.lock_order(found.order_id)
        await found.refresh_from_db()
        if found.state is not SubstitutionState.PROPOSED:
            return False  # answered meanwhile
        await substituting.end(found, SubstitutionMove.EXPIRE, by=SYSTEM, now=now)
        await _give_up(found, NO_ANSWER, SYSTEM, now)
    return True


async def _accept(found: Substitution, by: Principal, now: datetime) -> None:
    sub_order, line, free = await _standing(found)
    is_whole = free >= found.units and not line.refunded and not line.refunded_minor
    new_line_id = None
    if is_whole:
        new_line_id = await swapping.swap(sub_order, line, found, now=now)
    if new_line_id is not None:
        await substituting.end(
            found, SubstitutionMove.ACCEPT, by=by, now=now, new_line_id=new_line_id
        )
        return
    await substituting.end(found, SubstitutionMove.WITHDRAW, by=SYSTEM, now=now)
    if is_whole:
        await _give_up(found, SOLD_OUT, SYSTEM, now)


async def _give_up(found: Substitution, reason: str, by: Principal, now: datetime) -> None:
    sub_order, line, free = await _standing(found)
    units = min(free, found.units)
    if units:
        await giving_up.give_up(sub_order, {line.id: units}, reason=reason, by=by, now=now)


async def _standing(found: Substitution) -> tuple[SubOrder, OrderLine, int]:
    """The sub-order, the line, and how many of its units may still leave it."""
    sub_order = await SubOrder.filter(id=found.sub_order_id).select_for_update(no_key=True).get()
    lines = await OrderLine.filter(sub_order_id=sub_order.id)
    [line] = [line for line in lines if line.id == found.line_id]
    free = taking_off.free_units(lines, await parcels.packed_units(sub_order.order_id))
    return sub_order, line, free[line.id]
