"""Where an order goes, corrected before any of its sellers has accepted it."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from marketplace.accounts.addresses import ADDRESS_FIELDS, one_line, postal_address
from marketplace.catalog.models import Channel
from marketplace.kit.errors import DomainError, Forbidden, InvalidInput, NotFound
from marketplace.kit.principal import Kind, Principal
from marketplace.kit.transactions import atomic, connection, transaction
from marketplace.orders import finding, history, locking, windows
from marketplace.orders.errors import NothingToDo, StaleVersion
from marketplace.orders.events import OrderAddressChanged
from marketplace.orders.history import Change
from marketplace.orders.models import Order, SubOrder
from marketplace.orders.states import SubOrderState

EDITABLE = (SubOrderState.PENDING, SubOrderState.AWAITING_ACCEPTANCE)
# Another seller may still have its units.
GIVEN_UP = (SubOrderState.REFUSED, SubOrderState.EXPIRED, SubOrderState.CANCELLED)
MOVE, EDITED = "change_address", "edited"

_CHANGE = """
    UPDATE orders SET address = $2::jsonb, customer_name = $3, version = version + 1 WHERE id = $1
"""


@dataclass(eq=False)
class AddressFixed(DomainError):
    """A seller has accepted the order for the address that it has."""

    code: ClassVar[str] = "ADDRESS_FIXED"

    number: str

    @property
    def message(self) -> str:
        return f"{self.number} is being prepared: its address cannot be changed any more."


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What would be written, and which fields of it are new. It changes no price and no tax."""

    version: int
    name: str
    address: Mapping[str, str]
    fields: Sequence[str]


async def preview(
    *, principal: Principal, order_id: UUID, name: str | None, address: Mapping[str, str]
) -> Edit:
    """What `change_address` would do now; changes nothing, refuses what it refuses."""
    _check(principal)
    async with transaction(principal, read_only=True):
        await finding.check(order_id, by=principal)
        order = await Order.get(id=order_id)
        return await _edit(order, await SubOrder.filter(order_id=order_id), name, address)


@atomic()
async def change_address(
    *,
    principal: Principal,
    order_id: UUID,
    name: str | None,
    address: Mapping[str, str],
    expected_version: int,
    now: datetime,
) -> Edit:
    """Correct who gets it and where, within the country: the customer, or staff for them.

    Without a name the one it has stays. Prices and taxes are by country and stay. Refuses other
    people's orders (NotFound), an order that a seller has accepted (AddressFixed) or that was
    changed meanwhile (StaleVersion), another country, an address that could not be delivered to,
    and one that is the same.
    """
    _check(principal)
    await finding.check(order_id, by=principal)
    sub_orders = await locking.lock_sub_orders(order_id)
    order = await Order.get(id=order_id)
    if order.version != expected_version:
        raise StaleVersion(thing="order", current=order.version)
    edit = await _edit(order, sub_orders, name, address)
    if not edit.fields:
        raise NothingToDo(action="change")
    written = json.dumps(dict(edit.address))
    await connection().execute(_CHANGE, order_id, written, edit.name)
    change = Change(
        subject="order",
        subject_id=order_id,
        vendor_id=None,
        from_state=None,
        to_state=EDITED,
        move=MOVE,
        event=OrderAddressChanged(order_id=order_id, fields=tuple(edit.fields)),
    )
    await history.record_changes([change], by=principal, now=now)
    return edit


def is_open(states: Collection[SubOrderState]) -> bool:
    """Whether the address may still be changed: nobody has accepted it, somebody still may."""
    live = [state for state in states if state not in GIVEN_UP]
    return bool(live) and all(state in EDITABLE for state in live)


async def _edit(
    order: Order, sub_orders: Collection[SubOrder], name: str | None, address: Mapping[str, str]
) -> Edit:
    if not is_open([part.state for part in sub_orders]):
        raise AddressFixed(number=order.number)
    channel = await Channel.get(id=order.channel_id)
    clean = postal_address(address, countries=channel.countries)
    if clean["country"] != order.address.get("country"):
        raise InvalidInput(
            "address.country", "prices and taxes are of another country",
            f"{order.address.get('country')}; or cancel, and order anew",
        )  # fmt: skip
    name = order.customer_name if name is None else one_line("name", name, most=120)
    fields = [key for key in ADDRESS_FIELDS if clean.get(key) != order.address.get(key)]
    if name != order.customer_name:
        fields.insert(0, "name")
    return Edit(version=order.version, name=name, address=clean, fields=fields)


def _check(by: Principal) -> None:
    if by.kind is Kind.VENDOR:
        raise NotFound("order")
    if by.kind is Kind.STAFF and not by.roles & windows.CANCELLERS:
        raise Forbidden("change an address")
