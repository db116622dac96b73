"""Something else instead: proposed by the vendor, decided by the customer, exact to the cent."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest

from marketplace.accounts.models import Vendor
from marketplace.catalog.models import Offer
from marketplace.inventory.models import Stock
from marketplace.kit.errors import IllegalMove, InvalidInput, NotFound
from marketplace.kit.principal import SYSTEM, Kind, Principal
from marketplace.kit.transactions import connection, transaction
from marketplace.orders import answering, calling_off, refunding, substituting
from marketplace.orders.answering import AnswerTooLate
from marketplace.orders.errors import TooManyUnits
from marketplace.orders.models import SubOrder
from marketplace.orders.states import SubOrderState
from marketplace.orders.substitution_models import Substitution, SubstitutionState
from marketplace.outbox.models import OutboxEvent
from marketplace.payments.models import Refund
from marketplace.pricing.models import Discount
from settlement.invariants.checking import check_all
from tests.conftest import Database
from tests.factories import (
    NOON,
    make_commission_rule,
    make_offer,
    make_paid_order,
    member,
    parts_of,
    stock_of,
)
from tests.orders.test_running_short import accept as accept_it
from tests.settlement.test_journeys import assert_sound, hear_all, settle_refunds, ship

pytestmark = pytest.mark.anyio
State = SubstitutionState
DUE = NOON + substituting.OPEN_FOR


async def sold(
    *, price: int = 12_00, other_price: int = 10_00, units: int = 2
) -> tuple[SubOrder, Offer, Offer]:
    """An accepted sub-order, its offer, and another offer of its vendor."""
    mine = await make_offer(price=price)
    async with transaction(SYSTEM, read_only=True):
        vendor = await Vendor.get(id=mine.vendor_id)
    other = await make_offer(vendor=vendor, sku="cup", price=other_price)
    [part] = await parts_of(await make_paid_order({mine.id: units}))
    await accept_it(part)
    return part, mine, other


async def propose(
    part: SubOrder, offer: Offer, units: int = 2, by: Principal | None = None
) -> Substitution:
    return await substituting.propose(
        principal=by or member(part.vendor_id), sub_order_id=part.id, line_id=part.lines[0].id,
        offer_id=offer.id, units=units, note="The same potter", now=NOON,
    )  # fmt: skip


async def answer(asked: Substitution, *, accept: bool, by: UUID | None = None) -> Substitution:
    return await answering.answer(
        principal=Principal(Kind.TOKEN, id=by or asked.order_id), substitution_id=asked.id,
        accept=accept, now=NOON,
    )  # fmt: skip


async def withdraw(asked: Substitution, *, by: UUID) -> Substitution:
    return await substituting.withdraw(principal=member(by), substitution_id=asked.id, now=NOON)


@pytest.mark.usefixtures("db")
async def test_an_accepted_substitute_replaces_the_line_and_the_difference_goes_back() -> None:
    part, mine, other = await sold()
    await make_commission_rule(rate_ppm=100_000, vendor_id=mine.vendor_id)

    asked = await propose(part, other)
    answered = await answer(asked, accept=True)

    [after] = await parts_of(part.order_id)
    old, new = sorted(after.lines, key=lambda line: line.offer_id == other.id)
    assert (asked.refund_minor, answered.state) == (4_76, State.ACCEPTED)
    assert (old.quantity, old.rerouted) == (0, 2)
    assert (new.id, new.offer_id, new.quantity) == (answered.new_line_id, other.id, 2)
    assert (await Refund.get()).amount_minor == 4_76
    assert (await stock_of(mine.id), await stock_of(other.id)) == ((5, 0), (5, 2))
    assert await OutboxEvent.filter(name="substitution.accepted").count() == 1
    await settle_refunds()
    await ship(part.id, part.vendor_id)
    await hear_all()
    await assert_sound()
    earned = await connection().fetchval("SELECT net_minor FROM earning")
    # 2 at 10.00 less 10 % and 20 % VAT on that, and 4.00 of shipping.
    assert earned == 20_00 - 2_00 - 40 + 4_00


@pytest.mark.usefixtures("db")
async def test_of_a_discounted_line_the_same_share_of_the_discount_stays() -> None:
    mine = await make_offer(price=10_01)
    async with transaction(SYSTEM):
        vendor = await Vendor.get(id=mine.vendor_id)
        await Discount.create(
            id=mine.id, code="SPRING", amount_minor=7_00, currency="EUR", valid_from=NOON,
            vendor_id=None,
        )  # fmt: skip
    other = await make_offer(vendor=vendor, sku="cup", price=9_99)
    [part] = await parts_of(await make_paid_order({mine.id: 3}, discount="SPRING"))

    asked = await propose(part, other, 2)
    await answer(asked, accept=True)

    [after] = await parts_of(part.order_id)
    assert [line.quantity for line in after.lines] == [1, 2]
    assert sum(line.gross_minor for line in after.lines) == part.lines[0].gross_minor
    assert asked.refund_minor == 4
    await refunding.request_full(
        principal=SYSTEM, order_id=part.order_id, reason="all of it", key="r", now=NOON
    )
    await settle_refunds()
    await hear_all()
    await assert_sound()


@pytest.mark.usefixtures("db")
async def test_what_is_declined_or_not_answered_is_sent_by_others_or_paid_back() -> None:
    part, mine, other = await sold()
    theirs = await make_offer(like=mine)
    await answer(await propose(part, other, 1), accept=False)

    kept, second = await parts_of(part.order_id)
    assert (kept.lines[0].live, second.vendor_id) == (1, theirs.vendor_id)
    await Stock.filter(offer_id=theirs.id).update(backorder_limit=0, safety=5)
    asked = await propose(kept, other, 1)
    assert await answering.expire_due(now=DUE - timedelta(seconds=1)) == 0
    assert await answering.expire_due(now=DUE) == 1
    assert await answering.expire_due(now=DUE) == 0

    await asked.refresh_from_db()
    kept, _ = await parts_of(part.order_id)
    assert (asked.state, kept.state) == (State.EXPIRED, SubOrderState.CANCELLED)
    assert [refund.reason for refund in await Refund.all()] == [answering.NO_ANSWER]
    assert (await check_all(connection())).violations == ()


@pytest.mark.usefixtures("db")
async def test_a_substitute_that_was_sold_meanwhile_costs_the_customer_nothing() -> None:
    part, _, other = await sold()
    asked = await propose(part, other)
    await make_paid_order({other.id: 5})

    answered = await answer(asked, accept=True)

    assert answered.state is State.WITHDRAWN
    [after] = await parts_of(part.order_id)
    assert after.state is SubOrderState.CANCELLED
    assert [refund.reason for refund in await Refund.all()] == [answering.SOLD_OUT]


@pytest.mark.usefixtures("db")
async def test_nothing_is_left_to_replace_once_it_was_cancelled() -> None:
    part, _, other = await sold()
    asked = await propose(part, other)
    await calling_off.cancel(
        principal=member(part.vendor_id), order_id=part.order_id, reason="x", key="k", now=NOON
    )

    answered = await answer(asked, accept=True)

    assert answered.state is State.WITHDRAWN
    assert await Refund.all().count() == 1


@pytest.mark.usefixtures("db")
async def test_only_the_vendor_proposes_its_own_offers_and_only_the_customer_answers() -> None:
    part, mine, other = await sold()
    foreign = await make_offer(like=mine, price=1_00)
    vendor = await Vendor.get(id=mine.vendor_id)
    dear = await make_offer(vendor=vendor, sku="vase", price=12_01)
    scarce = await make_offer(vendor=vendor, sku="jug", price=1_00, on_hand=1)
    taxed = await make_offer(vendor=vendor, sku="book", tax_category="reduced")
    for offer, by, refusal in (
        (foreign, None, NotFound),
        (other, member(foreign.vendor_id), NotFound),
        (other, Principal(Kind.TOKEN, id=part.order_id), NotFound),
        (mine, None, NotFound),
        (dear, None, InvalidInput),
        (scarce, None, InvalidInput),
        (taxed, None, InvalidInput),
    ):
        with pytest.raises(refusal):
            await propose(part, offer, by=by)
    with pytest.raises(TooManyUnits):
        await propose(part, other, 3)

    asked = await propose(part, other)

    with pytest.raises(InvalidInput):
        await propose(part, other)
    with pytest.raises(NotFound):
        await answer(asked, accept=True, by=foreign.id)
    for vendor_id in (mine.vendor_id, foreign.vendor_id):
        with pytest.raises(NotFound):
            await answering.answer(
                principal=member(vendor_id), substitution_id=asked.id, accept=True, now=NOON
            )
    with pytest.raises(NotFound):
        await withdraw(asked, by=foreign.vendor_id)
    with pytest.raises(AnswerTooLate):
        await answering.answer(
            principal=Principal(Kind.TOKEN, id=part.order_id), substitution_id=asked.id,
            accept=True, now=DUE,
        )  # fmt: skip
    await withdraw(asked, by=mine.vendor_id)
    with pytest.raises(IllegalMove):
        await withdraw(asked, by=mine.vendor_id)
    with pytest.raises(AnswerTooLate):
        await answer(asked, accept=False)


@pytest.mark.parametrize("beside", ["accept", "decline", "expire", "withdraw"])
async def test_of_an_answer_and_what_comes_beside_it_one_holds(
    committed_db: Database, beside: str
) -> None:
    part, _, other = await sold()
    asked = await propose(part, other)
    others: dict[str, Callable[[], Awaitable[object]]] = {
        "accept": lambda: answer(asked, accept=True),
        "decline": lambda: answer(asked, accept=False),
        "expire": lambda: answering.expire_due(now=DUE),
        "withdraw": lambda: withdraw(asked, by=part.vendor_id),
    }

    outcomes = await asyncio.gather(
        answer(asked, accept=True), others[beside](), return_exceptions=True
    )

    refused = [one for one in outcomes if isinstance(one, Exception)]
    assert all(isinstance(one, (AnswerTooLate, IllegalMove)) for one in refused), outcomes
    async with transaction(SYSTEM, read_only=True, isolation="REPEATABLE READ"):
        ended = await OutboxEvent.filter(name__startswith="substitution.").exclude(
            name="substitution.proposed"
        )
        assert len(ended) == 1
        assert await Refund.all().count() <= 1
        assert (await check_all(connection())).violations == ()
