"""What a customer does on the tracking page."""

from uuid import UUID

import httpx

from marketplace.kit.signing import sign_order
from tests.back_office.conftest import SECRET
from tests.back_office.test_order_page import words_of
from tests.marketplace_web.doors import token_in

DELIVERED = "SELECT count(*) FROM outbox_event WHERE name = 'shipment.delivered'"


def link(order_id: UUID) -> str:
    return f"/track/{sign_order(SECRET, order_id)}"


async def read(browser: httpx.AsyncClient, order_id: UUID) -> str:
    page = await browser.get(link(order_id))
    assert page.status_code == 200, page.text
    return words_of(page)


async def token_of(browser: httpx.AsyncClient, order_id: UUID) -> dict[str, str]:
    """What the page's form carries, while a parcel is on its way."""
    return {"csrf_token": token_in(await browser.get(link(order_id)))}


def receipt(order_id: UUID, shipment_id: UUID) -> str:
    return f"{link(order_id)}/shipments/{shipment_id}/receipt"
