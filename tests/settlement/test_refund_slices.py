"""Any slicing of a refund of everything ends at exactly zero, whatever the amounts."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from tests.settlement.books import hear, posted
from tests.settlement.rows import NOW, update
from tests.settlement.worked import place, refund, ship

pytestmark = [pytest.mark.anyio]


class _Undo(Exception):
    pass


MONEY = st.integers(min_value=0, max_value=10**9)


@st.composite
def lines(draw: st.DrawFn) -> dict[str, int]:
    """A line's amounts, unlike any rate: only the sums that must hold do."""
    net, tax, funding = draw(MONEY) + 100, draw(MONEY), draw(MONEY)
    commission = draw(st.integers(min_value=0, max_value=net + funding))
    return {
        "net_minor": net, "tax_minor": tax, "gross_minor": net + tax, "funding_minor": funding,
        "vendor_minor": net + funding, "commission_minor": commission,
        "commission_vat_minor": commission // 5,
    }  # fmt: skip


@given(
    line=lines(),
    slices=st.lists(st.integers(min_value=1, max_value=9), min_size=1, max_size=6),
    early=st.integers(min_value=0, max_value=6),
)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_any_slicing_of_a_refund_leaves_nothing(
    db: None, line: dict[str, int], slices: list[int], early: int
) -> None:
    """Some slices are asked for before the vendor ships the rest, some afterwards."""
    try:
        async with transaction(SYSTEM):
            order = await place()
            quantity = sum(slices)
            await connection().execute("DELETE FROM payment_allocation")
            await update("payment", order.payment_id, amount_minor=10**10, captured_minor=10**10)
            await update("order_line", order.parts["B"].line_id, quantity=quantity,
                items_minor=2000 * quantity, **line)  # fmt: skip
            events = [await refund(order, {"B": count}) for count in slices[:early]]
            await update("sub_order", order.parts["B"].id, state="shipped", shipped_at=NOW)
            events.append(order.shipped("B"))
            events += [await refund(order, {"B": count}) for count in slices[early:]]
            events.append(await refund(order, {}, shipping_of="B"))

            await hear(*events)

            left = await posted()
            paid = line["gross_minor"] + 432
            assert left == {"1120": -paid, "2010": paid}
            raise _Undo
    except _Undo:
        pass


async def test_the_last_slice_takes_what_rounding_left(db: None) -> None:
    order = await place()
    await ship(order, "A")
    slices = [await refund(order, {"A": 1}) for _ in range(3)]

    await hear(*slices, order.shipped("A"))

    booked = [await posted(f"refund:{piece.payload['refund_id']}") for piece in slices]
    assert [piece["1120"] for piece in booked] == [-1772, -1771, -1772]
    assert await posted() == {"1120": -5315, "2010": 5963, "2110 A": -600, "2210": -48}
