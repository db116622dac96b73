"""What a vendor's people do at the portal, through HTTP alone; and the orders that they get."""

import csv
import io
import re
from datetime import datetime
from uuid import UUID

import httpx

from marketplace.accounts import members
from marketplace.accounts.members import Person
from marketplace.accounts.models import Vendor
from marketplace.checkout import carts, placing
from marketplace.kit.principal import SYSTEM, VendorRole
from marketplace.kit.transactions import transaction
from marketplace.orders.models import OrderLine, Shipment, SubOrder
from marketplace.outbox import draining
from marketplace_runtime.routes import ledger_routes
from tests.factories import ADDRESS, GUEST, NOON, make_channel, make_offer, pay
from tests.marketplace_web import doors

PASSWORD = "correct horse"
HIDDEN = re.compile(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)">')
PARCEL = {"carrier": "DHL", "tracking_number": "JD014600"}


async def sign_in(browser: httpx.AsyncClient, email: str, *, after: str = "") -> httpx.Response:
    return await doors.sign_in(browser, email, PASSWORD, after=after)


async def seat(vendor: Vendor, email: str, name: str, role: VendorRole, now: datetime) -> None:
    person = Person(email=email, name=name, password=PASSWORD)
    await members.add_member(
        vendor_id=vendor.id, person=person, role=role, principal=SYSTEM, now=now
    )


async def order_for(
    *vendors: Vendor, quantity: int = 3, price: int = 10_00, sku: str = "mug",
    name: str = "Ana Pires", city: str = "Berlin", is_paid: bool = True,
) -> list[UUID]:  # fmt: skip
    """A paid order, with one line from each vendor; the ids of its sub-orders, as the vendors."""
    await make_channel()
    _, token = await carts.create(principal=GUEST, channel_code="eu", now=NOON)
    for vendor in vendors:
        offer = await make_offer(vendor=vendor, price=price, sku=sku, on_hand=50)
        await carts.set_line(principal=GUEST, token=token, offer_id=offer.id, quantity=quantity)
    await carts.set_details(
        principal=GUEST, token=token, email="ana@example.com", name=name,
        address=ADDRESS | {"city": city},
    )  # fmt: skip
    order_id = await placing.place_order(principal=GUEST, token=token, key=token, now=NOON)
    if is_paid:
        await pay(order_id)
    async with transaction(SYSTEM, read_only=True):
        parts = {part.vendor_id: part.id for part in await SubOrder.filter(order_id=order_id)}
    return [parts[vendor.id] for vendor in vendors]


def page_of(sub_order_id: UUID) -> str:
    return f"/portal/sub-orders/{sub_order_id}"


def hidden_fields(page: httpx.Response) -> dict[str, str]:
    """The form's tokens and the version that it was made for."""
    return dict(HIDDEN.findall(page.text))


async def post(
    browser: httpx.AsyncClient, sub_order_id: UUID, what: str, **fields: object
) -> httpx.Response:
    """Open the sub-order's page, fill in its form and send it."""
    page = await browser.get(page_of(sub_order_id))
    form = hidden_fields(page) | {name: str(value) for name, value in fields.items()}
    return await browser.post(f"{page_of(sub_order_id)}/{what}", data=form)


async def line_of(sub_order_id: UUID) -> OrderLine:
    async with transaction(SYSTEM, read_only=True):
        return await OrderLine.get(sub_order_id=sub_order_id)


async def state_of(sub_order_id: UUID) -> str:
    async with transaction(SYSTEM, read_only=True):
        return str((await SubOrder.get(id=sub_order_id)).state)


async def parcels_of(sub_order_id: UUID) -> list[Shipment]:
    async with transaction(SYSTEM, read_only=True):
        return await Shipment.filter(sub_order_id=sub_order_id).order_by("id")


async def book() -> None:
    """The books hear of all that has happened."""
    await draining.drain(routes=ledger_routes(), now=NOON)


def rows_of(answer: httpx.Response) -> list[dict[str, str]]:
    """A CSV file's rows by its header."""
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
