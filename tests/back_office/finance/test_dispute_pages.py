import re
from html import unescape
from uuid import uuid4

import httpx
import pytest

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from settlement.adjustments.models import Adjustment
from settlement.disputes.models import Dispute
from tests.back_office.finance.busy import disputed, sold
from tests.back_office.finance.desk import FINANCE, offers, said, send

pytestmark = pytest.mark.anyio

LIST = f"{FINANCE}/disputes"
PROPOSALS = f"{FINANCE}/adjustments"


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


async def test_its_fee_is_proposed_to_be_charged_on_from_its_page(
    accountant: httpx.AsyncClient,
) -> None:
    order = await sold()
    dispute_id = await disputed(order)
    async with transaction(SYSTEM):
        code = order.kiln.code
    page = (await accountant.get(f"{LIST}/{dispute_id}")).text
    [link] = re.findall(r'href="([^"]*)">Recharge the fee to Kiln', page)

    form = (await accountant.get(unescape(link))).text
    answer = await send(accountant, PROPOSALS, page=unescape(link), **typed_in(form), note="Agreed")

    assert typed_in(form) == {
        "kind": "dispute_fee_recharge", "dispute": str(dispute_id), "vendor": code,
        "currency": "EUR", "amount": "15.00",
    }  # fmt: skip
    assert "Charge a dispute's fee on" in await said(accountant, answer)
    async with transaction(SYSTEM, read_only=True):
        proposal = await Adjustment.get()
    assert (proposal.kind, proposal.amount_minor) == ("dispute_fee_recharge", 15_00)
    assert (proposal.dispute_id, proposal.vendor_id) == (dispute_id, order.kiln.id)


async def test_what_an_address_says_wrongly_is_not_filled_in(accountant: httpx.AsyncClient) -> None:
    dispute_id = await disputed(await sold())
    new = f"{PROPOSALS}/new?kind=dispute_fee_recharge&dispute="
    wrong = "&vendor=nobody&currency=XXX&amount=much&note=Typed"

    form = (await accountant.get(f"{new}{dispute_id}{wrong}")).text
    for missing in (uuid4(), "somewhere"):
        assert (await accountant.get(f"{new}{missing}")).status_code == 404

    assert typed_in(form) == {"kind": "dispute_fee_recharge", "dispute": str(dispute_id)}
    assert "aria-invalid" not in form


def typed_in(form: str) -> dict[str, str]:
    """What a form is filled with."""
    fields = re.findall(r"<input[^>]*>", form)
    said = {
        name[1]: value[1]
        for field in fields
        if (name := re.search(r'name="(\w+)"', field))
        and (value := re.search(r'value="([^"]+)"', field))
    }
    chosen = re.search(r'<option value="(\w+)" selected', form)
    return {
        name: value
        for name, value in {**said, **({"currency": chosen[1]} if chosen else {})}.items()
        if name in ("kind", "dispute", "vendor", "currency", "amount", "note")
    }
