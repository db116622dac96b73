"""Pieces on their way: announced with a day, received in one go or several, or given up."""

from datetime import date, datetime
from uuid import UUID

from marketplace.inventory import moving
from marketplace.inventory.access import check_keeper, check_pieces, lock_shelf
from marketplace.inventory.errors import InboundClosed, InThePast
from marketplace.inventory.models import Inbound, MovementKind
from marketplace.kit import idempotency
from marketplace.kit.errors import InvalidInput, NotFound
from marketplace.kit.ids import new_id
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import atomic

ANNOUNCE, RECEIVE = "announce_inbound", "receive_inbound"


@atomic()
async def announce(
    *,
    principal: Principal,
    stock_id: UUID,
    pieces: int,
    expected_on: date,
    reference: str,
    key: str,
    now: datetime,
) -> UUID:
    """Say that pieces will arrive on a day (UTC); from then on they can be promised for later.

    The same key answers with the delivery it announced. Refuses days that are over.
    """
    check_keeper(principal)
    check_pieces("pieces", pieces, least=1)
    reference = " ".join(reference.split())
    if not 0 < len(reference) <= 80:
        raise InvalidInput("reference", "it is empty or too long", "1 to 80 characters")
    shelf = await lock_shelf(stock_id, by=principal)
    inbound_id = new_id(now)
    made = await idempotency.claim(
        by=principal, operation=ANNOUNCE, key=key, now=now, result_id=inbound_id,
        request=f"{stock_id}:{pieces}:{expected_on}:{reference}",
    )  # fmt: skip
    if made is not None:
        return made
    if expected_on < now.date():
        raise InThePast(name="expected_on", day=expected_on)
    await Inbound.create(
        id=inbound_id, stock_id=shelf.id, vendor_id=shelf.vendor_id, quantity=pieces,
        expected_on=expected_on, reference=reference, created_at=now,
    )  # fmt: skip
    return inbound_id


@atomic()
async def receive(
    *,
    principal: Principal,
    inbound_id: UUID,
    pieces: int,
    is_last: bool,
    key: str,
    now: datetime,
) -> Inbound:
    """Put arrived pieces on the shelf: fewer or more than announced, as it is.

    With the last announced piece, or `is_last`, nothing more is expected: none and the last is a
    delivery that is given up. The same key does it
    once. Refuses a delivery that is over (InboundClosed).
    """
    check_keeper(principal)
    check_pieces("pieces", pieces, least=0 if is_last else 1)
    inbound = await _held(inbound_id, principal)
    made = await idempotency.claim(
        by=principal, operation=RECEIVE, key=key, now=now, result_id=inbound.id,
        request=f"{inbound_id}:{pieces}:{is_last}",
    )  # fmt: skip
    if made is not None:
        return inbound
    if inbound.closed_at is not None:
        raise InboundClosed(reference=inbound.reference)
    shelf = await lock_shelf(inbound.stock_id, by=principal)
    on_hand = {shelf.id: shelf.on_hand + pieces}
    await moving.move_to(
        on_hand, MovementKind.RECEIVED, actor=principal.key, now=now, reason=inbound.reference
    )
    inbound.received += pieces
    if is_last or inbound.received >= inbound.quantity:
        inbound.closed_at = now
    await inbound.save(update_fields=["received", "closed_at"])
    return inbound


async def _held(inbound_id: UUID, by: Principal) -> Inbound:
    theirs = Inbound.filter(id=inbound_id)
    if by.vendor_id is not None:
        theirs = theirs.filter(vendor_id=by.vendor_id)
    inbound = await theirs.select_for_update(no_key=True).first()
    if inbound is None:
        raise NotFound("delivery")
    return inbound
