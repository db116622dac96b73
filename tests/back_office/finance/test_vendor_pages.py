import httpx
import pytest

from marketplace.kit.principal import SYSTEM, StaffRole
from marketplace.kit.transactions import transaction
from settlement.earnings.models import MoneyHold
from settlement.payouts.models import PayoutFreeze
from settlement.terms.models import SettlementTerms
from tests.back_office.conftest import SignedIn
from tests.back_office.finance.busy import named, sold
from tests.back_office.finance.desk import FINANCE, said, send

pytestmark = pytest.mark.anyio

VENDORS = f"{FINANCE}/vendors"
TERMS = {
    "schedule": "weekly", "weekdays": "4", "month_days": "", "maturity_days": "5",
    "undelivered_days": "20", "reserve": "7.5", "reserve_days": "60", "bank_cooling_days": "7",
    "minimum-EUR": "25", "note": "Agreed by letter",
}  # fmt: skip


async def holds() -> list[tuple[int, str]]:
    async with transaction(SYSTEM, read_only=True):
        return [(hold.amount_minor, hold.state.value) for hold in await MoneyHold.all()]


async def test_vendors_are_found_filtered_and_taken_as_a_file(viewer: httpx.AsyncClient) -> None:
    norra = await named("Norra Textil", 120_00)
    await named("Atelier Nord", -42_10)
    await named("Oliveira & Filhos", 30_00, connected=False)

    searched = (await viewer.get(VENDORS, params={"q": "NORRA"})).text
    owing = (await viewer.get(VENDORS, params={"standing": "negative"})).text
    waiting = (await viewer.get(VENDORS, params={"standing": "not_ready"})).text
    file = (await viewer.get(f"{FINANCE}/vendors.csv")).text.splitlines()

    assert f"{VENDORS}/{norra}" in searched
    assert "Atelier" not in searched
    assert "Atelier Nord" in owing
    assert "Norra" not in owing
    assert "Oliveira &amp; Filhos" in waiting
    assert "Norra" not in waiting
    assert [line.split(",")[1] for line in file[1:]] == [
        "Atelier Nord", "Norra Textil", "Oliveira & Filhos"
    ]  # fmt: skip
    assert "norra-textil,Norra Textil,EUR,0.00,120.00,0.00,0.00,0.00,0.00,no,enabled" in file[2]


async def test_one_vendor_shows_what_it_has_and_when_it_comes(viewer: httpx.AsyncClient) -> None:
    order = await sold()

    page = (await viewer.get(f"{VENDORS}/{order.kiln.id}")).text

    assert "When money becomes available" in page
    assert "No account for payouts" in page or "Nothing is available yet." in page
    assert "Without one the vendor cannot be paid." in page
    assert "Every Monday" in page


async def test_money_is_held_once_and_released(accountant: httpx.AsyncClient) -> None:
    vendor = f"{VENDORS}/{await named('Norra Textil', 120_00)}"
    form = {"currency": "EUR", "amount": "40", "reason": "A question", "form_token":
        "00000000-0000-4000-8000-000000000001"}  # fmt: skip

    first = await send(accountant, f"{vendor}/holds", **form)
    again = await send(accountant, f"{vendor}/holds", **form)
    other = await send(accountant, f"{vendor}/holds", **{**form, "amount": "41"})
    page = await said(accountant, first)
    once = await holds()
    release = page.split(f'action="{vendor}/holds/')[1].split('"')[0]
    released = await send(accountant, f"{vendor}/holds/{release}", page=vendor, reason="Answered")

    assert "The money is on hold." in page
    assert again.status_code == 303
    assert "This form has held money before" in await said(accountant, other)
    assert once == [(40_00, "held")]
    assert "The money is available again." in await said(accountant, released)
    assert await holds() == [(40_00, "released")]


