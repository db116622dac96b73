"""Each mail once, later where it must be, and to nobody else."""

from datetime import timedelta

import pytest

from marketplace.kit.transactions import connection
from marketplace.notifications.messages import MESSAGES
from marketplace.orders.models import SubOrder
from marketplace.outbox.draining import drain
from marketplace.outbox.routes import Kind, Route
from tests.factories import NOON
from tests.notifications.catching import MailServer
from tests.notifications.posting import hear, postman, tell
from tests.notifications.selling import an_order_of_two_vendors, first_sub_order, ship_one

pytestmark = pytest.mark.anyio


async def test_an_order_paid_too_late_is_not_confirmed(db: None, server: MailServer) -> None:
    order_id = await an_order_of_two_vendors()
    await SubOrder.filter(order_id=order_id).update(state="cancelled")

    await hear(server, "payment.captured", order_id)

    assert server.received == []


async def test_the_same_news_heard_again_is_one_mail_with_one_message_id(
    db: None, server: MailServer
) -> None:
    order_id = await an_order_of_two_vendors()
    first = await tell(server, "payment.captured", order_id)

    await hear(server, "payment.captured", order_id)
    # The server took it, and we died before we could note it.
    await connection().execute("UPDATE outgoing_mail SET sent_at = NULL")
    await hear(server, "payment.captured", order_id)

    assert len(server.received) == 2
    assert server.received[1]["Message-ID"] == first["Message-ID"]


async def test_a_mail_server_that_refuses_gets_the_mail_later(db: None, server: MailServer) -> None:
    order_id = await an_order_of_two_vendors()
    routes = {name: [Route("mail", postman(server), Kind.OUTSIDE)] for name in MESSAGES}
    server.is_refusing = True
    assert await drain(routes=routes, now=NOON) == 0
    server.is_refusing = False

    assert await drain(routes=routes, now=NOON + timedelta(hours=1)) == 2

    assert len(server.received) == 2
    assert order_id is not None
    unsent = await connection().fetchval("SELECT count(*) FROM outgoing_mail WHERE sent_at IS NULL")
    assert unsent == 0


async def test_a_name_cannot_smuggle_in_a_header(db: None, server: MailServer) -> None:
    order_id = await an_order_of_two_vendors()
    await connection().execute("UPDATE vendor SET name = $1", "Kiln\r\nBcc: everybody@example.com")
    sub_order = await first_sub_order(order_id)
    shipment_id = await ship_one(sub_order)

    message = await tell(
        server, "sub_order.shipped", order_id, sub_order_id=sub_order.id, shipment_id=shipment_id
    )

    assert message["Bcc"] is None
    assert server.recipients == ["ana@example.com"]
