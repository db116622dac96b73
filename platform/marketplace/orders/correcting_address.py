"""The customer puts an address right, by a signed link that works once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.queryset import QuerySet

from marketplace.accounts.addresses import postal_address
from marketplace.kit.errors import Forbidden, NotFound
from marketplace.kit.principal import Kind, Principal
from marketplace.kit.transactions import atomic, connection, transaction
from marketplace.orders import asking_address, history, locking, placing_hold
from marketplace.orders.errors import LinkOver
from marketplace.orders.history import Change
from marketplace.orders.hold_events import AddressCorrected
from marketplace.orders.hold_models import AddressCorrection, HoldKind, OrderHold
from marketplace.orders.models import Order

USED = "This link was used before. To change the address once more, answer our e-mail."
EXPIRED = "This link has expired. Answer our e-mail, and we send you a new one."
SENT = "A parcel is packed already, so the address cannot be changed any more."
SETTLED = "The address is settled, and nothing is left to do."

_IS_SENT = "SELECT EXISTS (SELECT 1 FROM shipment WHERE order_id = $1 AND state <> 'cancelled')"
_USE = "UPDATE address_correction SET corrected_at = $2, before = $3::jsonb WHERE id = $1"
_WRITE = "UPDATE orders SET address = $2::jsonb, version = version + 1 WHERE id = $1"
_BEFORE = "SELECT address::text FROM orders WHERE id = $1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the page shows: the address as it is; `over` says why nothing can be done any more."""

    order_id: UUID
    number: str
    customer_name: str
    address: Mapping[str, str]
    over: str | None


@atomic()
async def ask_again(*, principal: Principal, hold_id: UUID, now: datetime) -> UUID:
    """Send the customer of an open address hold another link; those sent before work on.

    Refuses other roles, and what is no open address hold (NotFound).
    """
    if principal.kind is not Kind.STAFF or not principal.roles & placing_hold.HOLDERS:
        raise Forbidden("ask a customer for the address")
    hold = await OrderHold.get_or_none(id=hold_id, kind=HoldKind.ADDRESS)
    if hold is None:
        raise NotFound("hold")
    await locking.lock_order(hold.order_id)
    await hold.refresh_from_db(fields=["released_at"])
    if hold.released_at is not None:
        raise NotFound("hold")
    return await asking_address.ask(hold, by=principal, now=now)


async def asked(*, principal: Principal, correction_id: UUID, now: datetime) -> Asked:
    """For whoever holds the link. NotFound for one that we never sent."""
    async with transaction(principal, read_only=True):
        link = await _link(correction_id)
        order = await Order.get(id=link.order_id)
        over = await _over(link, now)
    return Asked(
        order_id=order.id, number=order.number, customer_name=order.customer_name,
        address=order.address, over=over,
    )  # fmt: skip


@atomic()
async def correct(
    *, principal: Principal, correction_id: UUID, address: Mapping[str, str], now: datetime
) -> None:
    """Write the address that the customer gives; what waits for it goes on, all of the order.

    The country stays: prices, tax and shipping hang on it. Refuses (InvalidInput) what no parcel
    could be sent to, and (LinkOver) a link that was used, has expired, or comes when something was
    shipped or nothing waits for it any more.
    """
    link = await _link(correction_id)
    await locking.lock_order(link.order_id)
    link = await _link(correction_id)  # two who send the form at once: the second finds it used
    over = await _over(link, now)
    if over is not None:
        raise LinkOver(over)
    order = await Order.get(id=link.order_id)
    country = order.address.get("country", "")
    clean = postal_address({**address, "country": country}, countries=[country])
    before = await connection().fetchval(_BEFORE, order.id)
    await connection().execute(_USE, link.id, now, before)
    await connection().execute(_WRITE, order.id, asking_address.as_json(clean))
    change = Change(
        subject="order",
        subject_id=order.id,
        vendor_id=None,
        from_state=None,
        to_state="corrected",
        move="correct_address",
        event=AddressCorrected(order_id=order.id, correction_id=link.id),
    )
    await history.record_changes([change], by=principal, now=now)
    for hold in await _waiting(order.id).order_by("id"):
        await placing_hold.lift(hold, note="The customer corrected it", by=principal, now=now)


async def _link(correction_id: UUID) -> AddressCorrection:
    link = await AddressCorrection.get_or_none(id=correction_id)
    if link is None:
        raise NotFound("link")
    return link


async def _over(link: AddressCorrection, now: datetime) -> str | None:
    if link.corrected_at is not None:
        return USED
    if now >= link.expires_at:
        return EXPIRED
    if await connection().fetchval(_IS_SENT, link.order_id):
        return SENT
    return None if await _waiting(link.order_id).exists() else SETTLED


def _waiting(order_id: UUID) -> QuerySet[OrderHold]:
    """Parts of an order may each be held for it, and units take their hold to the next vendor."""
    return OrderHold.filter(order_id=order_id, kind=HoldKind.ADDRESS, released_at=None)
