"""A customer is asked kindly, once, whether something else will do."""

import pytest

from marketplace.orders import substituting
from marketplace.outbox.models import OutboxEvent
from tests.factories import NOON, member
from tests.notifications.catching import catching
from tests.notifications.test_stock_mail import hear
from tests.orders.test_substituting import propose, sold

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]


async def test_a_customer_reads_what_is_offered_and_what_comes_back() -> None:
    part, _, other = await sold()
    await propose(part, other)
    event = await OutboxEvent.get(name="substitution.proposed")

    async with catching() as server:
        await hear(server, event)
        await hear(server, event)

        [message] = server.received
        text, html = server.text_of(message), server.html_of(message)
    assert "Would something else do?" in str(message["subject"])
    for words in ("Kiln", "Mug", "Cup", "The same potter", "€4.76"):
        assert words in text
        assert words in html
    assert "/track/" in text


async def test_nobody_is_asked_about_what_was_taken_back() -> None:
    part, _, other = await sold()
    proposed = await propose(part, other)
    await substituting.withdraw(
        principal=member(part.vendor_id), substitution_id=proposed.id, now=NOON
    )

    async with catching() as server:
        await hear(server, await OutboxEvent.get(name="substitution.proposed"))

        assert server.received == []
