from uuid import UUID

import pytest

from marketplace.checkout import carts, placing
from marketplace.kit.errors import Forbidden, InvalidInput, NotFound
from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM, Kind, Principal, StaffRole
from marketplace.orders import accepting, refunding, shipping
from marketplace.orders.errors import NothingToDo, TooManyUnits, TooMuchOfALine
from marketplace.orders.models import OrderLine, SubOrder
from marketplace.payments import submitting
from marketplace.payments.models import Payment, Refund, RefundLine, RefundState
from marketplace.payments.stripe_gateway import StripeGateway
from marketplace.pricing.models import Discount
from tests.factories import (
    GUEST,
    NOON,
    make_cart,
    make_offer,
    make_paid_order,
    member,
    parts_of,
    pay,
)

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]
SUPPORT = Principal(Kind.STAFF, id=UUID(int=5), roles=frozenset({StaffRole.SUPPORT}))


async def shipped_order(quantity: int = 3) -> tuple[SubOrder, OrderLine]:
    mug = await make_offer(price=9_99, on_hand=9)
    [part] = await parts_of(await make_paid_order({mug.id: quantity}))
    me = member(part.vendor_id)
    await accepting.accept(principal=me, sub_order_id=part.id, now=NOON)
    await shipping.ship(
        principal=me, sub_order_id=part.id, carrier="DHL", tracking_number="T", key="k", now=NOON
    )
    return part, await OrderLine.get(sub_order_id=part.id)


async def refund(part: SubOrder, units: dict[UUID, int], *, key: str = "r") -> UUID:
    return await refunding.request(
        principal=SUPPORT, order_id=part.order_id, units=units, shipping_of=[], reason="broken",
        key=key, now=NOON,
    )  # fmt: skip


async def test_unit_by_unit_every_component_comes_back_to_the_cent() -> None:
    part, line = await shipped_order(quantity=3)

    for number in range(3):
        await refund(part, {line.id: 1}, key=str(number))

    taken = await RefundLine.all()
    assert sum(row.gross_minor for row in taken) == line.gross_minor
    assert sum(row.tax_minor for row in taken) == line.tax_minor
    assert sum(row.vendor_minor for row in taken) == line.vendor_minor
    assert sum(row.commission_minor for row in taken) == line.commission_minor
    assert sum(row.commission_vat_minor for row in taken) == line.commission_vat_minor
    assert all(row.is_earned for row in taken)


async def test_a_full_refund_after_a_partial_one_takes_exactly_the_rest() -> None:
    part, line = await shipped_order(quantity=3)
    await refund(part, {line.id: 1})

    await refunding.request_full(
        principal=SYSTEM, order_id=part.order_id, reason="cancelled", key="all", now=NOON
    )

    payment = await Payment.get(order_id=part.order_id)
    assert payment.refund_claimed_minor == payment.captured_minor == part.total_minor
    with pytest.raises(NothingToDo):
        await refunding.request_full(
            principal=SYSTEM, order_id=part.order_id, reason="again", key="more", now=NOON
        )


async def test_a_refund_asked_for_twice_with_one_key_is_one_refund() -> None:
    part, line = await shipped_order()

    assert await refund(part, {line.id: 1}) == await refund(part, {line.id: 1})

    assert await Refund.all().count() == 1


async def test_more_units_than_are_left_are_not_refunded() -> None:
    part, line = await shipped_order(quantity=3)
    await refund(part, {line.id: 2})

    with pytest.raises(TooManyUnits) as refusal:
        await refund(part, {line.id: 2}, key="more")

    assert refusal.value.possible == 1
    assert await Refund.all().count() == 1


async def test_shipping_is_given_back_once() -> None:
    part, _ = await shipped_order()

    async def give_back(key: str) -> UUID:
        return await refunding.request(
            principal=SUPPORT, order_id=part.order_id, units={}, shipping_of=[part.id],
            reason="late", key=key, now=NOON,
        )  # fmt: skip

    first = await give_back("one")
    with pytest.raises(NothingToDo):
        await give_back("two")

    assert (await Refund.get(id=first)).amount_minor == part.shipping_gross_minor


async def refund_amount(part: SubOrder, line: OrderLine, minor: int, *, key: str) -> UUID:
    return await refunding.request(
        principal=SUPPORT, order_id=part.order_id, units={}, amounts={line.id: minor},
        shipping_of=[], reason="scratched", key=key, now=NOON,
    )  # fmt: skip


