"""The worked postings of the rules, to the cent. Debits are above zero, credits below."""

import pytest

from marketplace.kit.transactions import connection
from tests.settlement.books import hear, posted
from tests.settlement.worked import place, refund, refund_parts, ship

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]


async def test_a_capture_is_owed_to_the_customer_per_sub_order() -> None:
    order = await place()

    await hear(order.captured())

    assert await posted() == {"1120": 10260, "2010": -10260}
    shares = await connection().fetch(
        "SELECT sub_order_id, amount_minor FROM ledger_entry WHERE sub_order_id IS NOT NULL"
    )
    assert {row["sub_order_id"]: row["amount_minor"] for row in shares} == {
        order.parts["A"].id: -5963,
        order.parts["B"].id: -4297,
    }


async def test_the_providers_fee_is_our_expense() -> None:
    order = await place()

    await hear(order.fee_known())

    assert await posted() == {"6210": 328, "1120": -328}


async def test_a_shipped_sub_order_earns_with_its_commission() -> None:
    order = await place()
    await ship(order, "A")

    await hear(order.shipped("A"))

    assert await posted() == {
        "2010": 5963, "6110": 579, "2110 A": -6100 + 825, "2210": -442, "4110": -825,
    }  # fmt: skip


async def test_commission_carries_its_vat() -> None:
    order = await place()
    await ship(order, "B")

    await hear(order.shipped("B"))

    assert await posted() == {
        "2010": 4297, "6110": 421, "2110 B": -4400 + 480, "2210": -318, "4110": -400, "2220": -80,
    }  # fmt: skip


async def test_a_vendors_entries_say_what_each_is_for() -> None:
    order = await place()
    await ship(order, "B")

    await hear(order.shipped("B"))

    rows = await connection().fetch(
        "SELECT purpose, amount_minor FROM ledger_entry WHERE vendor_id = $1 ORDER BY id",
        order.parts["B"].vendor_id,
    )
    assert [tuple(row) for row in rows] == [
        ("sale", -4400),
        ("commission", 400),
        ("commission_vat", 80),
    ]


async def test_a_full_refund_after_earning_reverses_every_component() -> None:
    order = await place()
    await ship(order, "B")
    await hear(order.captured(), order.shipped("B"))
    given_back = await refund(order, {"B": 2}, shipping_of="B")

    await hear(given_back)

    assert await posted(f"refund:{given_back.payload['refund_id']}") == {
        "2110 B": 4400 - 480, "2210": 318, "1120": -4297, "6110": -421, "4110": 400, "2220": 80,
    }  # fmt: skip
    assert await posted() == {"1120": 5963, "2010": -5963}


async def test_a_partial_refund_moves_its_own_components() -> None:
    order = await place()
    await ship(order, "A")
    await hear(order.captured(), order.shipped("A"))
    components = {"gross": 2160, "tax": 160, "funding": 235, "vendor": 2235, "commission": 335,
                  "commission_vat": 0}  # fmt: skip
    given_back = await refund_parts(order, [("A", 1, components)])

    await hear(given_back)

    assert await posted(f"refund:{given_back.payload['refund_id']}") == {
        "2110 A": 2235 - 335, "2210": 160, "1120": -2160, "6110": -235, "4110": 335,
    }  # fmt: skip


async def test_a_refund_before_earning_only_gives_the_prepayment_back() -> None:
    order = await place()
    await hear(order.captured())
    given_back = await refund(order, {"B": 2}, shipping_of="B")

    await hear(given_back)

    assert await posted(f"refund:{given_back.payload['refund_id']}") == {
        "2010": 4297, "1120": -4297,
    }  # fmt: skip


async def test_what_was_given_back_before_shipping_is_not_earned() -> None:
    order = await place()
    given_back = await refund(order, {"B": 1})
    await ship(order, "B")

    await hear(order.captured(), order.shipped("B"), given_back)

    assert await posted() == {
        "1120": 10260 - 1933, "2010": -5963,  # A's alone: nothing of B's prepayment is left
        "6110": 421 - 211, "2110 B": -(4400 - 2001) + 200 + 40, "2210": -(318 - 143),
        "4110": -200, "2220": -40,
    }  # fmt: skip


async def test_tax_that_the_vendor_owes_goes_to_the_vendor() -> None:
    order = await place(liable="vendor")
    await ship(order, "A")
    await hear(order.shipped("A"))

    assert await posted() == {"2010": 5963, "6110": 579, "2110 A": -6542 + 825, "4110": -825}

    await hear(await refund(order, {"A": 3}, shipping_of="A"))

    assert await posted() == {"2010": 5963, "1120": -5963}


async def test_amounts_below_zero_still_balance() -> None:
    """A discount larger than the price leaves the vendor owing, and the commission negative."""
    order = await place()
    await connection().execute(
        "UPDATE order_line SET vendor_minor = -700, funding_minor = 0, gross_minor = 0,"
        " net_minor = -700, tax_minor = 700, commission_minor = 0 WHERE id = $1",
        order.parts["A"].line_id,
    )
    await ship(order, "A")

    await hear(order.shipped("A"))

    assert await posted() == {"2010": 648, "2110 A": 100, "2210": -748}


async def test_nothing_to_book_leaves_no_posting() -> None:
    order = await place()
    await connection().execute("UPDATE capture SET fee_minor = 0")

    await hear(order.fee_known())

    assert await connection().fetchval("SELECT count(*) FROM ledger_transaction") == 0


async def test_a_refund_that_failed_is_owed_to_the_customer() -> None:
    order = await place()
    await ship(order, "B")
    await hear(order.captured(), order.shipped("B"))

    await hear(await refund(order, {"B": 2}, shipping_of="B", state="failed"))

    assert await posted() == {"1120": 10260, "2010": -5963, "2020": -4297}
