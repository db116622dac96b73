import httpx
import pytest

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from settlement.disputes.models import Dispute
from tests.back_office.finance.busy import disputed, sold
from tests.back_office.finance.desk import FINANCE, offers, said, send

pytestmark = pytest.mark.anyio

LIST = f"{FINANCE}/disputes"


async def the_dispute() -> Dispute:
    async with transaction(SYSTEM, read_only=True):
        return await Dispute.get()


async def test_a_dispute_shows_its_money_and_is_answered_once(
    accountant: httpx.AsyncClient,
) -> None:
    dispute = f"{LIST}/{await disputed(await sold())}"
    listed = (await accountant.get(LIST)).text
    before = (await accountant.get(dispute)).text
    said_first = {"shipping_tracking_number": "JD014600003RT", "uncategorized_text": " "}

    first = await send(accountant, f"{dispute}/evidence", **said_first)
    second = await send(accountant, f"{dispute}/evidence", uncategorized_text="And more")

    assert "Answer: <time" in listed
    assert "9 d left" in listed
    assert "Kiln &amp; Co" in before
    assert 'Taken from us</dt><dd><data class="money" value="30.00"' in before
    assert before.count('value="30.00"') == 2
    assert "asks for the money back" in before
    after = await said(accountant, first)
    assert "The answer is on its way to the bank." in after
    assert "JD014600003RT" in after
    assert not offers(after, f"{dispute}/evidence")
    assert "This dispute was answered before." in await said(accountant, second)
    assert (await the_dispute()).evidence == {"shipping_tracking_number": "JD014600003RT"}


async def test_an_empty_answer_is_not_sent(accountant: httpx.AsyncClient) -> None:
    dispute = f"{LIST}/{await disputed(await sold())}"

    answer = await send(accountant, f"{dispute}/evidence", uncategorized_text=" ")

    assert answer.status_code == 422
    assert 'id="field-uncategorized_text-error"' in answer.text
    assert (await the_dispute()).answered_at is None


async def test_a_dispute_is_accepted(accountant: httpx.AsyncClient) -> None:
    dispute = f"{LIST}/{await disputed(await sold())}"

    first = await send(accountant, f"{dispute}/acceptance")
    second = await send(accountant, f"{dispute}/acceptance")

    assert "The bank keeps the money." in await said(accountant, first)
    assert "answered before" in await said(accountant, second)


async def test_who_bears_it_is_chosen_while_it_is_open(
    accountant: httpx.AsyncClient, approver: httpx.AsyncClient
) -> None:
    dispute = f"{LIST}/{await disputed(await sold())}"

    answer = await send(accountant, f"{dispute}/liability", liable="platform")
    unknown = await send(accountant, f"{dispute}/liability", liable="nobody")
    forbidden = await send(approver, f"{dispute}/liability", liable="vendor")

    assert "<dd>The marketplace</dd>" in await said(accountant, answer)
    assert unknown.status_code == 422
    assert forbidden.status_code == 403
    assert (await the_dispute()).liable == "platform"


async def test_disputes_are_found_by_order_and_state(accountant: httpx.AsyncClient) -> None:
    order = await sold()
    dispute_id = await disputed(order)

    found = (await accountant.get(LIST, params={"q": order.mugs.number[:-2]})).text
    won = (await accountant.get(LIST, params={"state": "won"})).text

    assert str(dispute_id) in found
    assert "No dispute fits" in won
