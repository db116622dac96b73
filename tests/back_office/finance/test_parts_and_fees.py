import httpx
import pytest

from marketplace.kit.principal import StaffRole
from tests.back_office.conftest import SignedIn
from tests.back_office.finance.busy import approved, drafted, ended, named, payout_to
from tests.back_office.finance.desk import FINANCE, offers, said, send

pytestmark = pytest.mark.anyio

PAYOUTS = f"{FINANCE}/payouts"


async def test_a_part_of_a_payout_is_taken_back_by_who_decides(
    signed_in: SignedIn, accountant: httpx.AsyncClient
) -> None:
    vendor_id = await named("Norra Textil", 120_00)
    await approved(await drafted())
    await ended(await payout_to(vendor_id), "failed")
    payout = f"{PAYOUTS}/one/{(await payout_to(vendor_id)).id}"
    approver = await signed_in(StaffRole.APPROVER)

    seen = (await accountant.get(payout)).text
    silent = await send(approver, f"{payout}/shortening", amount="20", reason="")
    whole = await send(approver, f"{payout}/shortening", amount="120", reason="All of it")
    answer = await send(approver, f"{payout}/shortening", amount="20", reason="Sent too much")

    assert not offers(seen, f"{payout}/shortening")
    assert "Please say how much" in await said(approver, silent)
    assert "cannot be taken back" in await said(approver, whole)
    page = await said(approver, answer)
    assert "of it is being taken back" in page
    assert "Sent too much" in page
    assert not offers(page, f"{payout}/shortening")
    assert not offers(page, f"{payout}/attempts")
    assert (await payout_to(vendor_id)).taking_back_minor == 20_00


async def test_accountants_say_what_the_provider_should_charge(
    accountant: httpx.AsyncClient, approver: httpx.AsyncClient
) -> None:
    policies = f"{PAYOUTS}/policies"
    fees, typed = f"{policies}/fees", {"fee_currency": "EUR", "rate": "1,4", "fixed": "0.25"}

    answer = await send(accountant, fees, page=policies, **typed)
    wrong = [
        await send(accountant, fees, page=policies, **{**typed, "rate": rate})
        for rate in ("", "much", "-1", "100.1", "0.00001", "NaN", "1e999999")
    ]
    forbidden = await send(approver, fees, page=policies, **typed)

    page = await said(accountant, answer)
    assert "From now on this is expected of each charge in EUR." in page
    assert "1.4 %" in page
    assert {one.status_code for one in wrong} == {422}
    assert all('id="field-rate-error"' in one.text for one in wrong)
    assert forbidden.status_code == 403
