from datetime import timedelta
from html import unescape
from uuid import uuid4

import httpx
import pytest

from back_office.wording import CONSUMERS, EVENTS, FLAGS, MAILS, REFUNDS
from marketplace.accounts import members
from marketplace.accounts.members import Person
from marketplace.kit.principal import SYSTEM, Kind, Principal, StaffRole, VendorRole
from marketplace.kit.transactions import transaction
from marketplace.notifications.models import OutgoingMail
from marketplace.notifications.rendering import folder
from marketplace.orders import deadlines, delivering, refunding
from marketplace.orders.models import Order
from marketplace.orders.staff_lists import Flag
from marketplace.payments.models import RefundState
from marketplace.payments.states import RefundMove
from marketplace.payments.stripe_gateway import StripeGateway
from marketplace_runtime import routes
from settlement.connected.stripe_connect import StripeConnect
from tests.back_office.conftest import SignedIn
from tests.back_office.stories import LATER, TwoVendors, accept, finish_refund, ship, two_vendors
from tests.counting import counted_statements
from tests.factories import NOON
from tests.marketplace_web.conftest import PASSWORD, ManualClock

pytestmark = pytest.mark.anyio


async def text_of(browser: httpx.AsyncClient, order: TwoVendors) -> str:
    """The page's words, tags taken away, spaces made one."""
    page = await browser.get(f"/back-office/orders/{order.order_id}")
    assert page.status_code == 200, page.text
    return words_of(page)


def words_of(page: httpx.Response) -> str:
    main = page.text[page.text.index("<main") :]
    without = "".join(part.split(">", 1)[-1] + " " for part in main.split("<"))
    return " ".join(unescape(without).split()).replace(" .", ".").replace(" ,", ",")


async def owner_of(order: TwoVendors) -> Principal:
    person = Person(email="mara@kiln.example", name="Mara Vogt", password=PASSWORD)
    seat = await members.add_member(
        vendor_id=order.kiln.id, person=person, role=VendorRole.OWNER, principal=SYSTEM, now=NOON
    )
    roles = frozenset({VendorRole.OWNER})
    return Principal(Kind.VENDOR, id=seat.user_id, vendor_id=order.kiln.id, roles=roles)


async def test_the_page_tells_the_whole_story(support: httpx.AsyncClient) -> None:
    order = await two_vendors(fee=1_87)
    await accept(
        order.mugs, by=await owner_of(order), refused={order.mug.id: 1}, reason="One is cracked"
    )
    first = await ship(order.mugs, units={order.mug.id: 1}, number="JD1")
    await ship(order.mugs, number="JD2")
    link = Principal(Kind.TOKEN, id=order.order_id)
    await delivering.deliver(principal=link, shipment_id=first, now=LATER)
    await finish_refund(order.order_id, RefundMove.SUBMIT, RefundMove.PEND, RefundMove.SUCCEED)

    words = await text_of(support, order)

    for sentence in (
        "Order placed 2 Mar 2026, 12:00 · The customer",
        "Payment of €88.06 arrived",
        "The provider keeps a fee of €1.87",
        "Sent to Kiln & Co",
        "Sent to Loom",
        f"Accepted by Kiln & Co {order.mugs.number} · “One is cracked” "
        "2 Mar 2026, 13:00 · Mara Vogt",
        "Refund of €14.28 asked for",
        "Refund of €14.28 sent to the provider",
        "Refund of €14.28 is pending at the provider",
        "Refund of €14.28 is done 2 Mar 2026, 13:00 · The payment provider",
        f"Partly shipped by Kiln & Co {order.mugs.number} · DHL JD1",
        f"Shipped by Kiln & Co, who has earned it {order.mugs.number} · DHL JD2",
        f"A parcel of Kiln & Co was delivered {order.mugs.number} · DHL JD1 "
        "2 Mar 2026, 13:00 · The customer, on the tracking page",
        "Standard shipping, €4.00",
        "Received €88.06",
        "Refunded €14.28",
        "Provider's fee €1.87",
        "Ana Pires ana@example.com 1 Kiln Lane 10115 Berlin Germany",
    ):
        assert sentence in words, (sentence, words)


async def test_deadlines_are_shown_as_met_running_missed_and_late(
    signed_in: SignedIn, clock: ManualClock
) -> None:
    order = await two_vendors()
    await accept(order.mugs)
    before = await text_of(await signed_in(StaffRole.SUPPORT), order)
    clock.passes(days=7)
    await deadlines.work_off(now=clock.moment)

    after = await text_of(await signed_in(StaffRole.OPERATIONS), order)

    assert "Pay met in time" in before
    assert "Answer met in time" in before
    assert "Answer 1 d left" in before
    assert "Ship 2 d 1 h left" in before
    assert "Answer missed" in after
    assert "Ship 4 d 23 h late" in after
    assert "Kiln & Co missed the deadline to ship" in after
    assert "Loom missed the deadline to answer" in after
    assert "Loom did not answer in time" in after


