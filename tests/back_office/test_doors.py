"""Who comes in, and who does not."""

from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest
from starlette.routing import Route

from back_office.routes import routes
from marketplace.accounts import members
from marketplace.accounts.members import Person
from marketplace.kit.principal import SYSTEM, StaffRole
from marketplace.outbox import reviving
from tests.back_office.conftest import SignedIn
from tests.back_office.stories import TwoVendors, counts, send, two_vendors
from tests.back_office.test_order_list import set_aside
from tests.factories import NOON
from tests.marketplace_web.conftest import PASSWORD
from tests.marketplace_web.doors import sign_in, token_in

pytestmark = pytest.mark.anyio


def doors() -> Iterator[tuple[str, str]]:
    """Each route of the back office with its methods, ids filled in."""
    for route in routes:
        assert isinstance(route, Route)
        names = {name: str(uuid4()) for name in route.param_convertors}
        path = route.path
        for name, value in names.items():
            path = path.replace(f"{{{name}:uuid}}", value)
        for method in sorted((route.methods or set()) - {"HEAD"}):
            yield method, f"/back-office{path}"


async def test_every_door_leads_strangers_to_the_sign_in(visitor: httpx.AsyncClient) -> None:
    for method, address in doors():
        answer = await visitor.request(method, address)

        assert answer.status_code == 303, (method, address)
        assert answer.headers["location"].startswith("/back-office/sign-in"), (method, address)


async def test_a_vendors_session_opens_nothing(visitor: httpx.AsyncClient) -> None:
    await members.create_vendor(
        code="nord", name="Nord", email="o@nord.example", country="NO", time_zone="Europe/Oslo",
        owner=Person(email="ingrid@nord.example", name="Ingrid", password=PASSWORD),
        principal=SYSTEM, now=NOON,
    )  # fmt: skip
    await sign_in(visitor, "ingrid@nord.example", PASSWORD, face="/portal")
    portal_cookie = visitor.cookies["souk_portal"]
    visitor.cookies.set("souk_back_office", portal_cookie)
    assert (await visitor.get("/portal/")).status_code == 200

    for method, address in doors():
        answer = await visitor.request(method, address)

        assert answer.headers["location"].startswith("/back-office/sign-in"), (method, address)
    refused = await sign_in(visitor, "ingrid@nord.example", PASSWORD, face="/back-office")
    assert refused.status_code == 422


async def test_a_form_without_its_token_changes_nothing(support: httpx.AsyncClient) -> None:
    order = await two_vendors()
    parcel = await send(order.mugs)
    events = await counts("SELECT count(*) FROM outbox_event")
    page = f"/back-office/orders/{order.order_id}"

    for address in (f"{page}/refunds", f"{page}/shipments/{parcel}/delivery"):
        for token in ("", "0" * 64):
            form = {"csrf_token": token, "all": "yes", "reason": "x"}
            assert (await support.post(address, data=form)).status_code == 403

    assert await counts("SELECT count(*) FROM outbox_event") == events
    assert await counts("SELECT count(*) FROM refund") == 0


async def deliver(browser: httpx.AsyncClient, order: TwoVendors, parcel: object) -> httpx.Response:
    page = f"/back-office/orders/{order.order_id}"
    form = {"csrf_token": token_in(await browser.get("/back-office/"))}
    return await browser.post(f"{page}/shipments/{parcel}/delivery", data=form)


async def test_a_parcel_is_marked_as_delivered_once(support: httpx.AsyncClient) -> None:
    order = await two_vendors()
    parcel = await send(order.mugs)

    first = await deliver(support, order, parcel)
    after_first = await support.get(first.headers["location"])
    second = await deliver(support, order, parcel)
    after_second = await support.get(second.headers["location"])

    assert (first.status_code, second.status_code) == (303, 303)
    assert "The parcel is marked as delivered." in after_first.text
    assert "Mark as delivered" not in after_first.text
    assert "· Sam Idris" in after_first.text
    assert "was marked as delivered before" in after_second.text
    delivered = "SELECT count(*) FROM outbox_event WHERE name = 'shipment.delivered'"
    assert await counts(delivered) == 1


async def test_a_parcel_of_another_order_is_not_found(support: httpx.AsyncClient) -> None:
    mine, theirs = await two_vendors(), await two_vendors()
    parcel = await send(theirs.mugs)

    answers = [await deliver(support, mine, parcel), await deliver(support, mine, uuid4())]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert await counts("SELECT count(*) FROM shipment WHERE state = 'delivered'") == 0


@pytest.mark.parametrize("role", [StaffRole.OPERATIONS, StaffRole.ADMINISTRATOR])
async def test_what_was_set_aside_is_seen_and_tried_again(
    signed_in: SignedIn, role: StaffRole
) -> None:
    browser, order = await signed_in(role), await two_vendors()
    delivery_id = await set_aside(order.order_id)
    page = await browser.get("/back-office/set-aside")
    retry = f"/back-office/set-aside/{delivery_id}/retry"
    form = {"csrf_token": token_in(page)}

    first = await browser.post(retry, data=form)
    emptied = await browser.get(first.headers["location"])
    second = await browser.post(retry, data=form)

    for shown in ("order.placed", "an e-mail", "SMTPServerDisconnected: &lt;gone&gt;"):
        assert shown in page.text
    assert f'href="/back-office/orders/{order.order_id}"' in page.text
    assert '<span class="count">1</span>' in page.text
    assert "It is on its way again." in emptied.text
    assert "Nothing is set aside" in emptied.text
    assert await counts("SELECT count(*) FROM delivery WHERE attempts = 0 AND dead_at IS NULL") == 1
    assert second.status_code == 303
    assert "not set aside any more" in (await browser.get("/back-office/set-aside")).text


async def test_support_sees_what_was_set_aside_and_leaves_it_there(
    support: httpx.AsyncClient,
) -> None:
    delivery_id = await set_aside((await two_vendors()).order_id)
    page = await support.get("/back-office/set-aside")
    retry = f"/back-office/set-aside/{delivery_id}/retry"

    answer = await support.post(
        retry, data={"csrf_token": token_in(await support.get("/back-office/"))}
    )

    assert "order.placed" in page.text
    assert "Try again" not in page.text
    assert answer.status_code == 403
    assert len(await reviving.dead_letters(principal=SYSTEM)) == 1
    assert (await support.get(retry)).headers["location"] == "/back-office/set-aside"