@pytest.mark.parametrize(
    ("typed", "field"),
    [({"amount": "400"}, "amount"), ({"amount": "some"}, "amount"), ({"amount": ""}, "amount"),
        ({"reason": ""}, "reason"), ({"currency": "XXX"}, "currency")],
)  # fmt: skip
async def test_a_hold_that_cannot_be_is_refused_beside_its_field(
    accountant: httpx.AsyncClient, typed: dict[str, str], field: str
) -> None:
    vendor = f"{VENDORS}/{await named('Norra Textil', 120_00)}"
    form = {"currency": "EUR", "amount": "40", "reason": "A question", **typed}

    answer = await send(accountant, f"{vendor}/holds", **form)

    assert answer.status_code in (409, 422)
    assert f'id="field-{field}-error"' in answer.text
    assert await holds() == []


async def test_payouts_are_stopped_and_go_on(approver: httpx.AsyncClient) -> None:
    vendor = f"{VENDORS}/{await named('Norra Textil', 120_00)}"

    silent = await said(approver, await send(approver, f"{vendor}/freezes", reason=""))
    stopped = await said(approver, await send(approver, f"{vendor}/freezes", reason="A question"))
    lifting = stopped.split(f'action="{vendor}/freezes/')[1].split('"')[0]
    filtered = (await approver.get(VENDORS, params={"standing": "frozen"})).text
    lifted = await send(approver, f"{vendor}/freezes/{lifting}", page=vendor, reason="Answered")
    twice = await send(approver, f"{vendor}/freezes/{lifting}", page=vendor, reason="Answered")

    assert "Please say why." in silent
    assert "Payouts are stopped." in stopped
    assert "Pia Renner" in stopped
    assert "Norra Textil" in filtered
    assert "Payouts go on" in await said(approver, lifted)
    assert "cannot lift" in await said(approver, twice)
    async with transaction(SYSTEM, read_only=True):
        assert await PayoutFreeze.filter(lifted_at=None).count() == 0


async def test_new_terms_are_a_new_version(accountant: httpx.AsyncClient) -> None:
    vendor_id = await named("Norra Textil", 120_00)
    terms = f"{VENDORS}/{vendor_id}/terms"
    form = {**TERMS, "form_token": "00000000-0000-4000-8000-000000000002"}

    first = await send(accountant, terms, page=terms, **form)
    again = await send(accountant, terms, page=terms, **form)

    assert "The new terms are kept." in await said(accountant, first)
    assert again.status_code == 303
    async with transaction(SYSTEM, read_only=True):
        [kept] = await SettlementTerms.filter(vendor_id=vendor_id)
    assert (kept.schedule, kept.schedule_days, kept.reserve_bps) == ("weekly", [4], 750)
    assert kept.minimums == {"EUR": 25_00}
    assert "Its own, version 1" in (await accountant.get(f"{VENDORS}/{vendor_id}")).text


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"maturity_days": "400"}, "maturity_days"), ({"reserve": "101"}, "reserve"),
        ({"reserve": "much"}, "reserve"), ({"weekdays": ""}, "weekdays"),
        ({"schedule": "month_days", "month_days": "32"}, "month_days"),
        ({"schedule": "month_days", "month_days": "first"}, "month_days"),
        ({"note": ""}, "note"), ({"valid_from": "2020-01-01"}, "valid_from"),
        ({"valid_from": "soon"}, "valid_from"), ({"minimum-EUR": "1.234"}, "minimum-EUR"),
    ],
)  # fmt: skip
async def test_terms_out_of_range_are_refused_beside_their_field(
    accountant: httpx.AsyncClient, typed: dict[str, str], field: str
) -> None:
    vendor_id = await named("Norra Textil", 120_00)
    terms = f"{VENDORS}/{vendor_id}/terms"

    answer = await send(accountant, terms, page=terms, **{**TERMS, **typed})

    assert answer.status_code == 422
    assert f'href="#field-{field}"' in answer.text
    async with transaction(SYSTEM, read_only=True):
        assert await SettlementTerms.filter(vendor_id=vendor_id).count() == 0


async def test_an_approver_reads_terms_and_does_not_change_them(signed_in: SignedIn) -> None:
    vendor_id = await named("Norra Textil", 120_00)
    approver = await signed_in(StaffRole.APPROVER)

    answer = await send(
        approver, f"{VENDORS}/{vendor_id}/terms", page=f"{VENDORS}/{vendor_id}/terms", **TERMS
    )

    assert answer.status_code == 403
