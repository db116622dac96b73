import httpx
import pytest

from marketplace.kit.principal import SYSTEM, StaffRole
from marketplace.kit.transactions import transaction
from settlement.payouts.models import PayoutApproval, PayoutBatch
from tests.back_office.conftest import SignedIn
from tests.back_office.finance.busy import approved, drafted, ended, named, payout_to
from tests.back_office.finance.desk import FINANCE, hidden_in, offers, said, send, tokens

pytestmark = pytest.mark.anyio

PAYOUTS = f"{FINANCE}/payouts"


async def batches() -> list[tuple[int, str]]:
    async with transaction(SYSTEM, read_only=True):
        found = await PayoutBatch.all().order_by("number")
    return [(batch.number, batch.state.value) for batch in found]


async def test_an_accountant_drafts_todays_batch_once_and_an_approver_approves_it(
    accountant: httpx.AsyncClient, approver: httpx.AsyncClient
) -> None:
    await named("Norra Textil", 120_00)
    await named("Oliveira & Filhos", 30_00, connected=False)

    first = await send(accountant, PAYOUTS, page=PAYOUTS)
    again = await send(accountant, PAYOUTS, page=PAYOUTS)
    batch = first.headers["location"]
    drafted_page = await said(accountant, first)
    answer = await send(approver, f"{batch}/approvals")

    assert again.headers["location"] == batch
    assert not offers(drafted_page, f"{batch}/approvals")
    assert "One approver is needed." in drafted_page
    assert "No account for payouts is set up." in drafted_page
    assert "Its payouts are on their way." in await said(approver, answer)
    assert await batches() == [(1, "approved")]
    page = (await approver.get(batch)).text
    assert "Pia Renner" in page
    assert "Abe Castro" in page


async def test_above_the_limit_two_different_people_approve(
    approver: httpx.AsyncClient, administrator: httpx.AsyncClient
) -> None:
    await named("Norra Textil", 20_000_00)
    batch = f"{PAYOUTS}/{await drafted()}"

    first = await said(approver, await send(approver, f"{batch}/approvals"))
    same = await send(approver, f"{batch}/approvals", **{"total-EUR": "2000000"})
    waiting = await batches()
    second = await said(administrator, await send(administrator, f"{batch}/approvals"))

    assert "One more person has to approve it." in first
    assert not offers(first, f"{batch}/approvals")
    assert "You have approved this batch already." in await said(approver, same)
    assert waiting == [(1, "draft")]
    assert "Its payouts are on their way." in second
    assert await batches() == [(1, "approved")]


async def test_who_drafted_a_batch_is_not_its_second_approver(
    administrator: httpx.AsyncClient, approver: httpx.AsyncClient
) -> None:
    await named("Norra Textil", 20_000_00)
    batch = (await send(administrator, PAYOUTS, page=PAYOUTS)).headers["location"]
    await send(approver, f"{batch}/approvals")

    page = await administrator.get(batch)

    assert not offers(page, f"{batch}/approvals")
    assert "the second approval is somebody else" in page.text
    total = {"total-EUR": "2000000"}
    answer = await send(administrator, f"{batch}/approvals", **total)
    assert "You drafted this batch" in await said(administrator, answer)
    assert await batches() == [(1, "draft")]


async def test_an_approval_of_other_totals_is_refused_kindly(
    approver: httpx.AsyncClient,
) -> None:
    await named("Norra Textil", 120_00)
    batch = f"{PAYOUTS}/{await drafted()}"
    page = await approver.get(batch)
    seen = hidden_in(page, f"{batch}/approvals")

    answer = await send(approver, f"{batch}/approvals", **{"total-EUR": "11900"})

    assert seen["total-EUR"] == "12000"
    assert "The batch has changed since you opened it." in await said(approver, answer)
    async with transaction(SYSTEM, read_only=True):
        assert await PayoutApproval.all().count() == 0


async def test_a_batch_is_cancelled_with_a_reason(accountant: httpx.AsyncClient) -> None:
    await named("Norra Textil", 120_00)
    batch = f"{PAYOUTS}/{await drafted()}"

    silent = await said(accountant, await send(accountant, f"{batch}/cancellation", reason=" "))
    answer = await send(accountant, f"{batch}/cancellation", reason="The rates were wrong")
    again = await send(accountant, f"{batch}/cancellation", reason="The rates were wrong")

    assert "Please say why it is cancelled." in silent
    assert "The batch is cancelled." in await said(accountant, answer)
    assert again.status_code == 303
    assert await batches() == [(1, "cancelled")]


async def test_a_day_without_anybody_due_says_so(accountant: httpx.AsyncClient) -> None:
    answer = await send(accountant, PAYOUTS, page=PAYOUTS)

    assert "Nobody is due today" in await said(accountant, answer)
    assert await batches() == []


