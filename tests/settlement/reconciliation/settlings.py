"""How differences between the books are settled: by time, by news, or by a person."""

from settlement.reconciliation.run_models import Remedy
from tests.settlement.reconciliation import clicking
from tests.settlement.reconciliation.desk import Desk


async def nothing(desk: Desk) -> None:
    """Time alone, or the run itself, settles it."""


async def hear_the_anew(desk: Desk) -> None:
    """The news that the run asked for again is acted on."""
    await desk.hear()


async def into_suspense(desk: Desk) -> None:
    await clicking.settle(desk, Remedy.BOOK, against="1990")


async def reverse_the_first(desk: Desk) -> None:
    posting = await desk.world.value(
        "SELECT id FROM ledger_transaction WHERE kind = 'capture' ORDER BY seq DESC LIMIT 1"
    )
    await clicking.settle(desk, Remedy.REVERSE, against=str(posting))


async def as_customer_money(desk: Desk) -> None:
    await clicking.settle(desk, Remedy.BOOK, against="2010")


async def as_fee(desk: Desk) -> None:
    await clicking.settle(desk, Remedy.BOOK, against="6210")


async def as_currency(desk: Desk) -> None:
    await clicking.settle(desk, Remedy.BOOK, against="1900")


async def it_comes_by_hand(desk: Desk) -> None:
    [payout_id] = [row[0] for row in await desk.world.rows("SELECT id FROM provider_payout")]
    await desk.world.sandbox.door("bank/lines", amount=40_00, text=f"STRIPE {payout_id}")
    await desk.statement()


async def nothing_to_it(desk: Desk) -> None:
    await clicking.settle(desk, Remedy.FALSE_POSITIVE)