async def test_an_unpaid_order_ends_with_the_customers_deadline(
    support: httpx.AsyncClient,
) -> None:
    order = await two_vendors(paid=False)
    await deadlines.work_off(now=NOON + timedelta(days=1))

    words = await text_of(support, order)

    assert "The customer missed the deadline to pay" in words
    assert "Cancelled at Kiln & Co" in words
    assert "Pay missed" in words
    assert "Refund these" not in words


async def test_mails_are_shown_as_sent_and_as_waiting(support: httpx.AsyncClient) -> None:
    order = await two_vendors()
    for template, sent_at in (("order_confirmed", LATER), ("shipped", None)):
        async with transaction(SYSTEM):
            await OutgoingMail.create(
                id=uuid4(), dedupe_key=template, template=template, recipient="ana@example.com",
                order_id=order.order_id, context={}, created_at=NOON, sent_at=sent_at,
            )  # fmt: skip

    words = await text_of(support, order)

    assert "Order confirmed to ana@example.com sent 2 Mar 2026, 13:00" in words
    assert "Shipped to ana@example.com waiting since 2 Mar 2026, 12:00" in words


async def test_a_failed_refund_says_why(support: httpx.AsyncClient) -> None:
    order = await two_vendors()
    await refunding.request_full(
        principal=SYSTEM, order_id=order.order_id, reason="Never came", key="k", now=LATER
    )
    await finish_refund(
        order.order_id, RefundMove.SUBMIT, RefundMove.FAIL, failure="The card was closed"
    )

    words = await text_of(support, order)

    assert "Refund of €88.06 failed “The card was closed”" in words
    assert "€88.06 Failed Never came" in words


async def test_an_order_that_is_not_there_is_not_found(support: httpx.AsyncClient) -> None:
    for address in (uuid4(), "7", "M-100001", "..%2f"):
        answer = await support.get(f"/back-office/orders/{address}")

        assert answer.status_code == 404


async def test_what_people_typed_is_shown_and_never_obeyed(support: httpx.AsyncClient) -> None:
    hostile = '"><img src=x onerror=alert(1)>'
    order = await two_vendors(loom=hostile)
    await accept(order.mugs, refused={order.mug.id: 1}, reason=hostile)
    await ship(order.mugs, number=hostile)
    async with transaction(SYSTEM):
        await Order.filter(id=order.order_id).update(
            customer_name=hostile, address={"line1": hostile, "city": "{{ 7 * 7 }}"}
        )

    page = await support.get(f"/back-office/orders/{order.order_id}")

    assert page.status_code == 200
    assert "<img" not in page.text
    assert page.text.count("&lt;img src=x") >= 6
    assert "{{ 7 * 7 }}" in page.text


async def test_a_large_order_costs_as_many_statements_as_a_small_one(
    support: httpx.AsyncClient,
) -> None:
    small, large = await two_vendors(), await two_vendors()
    for units, number in enumerate(("A", "B", "C")):
        if not units:
            await accept(large.mugs)
        await ship(large.mugs, units={large.mug.id: 1}, number=number)
    await text_of(support, small)

    async with counted_statements() as few:
        await text_of(support, small)
    async with counted_statements() as many:
        await text_of(support, large)

    assert len(many) == len(few)


async def test_everything_the_marketplace_can_tell_has_words() -> None:
    gateway = StripeGateway(api_key="sk_test_none", api_base="http://127.0.0.1:9")
    connect = StripeConnect(api_key="sk_test_none", api_base="http://127.0.0.1:9")

    async def postman(event: object, *, now: object) -> None:
        raise AssertionError("nothing is delivered here")

    table = routes.all_routes(postman=postman, gateway=gateway, connect=connect)
    mails = {subject.parent.name for subject in folder().glob("*/subject.txt")}

    assert EVENTS.keys() == table.keys()
    assert CONSUMERS.keys() == {route.consumer for rows in table.values() for route in rows}
    assert set(FLAGS) == set(Flag)
    assert set(REFUNDS) == set(RefundState)
    assert MAILS.keys() == mails
    await gateway.close()
    await connect.close()


async def test_every_role_reads_the_order(signed_in: SignedIn) -> None:
    order = await two_vendors()

    for role in StaffRole:
        assert "What happened" in await text_of(await signed_in(role), order)
