"""A day on which the provider was never heard: calls were made, answers lost, no event came."""

from marketplace.outbox import draining
from marketplace.payments.inbox import ReceivedEvent
from marketplace_runtime.routes import REFUNDS
from tests.settlement.simulation import money, selling
from tests.settlement.simulation.play import Play

BY = {"visa": 0, "bypassPending": 2, "refundFail": 3, "pendingRefund": 4, "createDispute": 5}
ALL_THREE, FIRST_TWO, FIRST = 6, 2, 0  # what `buy` makes of its first pick
LOST = 3  # strokes: as often as Stripe's client asks


async def until_the_evening_before(play: Play) -> None:
    """Orders earned by their vendors, and a batch that two people approved."""
    for vendors, card in (
        (ALL_THREE, "bypassPending"), (ALL_THREE, "bypassPending"), (FIRST_TWO, "refundFail"),
        (FIRST_TWO, "pendingRefund"), (FIRST, "visa"),
    ):  # fmt: skip
        await selling.sell(play, (vendors, 2, 7, BY[card]))
        await play.pass_time(minutes=1)
    await play.work()
    await play.pass_time(days=3)
    await play.work()
    await selling.sell(play, (ALL_THREE, 1, 15, BY["visa"]))
    await play.work()
    for person in (0, 1):
        await money.approve(play, (0, person, 0, 0))


async def unheard_day(play: Play) -> None:
    """Everything that a provider can have to say, and nothing of it said."""
    sandbox = play.world.sandbox
    await sandbox.fault("webhook_lost", count=100_000)
    for kind, path in (("timeout_after_work", "POST /v1/transfers"),
                       ("error_500_after_work", "POST /v1/payouts")):  # fmt: skip
        await sandbox.fault(kind, path=path, count=LOST)
    await sandbox.fault("payout_fails", target=play.cast.accounts[1])
    await money.pay_batch(play, (0, 0, 0, 0))
    await sandbox.fault("timeout_after_work", path="POST /v1/payment_intents", count=2 * LOST)
    for vendors, card in (
        (ALL_THREE, "visa"), (FIRST_TWO, "createDispute"), (FIRST_TWO, "createDispute"),
        (FIRST, "visa"),
    ):  # fmt: skip
        await selling.buy(play, (vendors, 1, 1, BY[card]))
        await play.pass_time(minutes=1)
    await sandbox.fault("timeout_after_work", path="POST /v1/refunds", count=LOST)
    for line in (0, 3, 5, 7, 8):
        await selling.refund(play, (line, line, 2 * line, 0))
        await play.pass_time(minutes=1)
    await draining.drain(routes=play.routes, now=play.now, consumers={REFUNDS})
    for charge, way in ((1, "win"), (2, "lose"), (4, ""), (5, "lose")):
        await money.dispute(play, (charge, 1, 1, 0))
        disputes = await _disputes(play)
        if way:
            assert await play.door(f"disputes/{disputes[0]}/{way}") == 200
        await play.pass_time(minutes=1)
    await money.new_bank(play, (2, 1, 0, 0))
    await play.pass_time(days=5)


async def events_of(play: Play) -> list[ReceivedEvent]:
    """All that the inbox lacks, of the platform and of each vendor's account."""
    rows = await play.fetch("SELECT event_id FROM provider_event")
    known = {row["event_id"] for row in rows}
    events = []
    for account in (None, *play.cast.accounts):
        pages = play.world.connect.list_events(account, created_from=play.now.replace(day=1))
        async for page in pages:
            events += [event for event in page if event.event_id not in known]
    return events


async def _disputes(play: Play) -> list[str]:
    found = await play.world.sandbox.client.v1.disputes.list_async({"limit": 5})
    return [one.id for one in found.data]