async def test_one_vendor_is_paid_on_demand_and_not_twice(accountant: httpx.AsyncClient) -> None:
    vendor = f"{FINANCE}/vendors/{await named('Norra Textil', 120_00)}"

    first = await send(accountant, f"{vendor}/payouts")
    second = await said(accountant, await send(accountant, f"{vendor}/payouts"))

    assert "on demand for norra-textil" in await said(accountant, first)
    assert await batches() == [(1, "draft")]
    assert "on demand for norra-textil" in second or "has not ended yet" in second


async def test_payouts_of_a_batch_are_found_and_taken_as_a_file(
    viewer: httpx.AsyncClient,
) -> None:
    await named("Norra Textil", 120_00)
    await named("Lumen Works", 80_00)
    batch_id = await drafted()
    batch = f"{PAYOUTS}/{batch_id}"

    searched = (await viewer.get(batch, params={"q": "lumen"})).text
    paid = (await viewer.get(batch, params={"state": "paid"})).text
    file = (await viewer.get(f"{batch}/payouts.csv")).text.splitlines()

    assert "Lumen Works" in searched
    assert "Norra Textil" not in searched
    assert "No payout fits" in paid
    assert len(file) == 3
    assert any(",Norra Textil,120.00,EUR,draft,1," in line for line in file)


async def test_a_payout_tells_its_story_and_what_it_pays(viewer: httpx.AsyncClient) -> None:
    vendor_id = await named("Norra Textil", 120_00)
    await approved(await drafted())
    await ended(await payout_to(vendor_id), "paid")

    page = (await viewer.get(f"{PAYOUTS}/one/{(await payout_to(vendor_id)).id}")).text

    story = ["Paid", "On its way to the bank", "Money moved to the vendor", "Payout drafted"]
    assert all(f'<div class="what">{words}' in page for words in story)
    assert 'value="120.00"' in page
    assert "tr_" in page
    assert "Payout paid" in page


async def test_a_failed_payout_is_tried_again_once(
    accountant: httpx.AsyncClient, viewer: httpx.AsyncClient
) -> None:
    vendor_id = await named("Norra Textil", 120_00)
    await approved(await drafted())
    await ended(await payout_to(vendor_id), "failed")
    payout = f"{PAYOUTS}/one/{(await payout_to(vendor_id)).id}"
    before = (await viewer.get(payout)).text

    first = await send(accountant, f"{payout}/attempts")
    second = await send(accountant, f"{payout}/attempts")

    assert "The bank account is closed." in before
    assert "It is tried again." in await said(accountant, first)
    assert "cannot retry" in await said(accountant, second)
    assert (await payout_to(vendor_id)).attempt == 2


async def test_a_payout_that_has_not_left_is_cancelled_by_who_decides(
    signed_in: SignedIn, accountant: httpx.AsyncClient
) -> None:
    vendor_id = await named("Norra Textil", 120_00)
    await approved(await drafted())
    payout = f"{PAYOUTS}/one/{(await payout_to(vendor_id)).id}"
    approver = await signed_in(StaffRole.APPROVER)

    seen = await accountant.get(payout)
    refused = await accountant.post(
        f"{payout}/cancellation", data=tokens(seen) | {"reason": "A wrong bank"}
    )
    silent = await said(approver, await send(approver, f"{payout}/cancellation", reason=""))
    answer = await send(approver, f"{payout}/cancellation", reason="A wrong bank")

    assert not offers(seen, f"{payout}/cancellation")
    assert refused.status_code == 403
    assert "Please say why" in silent
    assert "A wrong bank" in await said(approver, answer)
    assert (await payout_to(vendor_id)).state == "cancelled"


async def test_administrators_say_who_approves(
    administrator: httpx.AsyncClient, accountant: httpx.AsyncClient
) -> None:
    policies = f"{PAYOUTS}/policies"
    typed = {"currency": "EUR", "auto": "100", "second": "5000.50"}

    answer = await send(administrator, policies, page=policies, **typed)
    below = await send(administrator, policies, page=policies, **{**typed, "second": "50"})
    wrong = await send(administrator, policies, page=policies, **{**typed, "auto": "many"})
    forbidden = await send(accountant, policies, page=policies, **typed)

    assert "The policy for EUR is changed." in await said(administrator, answer)
    assert 'value="5000.50"' in (await accountant.get(policies)).text
    assert (below.status_code, wrong.status_code) == (422, 422)
    assert 'id="field-second-error"' in below.text
    assert 'id="field-auto-error"' in wrong.text
    assert forbidden.status_code == 403
