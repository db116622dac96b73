"""What customers and vendors read of their orders."""

from datetime import timedelta

import pytest
from tortoise.expressions import F

from marketplace.accounts.models import Vendor
from marketplace.kit.ids import new_id
from marketplace.kit.signing import read_order
from marketplace.kit.transactions import connection
from marketplace.orders.delay_models import DelayNotice
from marketplace.orders.models import OrderLine, Shipment, SubOrder
from marketplace.sla.models import SlaClock
from tests.factories import NOON
from tests.notifications.catching import MailServer
from tests.notifications.posting import SECRET, SENDER, tell
from tests.notifications.selling import an_order_of_two_vendors, first_sub_order, refund, ship_one

pytestmark = pytest.mark.anyio


async def test_the_customer_reads_what_was_bought_from_whom_and_where_to_follow_it(
    db: None, server: MailServer
) -> None:
    order_id = await an_order_of_two_vendors()

    message = await tell(server, "payment.captured", order_id)

    text, html = server.text_of(message), server.html_of(message)
    assert message["Subject"].startswith("Your order M-")
    assert (message["To"], message["From"]) == ("ana@example.com", SENDER)
    for words in (text, html):
        assert "Ana Pires" in words
        assert "€24.00" in words
        assert "€12.00" in words
        assert "1 Kiln Lane" in words
        assert "10115 Berlin" in words
        assert "Germany" in words
    assert "2 sellers" in text
    assert "2 x Mug: €24.00" in text
    assert "Standard shipping: €4.00" in text
    assert "Standard shipping" in html
    assert "Kiln &amp; Co" in html
    assert "Loom &lt;Berlin&gt;" in html
    assert "<Berlin>" not in html
    [link] = [word for word in text.split() if word.startswith("https://shop.test/track/")]
    assert read_order(SECRET, link.rsplit("/", 1)[1]) == order_id


async def test_a_vendor_reads_its_own_part_and_when_to_accept_it(
    db: None, server: MailServer
) -> None:
    sub_order = await first_sub_order(await an_order_of_two_vendors())

    message = await tell(
        server, "sub_order.released", sub_order.order_id, sub_order_id=sub_order.id
    )

    text = server.text_of(message)
    vendor = await connection().fetchrow("SELECT * FROM vendor WHERE id = $1", sub_order.vendor_id)
    assert message["To"] == vendor["email"]
    assert sub_order.number in message["Subject"]
    # Released on Monday at 13:00 in Berlin: eight hours of business end on Tuesday at 13:00.
    assert "Tuesday 3 March 2026, 13:00 (CET)" in text
    assert f"https://shop.test/portal/sub-orders/{sub_order.id}" in text
    assert "It goes by standard shipping to:" in text
    assert "Standard shipping" in server.html_of(message)
    assert "ana@example.com" not in text
    other = "Loom" if vendor["name"].startswith("Kiln") else "Kiln & Co"
    assert other not in text


@pytest.mark.parametrize("name", ["sub_order.partly_shipped", "sub_order.shipped"])
async def test_the_customer_reads_what_is_in_the_parcel_and_what_is_still_to_come(
    db: None, server: MailServer, name: str
) -> None:
    order_id = await an_order_of_two_vendors()
    sub_order = await SubOrder.get(order_id=order_id, lines__quantity=2)
    shipment_id = await ship_one(sub_order)

    message = await tell(server, name, order_id, sub_order_id=sub_order.id, shipment_id=shipment_id)

    text = server.text_of(message)
    assert "In this parcel:\n  1 x Mug" in text
    assert "Still to come from Kiln & Co, in another parcel:\n  1 x Mug" in text
    assert "JD014600003RT" in text
    assert "JD014600003RT" in server.html_of(message)


async def test_the_customer_reads_that_a_parcel_has_arrived(db: None, server: MailServer) -> None:
    sub_order = await first_sub_order(await an_order_of_two_vendors())
    shipment_id = await ship_one(sub_order)
    delivered_at = NOON + timedelta(days=2)
    await Shipment.filter(id=shipment_id).update(state="delivered", delivered_at=delivered_at)

    message = await tell(
        server, "shipment.delivered", sub_order.order_id,
        sub_order_id=sub_order.id, shipment_id=shipment_id,
    )  # fmt: skip

    assert message["Subject"].startswith("Delivered")
    assert "Wednesday 4 March 2026, 13:00 (CET)" in server.text_of(message)


