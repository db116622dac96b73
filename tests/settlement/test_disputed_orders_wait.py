"""An order whose payment is disputed is not sent before the bank has decided."""

from collections.abc import Sequence
from uuid import uuid4

import pytest

from marketplace.kit.transactions import connection
from marketplace.orders import held, placing_hold
from marketplace.orders.errors import OnHold
from marketplace.orders.hold_models import HoldKind, OrderHold
from marketplace.orders.models import SubOrder
from marketplace.orders.substitution_models import Substitution, SubstitutionState
from marketplace.outbox.routes import Received
from settlement.disputes import stopping
from tests.orders.test_substituting import propose, sold
from tests.settlement.disputed import Case, an_order, disputed, line
from tests.settlement.people import SUPPORT
from tests.settlement.rows import NOW
from tests.settlement.worked_parts import Worked

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]
ALL = 102_60
BY_HAND = "Asked the bank"


async def hear(case: Case, *moves: str) -> None:
    """Its news, or that a lost parcel of its order is to be sent again."""
    row = await case.row()
    payload = {"dispute_id": str(row.id), "order_id": str(row.order_id)}
    for move in moves:
        await stopping.keep_back(
            Received(
                event_id=uuid4(), name=f"dispute.{move}", stream_id=None, seq=None,
                payload=payload, happened_at=NOW,
            ),
            now=NOW,
        )  # fmt: skip


async def waits(order: Worked) -> bool:
    """Whether its vendors are refused to send anything."""
    answers = set()
    for part in await SubOrder.filter(order_id=order.order_id):
        try:
            await held.refuse_held(part)
            answers.add(False)
        except OnHold:
            answers.add(True)
    [answer] = answers
    return answer


async def holds() -> Sequence[tuple[str, str, bool]]:
    """Of which kind, by whom, and whether it has ended."""
    rows = await OrderHold.all().order_by("placed_at", "id")
    return [(hold.kind, hold.placed_by, hold.released_at is not None) for hold in rows]


async def test_it_waits_from_the_dispute_until_it_is_won() -> None:
    order = await an_order()
    case = await disputed(order, ALL)

    await hear(case, "opened", "opened")
    assert (await waits(order), await holds()) == (True, [(HoldKind.PAYMENT, "system", False)])

    await case.becomes("won", line(ALL))
    await hear(case, "won", "won")
    assert (await waits(order), await holds()) == (False, [(HoldKind.PAYMENT, "system", True)])


@pytest.mark.parametrize("status", ["won", "warning_closed"])
async def test_old_news_of_what_is_decided_stops_nothing(status: str) -> None:
    order = await an_order()
    case = await disputed(order, ALL, is_inquiry=True)
    await case.becomes(status)

    await hear(case, "closed", "opened")

    assert (await waits(order), await holds()) == (False, [])


async def test_its_customer_is_asked_nothing_meanwhile_and_may_be_asked_again() -> None:
    part, _, other = await sold()
    asked = await propose(part, other)
    paid = await connection().fetchrow(
        "SELECT id, payment_id FROM capture WHERE order_id = $1", part.order_id
    )
    order = Worked(part.order_id, part.number, paid["payment_id"], paid["id"])
    case = await disputed(order, 24_00, currency="EUR")

    await hear(case, "opened")

    assert await waits(order)
    assert (await Substitution.get(id=asked.id)).state is SubstitutionState.WITHDRAWN
    await case.becomes("won", line(24_00, currency="EUR"))
    await hear(case, "won")
    assert (await propose(part, other)).state is SubstitutionState.PROPOSED


async def test_lost_it_waits_for_somebody_who_cancels_it() -> None:
    order = await an_order()
    case = await disputed(order, ALL)
    await hear(case, "opened")
    [hold] = await OrderHold.all()
    await placing_hold.release(principal=SUPPORT, hold_id=hold.id, note="They are sure", now=NOW)
    assert not await waits(order)

    await case.becomes("lost")
    await hear(case, "lost")

    assert await waits(order)
    assert "cancel what was not sent" in (await OrderHold.get(released_at=None)).reason


async def test_one_dispute_that_is_won_does_not_release_what_another_holds() -> None:
    order = await an_order()
    first, second = await disputed(order, 50_00), await disputed(order, 20_00)
    await hear(first, "opened")
    await hear(second, "opened")

    await first.becomes("won", line(50_00))
    await hear(first, "won")
    assert await waits(order)

    await second.becomes("won", line(20_00))
    await hear(second, "won")
    assert not await waits(order)


async def test_a_hold_that_a_person_placed_is_that_persons() -> None:
    order = await an_order()
    await placing_hold.hold(
        principal=SUPPORT, order_id=order.order_id, kind=HoldKind.PAYMENT, reason=BY_HAND, now=NOW
    )
    case = await disputed(order, ALL)
    await hear(case, "opened")

    await case.becomes("won", line(ALL))
    await hear(case, "won")

    assert await waits(order)
    assert await holds() == [(HoldKind.PAYMENT, SUPPORT.key, False)]


async def test_an_order_that_is_sent_is_let_alone_until_it_is_sent_again() -> None:
    order = await an_order("A", "B")
    await connection().execute("UPDATE sub_order SET state = 'shipped'")
    case = await disputed(order, ALL)

    await hear(case, "opened")
    assert await holds() == []

    await connection().execute("UPDATE sub_order SET state = 'partly_shipped'")
    await hear(case, "replacing")
    assert await waits(order)
