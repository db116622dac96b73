"""How differences between the books come about."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from marketplace.kit.principal import SYSTEM
from marketplace.orders import refunding
from settlement import chart
from settlement.ledger import Kind
from tests.factories import make_offer, make_paid_order
from tests.settlement.reconciliation.desk import Desk

Act = Callable[[Desk], Awaitable[None]]


async def settled_sale(desk: Desk) -> UUID:
    """Sold, and the provider's line and fee are known to both."""
    order_id = await desk.sell()
    await desk.world.pass_time(hours=2)
    await desk.world.sandbox.do_what_is_due()
    await desk.hear()
    return order_id


async def a_sale_on_its_way(desk: Desk) -> None:
    await desk.world.sandbox.fault("balance_transaction_late", seconds=3600)
    await desk.sell()


async def it_arrives(desk: Desk) -> None:
    await desk.world.pass_time(hours=2)
    await desk.world.sandbox.do_what_is_due()
    await desk.hear()


async def no_news(desk: Desk) -> None:
    await desk.world.sandbox.fault("webhook_lost", count=100)


async def a_fee_unheard(desk: Desk) -> None:
    await a_sale_on_its_way(desk)
    await no_news(desk)
    await it_arrives(desk)


async def a_dashboard_charge(desk: Desk) -> None:
    await desk.world.sandbox.door("charges", amount=20_00)
    await desk.world.pass_time(hours=2)
    await desk.world.sandbox.do_what_is_due()


async def a_sale_nobody_made(desk: Desk) -> None:
    await make_paid_order({(await make_offer()).id: 1}, now=desk.world.now)
    await desk.book()
    await desk.pass_days(4)


async def another_amount(desk: Desk) -> None:
    """A hand in the database changed what we say was captured, before it was booked."""
    await desk.as_owner(
        "CREATE FUNCTION less() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN NEW.amount_minor := NEW.amount_minor - 500; RETURN NEW; END $$"
    )
    await desk.as_owner(
        "CREATE TRIGGER less BEFORE INSERT ON capture FOR EACH ROW EXECUTE FUNCTION less()"
    )
    await settled_sale(desk)
    await desk.as_owner("DROP TRIGGER less ON capture")


async def another_gross(desk: Desk) -> None:
    """The provider's gross and fee are both less by the same, so that the net tells nothing."""
    await settled_sale(desk)
    await desk.pull()
    await desk.as_owner(
        "UPDATE provider_transaction SET amount_minor = amount_minor - 100,"
        " fee_minor = fee_minor - 100"
    )
    await from_now_on_by_hand(desk)


def another_fee(more: int) -> Act:
    async def comes(desk: Desk) -> None:
        await desk.as_owner(
            "CREATE FUNCTION dear() RETURNS trigger LANGUAGE plpgsql AS $$"
            f" BEGIN NEW.fee_minor := NEW.fee_minor + {more}; RETURN NEW; END $$"
        )
        await desk.as_owner(
            "CREATE TRIGGER dear BEFORE INSERT OR UPDATE ON capture"
            " FOR EACH ROW WHEN (NEW.fee_minor IS NOT NULL) EXECUTE FUNCTION dear()"
        )
        await settled_sale(desk)
        await desk.as_owner("DROP TRIGGER dear ON capture")

    return comes


async def from_now_on_by_hand(desk: Desk) -> None:
    """The sandbox cannot do this: what was read is changed, and nothing more is read."""
    await desk.as_owner("DELETE FROM provider_balance")
    desk.is_offline = True


def in_dollars(rate: str | None) -> Act:
    async def comes(desk: Desk) -> None:
        await settled_sale(desk)
        await desk.pull()
        await desk.as_owner(
            "UPDATE provider_transaction SET currency = 'USD', exchange_rate = $1", rate
        )
        await from_now_on_by_hand(desk)

    return comes


async def charged_twice(desk: Desk) -> None:
    await settled_sale(desk)
    attempt = await desk.world.value("SELECT id FROM payment_attempt")
    await desk.world.sandbox.pay(50_00, metadata={"attempt_id": str(attempt)}, expand=[])
    await desk.world.pass_time(hours=2)
    await desk.world.sandbox.do_what_is_due()


async def transferred_twice(desk: Desk) -> None:
    vendor_id = await desk.pay_out()
    await desk.hear()
    payout = await desk.paying.payout(vendor_id)
    await desk.world.sandbox.client.v1.transfers.create_async(
        {
            "amount": 10_00,
            "currency": "eur",
            "destination": payout.provider_account_id,
            "metadata": {"souk": f"transfer:{payout.id}"},
        }
    )


async def booked_twice(desk: Desk) -> None:
    await settled_sale(desk)
    rows = await desk.world.rows("SELECT id, amount_minor FROM capture")
    [(capture_id, amount)] = rows
    await desk.post(
        f"capture:{capture_id}:again",
        {chart.PROVIDER_BALANCE: amount, chart.CUSTOMER_PREPAYMENTS: -amount},
        kind=Kind.CAPTURE, source=("capture", capture_id),
    )  # fmt: skip


async def a_refund_that_failed_unheard(desk: Desk) -> None:
    order_id = await desk.sell(card="pm_card_refundFail")
    await it_arrives(desk)
    refund_id = await refunding.request_full(
        principal=SYSTEM, order_id=order_id, reason="broken", key="refund", now=desk.world.now
    )
    await desk.world.submit(refund_id)
    await desk.hear()
    await no_news(desk)
    await desk.pass_days(1)
    await desk.hear()


async def a_payout_that_arrived_unheard(desk: Desk) -> None:
    await desk.pay_out()
    await desk.hear()
    await no_news(desk)
    await desk.pass_days(5)
    await desk.hear()


async def held_back(desk: Desk) -> None:
    await settled_sale(desk)
    await desk.world.sandbox.door("reserves", amount=10_00)


async def a_fee_of_its_own(desk: Desk) -> None:
    await settled_sale(desk)
    await desk.world.sandbox.door("fees", amount=2_00)


async def of_a_closed_month(desk: Desk) -> None:
    await a_fee_of_its_own(desk)
    await desk.pass_days(35)
    await desk.as_owner("UPDATE accounting_period SET status = 'closed' WHERE ends < '2026-04-01'")


async def nothing_we_know(desk: Desk) -> None:
    await settled_sale(desk)
    await desk.pull()
    await desk.as_owner(
        "INSERT INTO provider_transaction SELECT 'txn_odd', account, vendor_id, 'contribution',"
        " 'contribution', -100, 0, -100, currency, NULL, NULL, '{}', NULL, NULL, available_at,"
        " created_at, pulled_at FROM provider_transaction LIMIT 1"
    )
    await from_now_on_by_hand(desk)


def payout_with(fault: str | None, *, days: int) -> Act:
    """The platform draws money; the bank's file comes so many days later."""

    async def comes(desk: Desk) -> None:
        await settled_sale(desk)
        await desk.pass_days(3)
        if fault is not None:
            await desk.world.sandbox.fault(fault)
        await desk.platform_payout()
        await desk.pass_days(days)
        await desk.statement()

    return comes


async def unknown_money(desk: Desk) -> None:
    await desk.world.sandbox.door("bank/lines", amount=12_34, text="FROM AUNT MABEL")
    await desk.statement()