async def test_the_customer_reads_how_much_comes_back_and_for_what(
    db: None, server: MailServer
) -> None:
    sub_order = await first_sub_order(await an_order_of_two_vendors())
    refund_id = await refund(sub_order)

    message = await tell(server, "refund.succeeded", sub_order.order_id, refund_id=refund_id)

    text = server.text_of(message)
    assert message["Subject"].startswith("€18.28 is on its way back")
    assert "€14.28" in text
    assert ": €4.00" in text
    assert "sorry" not in text


async def test_what_a_vendor_could_not_supply_comes_back_with_an_apology(
    db: None, server: MailServer
) -> None:
    sub_order = await first_sub_order(await an_order_of_two_vendors())
    await SubOrder.filter(id=sub_order.id).update(state="expired")
    refund_id = await refund(sub_order)

    message = await tell(server, "refund.succeeded", sub_order.order_id, refund_id=refund_id)

    assert "We are sorry" in server.text_of(message)
    assert "We are sorry" in server.html_of(message)


async def test_a_vendor_is_warned_of_its_deadline_and_told_when_it_has_passed(
    db: None, server: MailServer
) -> None:
    sub_order = await first_sub_order(await an_order_of_two_vendors())
    clock = await SlaClock.get(subject_id=sub_order.id, kind="accept_by")
    order_id = sub_order.order_id

    message = await tell(
        server, "sla.vendor_notified", order_id, run_id=new_id(NOON),
        clock_id=clock.id, sub_order_id=sub_order.id, moment="warned",
    )  # fmt: skip
    late = await tell(
        server, "sla.vendor_notified", order_id, run_id=new_id(NOON),
        clock_id=clock.id, sub_order_id=sub_order.id, moment="after",
    )  # fmt: skip

    assert message["Subject"].startswith(f"Please accept {sub_order.number} by Tuesday")
    assert late["Subject"] == f"{sub_order.number} is late: please accept it now"
    assert len(server.received) == 2


async def test_a_vendor_that_was_late_reads_what_is_not_its_any_more(
    db: None, server: MailServer
) -> None:
    sub_order = await first_sub_order(await an_order_of_two_vendors())
    clock = await SlaClock.get(subject_id=sub_order.id, kind="accept_by")
    vendor = await Vendor.get(id=sub_order.vendor_id)
    line = await OrderLine.get(sub_order_id=sub_order.id)
    told = {"sub_order_id": sub_order.id, "clock_id": clock.id}

    some = await tell(server, "sub_order.handed_on", sub_order.order_id, **told)
    await OrderLine.filter(sub_order_id=sub_order.id).update(cancelled=F("quantity"))
    whole = await tell(server, "sub_order.handed_on", sub_order.order_id, **told)

    assert some["Subject"] == f"{sub_order.number}: another seller sends what was late"
    assert some["To"] == whole["To"] == vendor.email
    assert "Please send only what you have packed" in server.text_of(some)
    assert f"{line.quantity} x {line.name}" in server.text_of(some)
    for words in (server.text_of(whole), server.html_of(whole)):
        assert "Please send nothing of it any more" in words
        assert "accept" in words


async def test_a_customer_reads_the_new_date_and_why(db: None, server: MailServer) -> None:
    sub_order = await first_sub_order(await an_order_of_two_vendors())
    clock = await SlaClock.get(subject_id=sub_order.id, kind="accept_by")
    notice = await DelayNotice.create(
        id=new_id(NOON), clock_id=clock.id, order_id=sub_order.order_id, sub_order_id=sub_order.id,
        vendor_id=sub_order.vendor_id, was_at=NOON, new_at=NOON + timedelta(days=2),
        reason="The glaze has to dry", told_by="system", told_at=NOON,
    )  # fmt: skip

    message = await tell(
        server, "sub_order.delayed", sub_order.order_id,
        sub_order_id=sub_order.id, notice_id=notice.id,
    )  # fmt: skip

    text = server.text_of(message)
    assert message["Subject"].startswith("A new date for what ")
    assert "leave by Wednesday 4 March 2026" in text
    assert "The glaze has to dry" in text
