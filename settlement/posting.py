"""What the ledger does when it hears of money: one handler for one event.

Each runs in the transaction that marks its event as done, and books from the core's rows under a
key of its own: events may come in any order and any number of times, the books end the same.
"""

from datetime import UTC, date, datetime

from marketplace.outbox.routes import Received
from settlement import capturing, earning, refunding, rerouting
from settlement.adjustments import penalising
from settlement.earnings import delivering

CONSUMER = "ledger"  # its name in deliveries; the checks of the books count what it has not heard


async def on_payment_captured(event: Received, *, now: datetime) -> None:
    await capturing.book_capture(
        capture_id=event.id_of("capture_id"), effective_date=_day(event), now=now
    )


async def on_fee_known(event: Received, *, now: datetime) -> None:
    await capturing.book_fee(
        capture_id=event.id_of("capture_id"), effective_date=_day(event), now=now
    )


async def on_sub_order_rerouted(event: Received, *, now: datetime) -> None:
    await rerouting.book_reroute(
        reroute_id=event.id_of("reroute_id"), effective_date=_day(event), now=now
    )


async def on_sub_order_shipped(event: Received, *, now: datetime) -> None:
    await earning.book_earning(
        sub_order_id=event.id_of("sub_order_id"), earned_at=event.happened_at, now=now
    )
    await rerouting.charge(
        sub_order_id=event.id_of("sub_order_id"), effective_date=_day(event), now=now
    )


async def on_sub_order_delivered(event: Received, *, now: datetime) -> None:
    await delivering.note_delivery(sub_order_id=event.id_of("sub_order_id"))


async def on_refund_succeeded(event: Received, *, now: datetime) -> None:
    await refunding.book_refund(
        refund_id=event.id_of("refund_id"),
        generation=_generation(event),
        effective_date=_day(event),
        now=now,
    )


async def on_refund_failed(event: Received, *, now: datetime) -> None:
    await refunding.book_failure(
        refund_id=event.id_of("refund_id"),
        generation=_generation(event),
        effective_date=_day(event),
        now=now,
    )


async def on_sla_penalty_due(event: Received, *, now: datetime) -> None:
    await penalising.book_penalty(run_id=event.id_of("run_id"), effective_date=_day(event), now=now)


def _generation(event: Received) -> int:
    """Which sending of a refund it tells of."""
    return int(str(event.payload.get("generation", 1)))


def _day(event: Received) -> date:
    return event.happened_at.astimezone(UTC).date()
