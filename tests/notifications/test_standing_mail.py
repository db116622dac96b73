"""What a vendor reads about its standing: the figure, the limit, what to do, what was decided."""

import pytest

from marketplace.notifications.messages import MESSAGES
from marketplace.outbox.draining import drain
from marketplace.outbox.routes import Kind, Route
from marketplace.scorecards import appealing, by_hand, daily
from tests.factories import NOON, member
from tests.notifications.catching import MailServer
from tests.notifications.posting import postman
from tests.scorecards.deadlines import OLA, seller, shipped

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]


async def news(server: MailServer) -> list[tuple[str, str]]:
    """Subject and text of each e-mail about a standing, in the order of the events."""
    server.received.clear()
    names = ("vendor.warned", "vendor.suspended", "vendor.reinstated", "appeal.denied")
    assert set(names) < set(MESSAGES)
    routes = {name: [Route("mail", postman(server), Kind.OUTSIDE)] for name in names}
    await drain(routes=routes, now=NOON)
    return [(str(one["Subject"]), server.text_of(one)) for one in server.received]


async def test_each_step_is_told_with_what_to_do_and_an_answer_with_its_words(
    server: MailServer,
) -> None:
    part = await seller()
    vendor_id = part.vendor_id
    await shipped(part, late=1, in_time=9)
    await daily.work_off(now=NOON)
    [(subject, text)] = await news(server)
    assert subject == "A warning: orders sent late"
    assert "Orders sent late: 10 % of 10 orders in the last 30 days" in text
    assert "The limit is at most 4 %.\n  Send the oldest first." in text
    assert "https://shop.test/portal/performance" in text

    appeal_id = await appealing.appeal(principal=member(vendor_id), text="Why?", now=NOON)
    await appealing.deny(principal=OLA, appeal_id=appeal_id, answer="No <proof>.", now=NOON)
    [(subject, text)] = await news(server)
    assert (subject, "No <proof>." in text) == ("About your appeal", True)
    assert "No &lt;proof&gt;." in server.html_of(server.received[0])

    await by_hand.suspend(principal=OLA, vendor_id=vendor_id, reason="Fakes", now=NOON)
    [(subject, text)] = await news(server)
    assert (subject, "Fakes" in text) == ("Your offers are off sale for now", True)

    await by_hand.lift(principal=OLA, vendor_id=vendor_id, reason="They are real", now=NOON)
    [(subject, text)] = await news(server)
    assert (subject, "They are real" in text) == ("Your offers are on sale again", True)


async def test_who_appealed_a_warning_and_is_suspended_by_now_reads_that_it_is_off_sale(
    server: MailServer,
) -> None:
    part = await seller()
    await shipped(part, late=1, in_time=9)
    await daily.work_off(now=NOON)
    appeal_id = await appealing.appeal(principal=member(part.vendor_id), text="Why?", now=NOON)
    await by_hand.suspend(principal=OLA, vendor_id=part.vendor_id, reason="Fakes", now=NOON)
    await appealing.deny(principal=OLA, appeal_id=appeal_id, answer="No.", now=NOON)

    told = dict(await news(server))

    assert "are off sale for now" in told["About your appeal"]


async def test_a_warning_that_ended_by_itself_thanks(server: MailServer) -> None:
    part = await seller()
    await shipped(part, late=1, in_time=9)
    await daily.work_off(now=NOON)
    await shipped(part, late=0, in_time=90)
    await daily.work_off(now=NOON.replace(day=3))
    routes = {"vendor.recovered": [Route("mail", postman(server), Kind.OUTSIDE)]}
    await drain(routes=routes, now=NOON.replace(day=3))

    [message] = server.received
    assert message["Subject"] == "The warning is over"
    assert "within the limits again" in server.text_of(message)
