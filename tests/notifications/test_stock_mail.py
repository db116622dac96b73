"""What is written about stock: to a vendor that runs low, to a customer who paid too late."""

from datetime import timedelta

import pytest

from marketplace.checkout.placing import PAY_WITHIN
from marketplace.inventory import adjusting, alerting
from marketplace.inventory.models import Stock
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection
from marketplace.notifications.links import Links
from marketplace.notifications.mailer import SmtpMailer
from marketplace.notifications.sending import Postman
from marketplace.outbox.models import OutboxEvent
from marketplace.outbox.routes import Received
from marketplace.payments.models import Refund
from tests.factories import NOON, make_channel, make_offer, make_order, make_vendor, pay
from tests.notifications.catching import MailServer

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]

LATE = NOON + PAY_WITHIN + timedelta(seconds=1)


async def hear(server: MailServer, event: OutboxEvent) -> None:
    links = Links(base_url="https://shop.test", secret="a secret of thirty-two characters")
    mailer = SmtpMailer.at(server.url)
    postman = Postman(mailer=mailer, sender="Souk <orders@souk.test>", links=links)
    received = Received(
        event_id=event.id, name=event.name, stream_id=event.stream_id, seq=event.seq,
        payload=event.payload, happened_at=event.happened_at,
    )  # fmt: skip
    await postman(received, now=NOON)


async def a_low_shelf() -> tuple[Stock, OutboxEvent]:
    await make_channel()
    mug = await make_offer(vendor=await make_vendor(name="Loom <Berlin>"), on_hand=2)
    shelf = await Stock.get(offer_id=mug.id)
    await adjusting.set_levels(principal=SYSTEM, stock_id=shelf.id, safety=0, low_at=3)
    await alerting.look(now=NOON)
    return shelf, await OutboxEvent.get(name=alerting.LOW)


async def test_a_vendor_reads_once_what_runs_low_and_where_to_look(server: MailServer) -> None:
    shelf, event = await a_low_shelf()

    await hear(server, event)
    await hear(server, event)

    [message] = server.received
    text, html = server.text_of(message), server.html_of(message)
    assert "runs low: 2 left" in message["Subject"]
    assert "2 left to sell; 2 on the shelf, 0 of them sold" in text
    assert f"https://shop.test/portal/stock/{shelf.id}" in text
    assert "Loom &lt;Berlin&gt;" in html


async def test_what_was_refilled_meanwhile_is_not_written_about(server: MailServer) -> None:
    shelf, event = await a_low_shelf()
    await adjusting.count(principal=SYSTEM, stock_id=shelf.id, change_from=2, to=9, now=NOON)
    await alerting.look(now=NOON)

    await hear(server, event)

    assert server.received == []


async def test_who_paid_after_others_had_bought_it_reads_why_the_money_is_back(
    server: MailServer,
) -> None:
    mug = await make_offer(on_hand=1)
    late = await make_order({mug.id: 1})
    await make_order({mug.id: 1}, now=LATE)
    await pay(late, now=LATE)
    refund = await Refund.get(order_id=late)
    await connection().execute(
        "UPDATE refund SET state = 'succeeded', finished_at = $2 WHERE id = $1", refund.id, LATE
    )
    asked = await OutboxEvent.get(name="refund.requested", stream_id=late)
    captured = await OutboxEvent.get(name="payment.captured", stream_id=late)

    await hear(server, captured)
    asked.name = "refund.succeeded"
    await hear(server, asked)

    [message] = server.received
    assert "your payment came after the time for which we could keep" in server.text_of(message)
    assert "your payment came after the time for which we could keep" in server.html_of(message)
