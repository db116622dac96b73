"""What comes between: holds, shelves that miss pieces, and questions to the customer."""

from marketplace.inventory import adjusting
from marketplace.inventory.models import Stock
from marketplace.kit.errors import DomainError
from marketplace.kit.principal import Kind, Principal
from marketplace.orders import (
    answering,
    placing_hold,
    running_short,
    standing,
    substituting,
    substitution_queries,
)
from marketplace.orders.hold_models import HoldKind, OrderHold
from marketplace.orders.substitution_models import Substitution, SubstitutionState
from marketplace.outbox.models import OutboxEvent
from marketplace.outbox.routes import Received
from marketplace.sla.models import PauseCause
from tests.factories import member
from tests.orders.life.order import Life, Nothing
from tests.orders.living import STAFF


async def hold(life: Life, which: int, parcel: int, units: int) -> None:
    await placing_hold.hold(
        principal=STAFF, order_id=life.order_id, kind=list(HoldKind)[parcel], reason="doubt",
        sub_order_id=(await life.part(which)).id if units > 2 else None, now=life.now,
    )  # fmt: skip


async def release(life: Life, which: int, parcel: int, units: int) -> None:
    waiting = await OrderHold.filter(order_id=life.order_id, released_at=None).order_by("id")
    if not waiting:
        raise Nothing
    hold_id = waiting[parcel % len(waiting)].id
    await placing_hold.release(principal=STAFF, hold_id=hold_id, note="fine", now=life.now)


async def pause(life: Life, which: int, parcel: int, units: int) -> None:
    await standing.pause(
        principal=STAFF, order_id=life.order_id, cause=PauseCause.CARRIER, note="snow",
        now=life.now,
    )  # fmt: skip


async def resume(life: Life, which: int, parcel: int, units: int) -> None:
    await standing.resume(
        principal=STAFF, order_id=life.order_id, cause=PauseCause.CARRIER, now=life.now
    )


async def count(life: Life, which: int, parcel: int, units: int) -> None:
    """Fewer are on the shelf than was thought, or more."""
    line = await life.line(which)
    shelf = await Stock.get(offer_id=line.offer_id)
    there = shelf.on_hand + 2 if parcel == 4 else max(shelf.on_hand - units, 0)
    await adjusting.count(
        principal=member(shelf.vendor_id), stock_id=shelf.id, change_from=shelf.on_hand, to=there,
        now=life.now,
    )  # fmt: skip


async def hear_of_shortages(life: Life) -> None:
    """Each piece of news once; nobody is there who could be refused something."""
    for event in await OutboxEvent.filter(name="stock.short"):
        if event.id in life.heard:
            continue
        life.heard.add(event.id)
        received = Received(
            event_id=event.id, name=event.name, stream_id=None, seq=None, payload=event.payload,
            happened_at=life.now,
        )  # fmt: skip
        try:
            await running_short.on_stock_short(received, now=life.now)
        except DomainError as refusal:
            raise AssertionError(f"{life.done}: {refusal!r}") from refusal


async def propose(life: Life, which: int, parcel: int, units: int) -> None:
    part, line = await life.part(which), await life.line(which)
    me = member(part.vendor_id)
    offers = await substitution_queries.offers(principal=me, sub_order_id=part.id)
    other = next((offer for offer in offers if offer.id != line.offer_id), None)
    if other is None:
        raise Nothing
    await substituting.propose(
        principal=me, sub_order_id=part.id, line_id=line.id, offer_id=other.id, units=units,
        now=life.now,
    )  # fmt: skip


async def answer(life: Life, which: int, parcel: int, units: int) -> None:
    asked = await _asked(life)
    await answering.answer(
        principal=Principal(Kind.TOKEN, id=life.order_id), substitution_id=asked.id,
        accept=bool(parcel % 2), now=life.now,
    )  # fmt: skip


async def withdraw(life: Life, which: int, parcel: int, units: int) -> None:
    asked = await _asked(life)
    await substituting.withdraw(
        principal=member(asked.vendor_id), substitution_id=asked.id, now=life.now
    )


async def _asked(life: Life) -> Substitution:
    waiting = Substitution.filter(order_id=life.order_id, state=SubstitutionState.PROPOSED)
    asked = await waiting.order_by("id").first()
    if asked is None:
        raise Nothing
    return asked