async def test_amounts_and_units_together_give_everything_back_to_the_cent() -> None:
    part, line = await shipped_order(quantity=3)
    await refund(part, {line.id: 1}, key="unit")
    await refund_amount(part, line, 5_01, key="amount")

    await refunding.request_full(
        principal=SYSTEM, order_id=part.order_id, reason="all", key="rest", now=NOON
    )

    taken = await RefundLine.filter(line_id=line.id)
    assert [row.quantity for row in taken] == [1, 0, 2]
    assert taken[1].gross_minor == 5_01
    for name in ("gross", "tax", "funding", "vendor", "commission", "commission_vat"):
        assert sum(getattr(row, f"{name}_minor") for row in taken) == getattr(line, f"{name}_minor")
    await line.refresh_from_db()
    assert (line.refunded, line.refunded_by_amount_minor) == (3, 5_01)
    assert line.refunded_commission_minor == line.commission_minor


async def test_an_amount_that_is_not_there_is_not_refunded() -> None:
    part, line = await shipped_order()
    await refund(part, {line.id: 2})
    left = line.gross_minor - (await Refund.get()).amount_minor

    for minor in (0, -1, left + 1):
        with pytest.raises(TooMuchOfALine) as refusal:
            await refund_amount(part, line, minor, key=str(minor))
        assert refusal.value.left.minor == left
    with pytest.raises(InvalidInput):
        await refunding.request(
            principal=SUPPORT, order_id=part.order_id, units={line.id: 1}, amounts={line.id: 1},
            shipping_of=[], reason="both", key="both", now=NOON,
        )  # fmt: skip
    assert await Refund.all().count() == 1


async def test_of_a_line_that_was_free_no_amount_is_refunded() -> None:
    part, line = await shipped_order()
    await OrderLine.filter(id=line.id).update(net_minor=0, tax_minor=0, gross_minor=0)

    with pytest.raises(TooMuchOfALine):
        await refund_amount(part, line, 1, key="free")


async def test_only_those_who_may_refund_do() -> None:
    part, line = await shipped_order()
    operations = Principal(Kind.STAFF, id=UUID(int=6), roles=frozenset({StaffRole.OPERATIONS}))

    for stranger in (member(part.vendor_id), operations, Principal(Kind.TOKEN, id=part.order_id)):
        with pytest.raises(Forbidden):
            await refunding.request(
                principal=stranger, order_id=part.order_id, units={line.id: 1}, shipping_of=[],
                reason="please", key="k", now=NOON,
            )  # fmt: skip
    assert not await Refund.exists()


async def test_a_refund_of_nothing_without_reason_or_of_another_order_is_refused() -> None:
    part, _ = await shipped_order()
    _, theirs = await shipped_order()

    with pytest.raises(NothingToDo):
        await refund(part, {})
    with pytest.raises(NotFound):
        await refund(part, {theirs.id: 1})
    with pytest.raises(InvalidInput):
        await refunding.request_full(
            principal=SUPPORT, order_id=part.order_id, reason="  ", key="k", now=NOON
        )


async def test_units_that_a_discount_paid_for_are_refused_without_money_and_not_earned() -> None:
    mug = await make_offer(price=10_00, on_hand=5)
    token = await make_cart({mug.id: 2})
    await Discount.create(
        id=new_id(NOON), code="GIFT", amount_minor=99_00, currency="EUR", valid_from=NOON
    )
    await carts.set_discount(principal=GUEST, token=token, code="gift")
    order_id = await placing.place_order(principal=GUEST, token=token, key="k", now=NOON)
    await pay(order_id)
    [part] = await parts_of(order_id)
    [line] = part.lines

    await accepting.accept(
        principal=member(part.vendor_id), sub_order_id=part.id, refused={line.id: 1},
        reason="one is broken", now=NOON,
    )  # fmt: skip

    given_back = await RefundLine.get(sub_order_id=part.id)
    assert (given_back.gross_minor, given_back.is_earned) == (0, False)
    assert given_back.vendor_minor == line.vendor_minor // 2
    refund_of_nothing = await Refund.get(order_id=order_id)
    assert refund_of_nothing.amount_minor == 0
    await submitting.submit_refund(
        refund_id=refund_of_nothing.id,
        gateway=StripeGateway(api_key="none", api_base="http://127.0.0.1:9"),
        now=NOON,
    )
    assert (await Refund.get(order_id=order_id)).state is RefundState.SUCCEEDED
    payment = await Payment.get(order_id=order_id)
    assert (payment.refund_claimed_minor, payment.refunded_minor) == (0, 0)
