"""A whole order's life, at random: whoever may do something does it, and every rule holds after.

`python -m tests.orders.life 500` plays as many lives as one likes; each failure prints its steps.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from marketplace.carriers import simulated
from marketplace.carriers.protocol import CarrierNews
from marketplace.carriers.simulated import SimulatedCarrier
from marketplace.inventory.models import Location
from marketplace.kit.errors import DomainError
from marketplace.kit.principal import SYSTEM, Kind, Principal
from marketplace.kit.transactions import connection, transaction
from marketplace.orders import (
    accepting,
    calling_off,
    closing,
    collecting,
    deadlines,
    delivering,
    labelling,
    losing,
    preparing,
    refunding,
    shipping,
    tracking,
)
from marketplace.orders.models import OrderLine, Shipment, SubOrder
from marketplace.orders.tracks import Resolution, TrackingStatus
from marketplace.outbox import draining
from marketplace.payments.models import Payment
from marketplace_runtime.routes import ledger_routes
from settlement.invariants.checking import check_all
from tests.factories import NOON, make_offer, make_order, member, pay
from tests.orders.living import STAFF, key

CARRIER = SimulatedCarrier(secret="a secret of the tests, long enough")
# What is done, to which sub-order and parcel, how many units, and the hours that pass before.
Step = tuple[str, int, int, int, int]


class Life:
    """One order of two vendors: three mugs and two lamps, five of each on the shelf."""

    def __init__(self) -> None:
        self.now = NOON
        self.order_id = UUID(int=0)
        self.done: list[str] = []

    async def begin(self) -> None:
        mug = await make_offer(on_hand=5, price=9_99)
        lamp = await make_offer(sku="lamp", on_hand=5, price=33_33)
        self.order_id = await make_order({mug.id: 3, lamp.id: 2})

    async def act(self, step: Step) -> None:
        """Do it, or be refused; and look whether everything still holds."""
        name, which, parcel, units, hours = step
        self.now += timedelta(hours=hours)
        try:
            async with transaction(SYSTEM):
                await ACTS[name](self, which, parcel, units)
            self.done.append(name)
        except DomainError as refusal:
            self.done.append(f"({name}: {refusal.code})")
        await draining.drain(routes=ledger_routes(), now=self.now)
        report = await check_all(connection())
        assert report.violations == (), f"{self.done}\n{report}"

    async def part(self, which: int) -> SubOrder:
        parts = await SubOrder.filter(order_id=self.order_id).order_by("number")
        return parts[which % len(parts)]

    async def line(self, which: int) -> OrderLine:
        return await OrderLine.get(sub_order_id=(await self.part(which)).id)

    async def parcel(self, which: int) -> Shipment:
        found = await Shipment.filter(order_id=self.order_id).order_by("id")
        if not found:
            raise _Nothing
        return found[which % len(found)]


class _Nothing(DomainError):
    code = "NOTHING_THERE"
    message = "There is none yet."


async def _pay(life: Life, which: int, parcel: int, units: int) -> None:
    if (await Payment.get(order_id=life.order_id)).captured_minor:
        raise _Nothing
    await pay(life.order_id, now=life.now)


async def _accept(life: Life, which: int, parcel: int, units: int) -> None:
    part, line = await life.part(which), await life.line(which)
    refused = {line.id: min(units - 1, line.live)} if units > 1 else {}
    await accepting.accept(
        principal=member(part.vendor_id), sub_order_id=part.id, refused=refused, reason="broken",
        now=life.now,
    )  # fmt: skip


async def _prepare(life: Life, which: int, parcel: int, units: int) -> None:
    part = await life.part(which)
    step = preparing.start if units == 1 else preparing.make_ready
    await step(principal=member(part.vendor_id), sub_order_id=part.id, now=life.now)


async def _ship(life: Life, which: int, parcel: int, units: int) -> None:
    part, line = await life.part(which), await life.line(which)
    await shipping.ship(
        principal=member(part.vendor_id), sub_order_id=part.id, units={line.id: units},
        carrier="Post", tracking_number=key(), key=key(), now=life.now,
    )  # fmt: skip


async def _pack(life: Life, which: int, parcel: int, units: int) -> None:
    part, line = await life.part(which), await life.line(which)
    shipment_id = await labelling.pack(
        principal=member(part.vendor_id), sub_order_id=part.id, units={line.id: units},
        carrier=simulated.NAME, key=key(), now=life.now,
    )  # fmt: skip
    await labelling.label(shipment_id=shipment_id, carrier=CARRIER, now=life.now)


async def _hand_over(life: Life, which: int, parcel: int, units: int) -> None:
    shipment = await life.parcel(parcel)
    await shipping.hand_over(principal=SYSTEM, shipment_id=shipment.id, now=life.now)


async def _unpack(life: Life, which: int, parcel: int, units: int) -> None:
    shipment = await life.parcel(parcel)
    await labelling.unpack(principal=SYSTEM, shipment_id=shipment.id, now=life.now)


async def _scan(life: Life, which: int, parcel: int, units: int) -> None:
    """Any news of any parcel of the simulated carrier, some of them late."""
    shipment = await life.parcel(parcel)
    statuses = list(TrackingStatus)
    news = CarrierNews(
        event_id=key(), tracking_number=shipment.tracking_number,
        status=statuses[(which * 3 + units) % len(statuses)], place=None,
        happened_at=life.now - timedelta(hours=which * 40),
    )  # fmt: skip
    body, headers = CARRIER.write_news([news])
    await tracking.receive(carrier=CARRIER, body=body, headers=headers, now=life.now)


async def _deliver(life: Life, which: int, parcel: int, units: int) -> None:
    shipment = await life.parcel(parcel)
    customer = Principal(Kind.TOKEN, id=life.order_id)
    await delivering.deliver(principal=customer, shipment_id=shipment.id, now=life.now)


async def _lose(life: Life, which: int, parcel: int, units: int) -> None:
    shipment = await life.parcel(parcel)
    await losing.report(
        principal=STAFF, shipment_id=shipment.id, came_back=bool(which), reason="told",
        now=life.now,
    )  # fmt: skip


async def _resolve(life: Life, which: int, parcel: int, units: int) -> None:
    shipment = await life.parcel(parcel)
    await losing.resolve(
        principal=STAFF, shipment_id=shipment.id, wish=list(Resolution)[which],
        is_sellable=units > 1, now=life.now,
    )  # fmt: skip


async def _lay_ready(life: Life, which: int, parcel: int, units: int) -> None:
    part, line = await life.part(which), await life.line(which)
    place = await Location.get(vendor_id=part.vendor_id)
    await collecting.make_ready(
        principal=member(part.vendor_id), sub_order_id=part.id, location_id=place.id,
        units={line.id: units}, key=key(), now=life.now,
    )  # fmt: skip


async def _collect(life: Life, which: int, parcel: int, units: int) -> None:
    shipment = await life.parcel(parcel)
    code = shipment.pickup_code or "NONE"
    await collecting.collect(principal=SYSTEM, shipment_id=shipment.id, code=code, now=life.now)


async def _cancel(life: Life, which: int, parcel: int, units: int) -> None:
    part, line = await life.part(which), await life.line(which)
    people = (Principal(Kind.TOKEN, id=life.order_id), member(part.vendor_id), STAFF)
    asked: dict[str, Any] = {
        "principal": people[parcel % len(people)],
        "order_id": life.order_id,
        "units": {line.id: units} if units < 4 else None,
    }
    seen = await calling_off.preview(**asked)
    await calling_off.cancel(
        **asked, reason="changed", key=key(), now=life.now, expected_refund=seen.refund
    )


async def _refund(life: Life, which: int, parcel: int, units: int) -> None:
    line = await life.line(which)
    amounts, count = ({line.id: 1_00}, 0) if units > 2 else (None, units)
    await refunding.request(
        principal=SYSTEM, order_id=life.order_id, units={line.id: count} if count else {},
        amounts=amounts, shipping_of=[], reason="kindness", key=key(), now=life.now,
    )  # fmt: skip


async def _wait(life: Life, which: int, parcel: int, units: int) -> None:
    """Days pass, and everything that is due by the clock is done."""
    life.now += timedelta(days=(1, 8, 25)[parcel % 3])
    await deadlines.work_off(now=life.now)
    await delivering.deliver_silent(now=life.now)
    await collecting.give_up_due(now=life.now)
    await closing.close_due(now=life.now)


Act = Callable[[Life, int, int, int], Awaitable[None]]
ACTS: Mapping[str, Act] = {
    "pay": _pay, "accept": _accept, "prepare": _prepare, "ship": _ship, "pack": _pack,
    "hand over": _hand_over, "unpack": _unpack, "scan": _scan, "deliver": _deliver,
    "lose": _lose, "resolve": _resolve, "lay ready": _lay_ready, "collect": _collect,
    "cancel": _cancel, "refund": _refund, "wait": _wait,
}  # fmt: skip
# Most lives are paid and accepted, or little would happen in them.
BEGINNINGS: list[list[Step]] = [
    [],
    [("pay", 0, 0, 1, 0)],
    [("pay", 0, 0, 1, 0), ("accept", 0, 0, 1, 1), ("accept", 1, 0, 1, 0)],
    [("pay", 0, 0, 1, 0), ("accept", 0, 0, 2, 1), ("accept", 1, 0, 1, 0), ("ship", 0, 0, 1, 1)],
]
STEPS: st.SearchStrategy[Step] = st.tuples(
    st.sampled_from(sorted(ACTS)),
    st.integers(0, 1),
    st.integers(0, 4),
    st.integers(1, 4),
    st.sampled_from([0, 1, 30]),
)
LIVES = st.tuples(st.sampled_from(BEGINNINGS), st.lists(STEPS, min_size=3, max_size=16))
