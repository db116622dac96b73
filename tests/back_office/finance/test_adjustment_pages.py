from datetime import date, timedelta

import httpx
import pytest

from marketplace.kit.principal import SYSTEM, StaffRole
from marketplace.kit.transactions import transaction
from settlement.adjustments.models import Adjustment
from settlement.models import AccountingPeriod
from tests.back_office.conftest import SignedIn
from tests.back_office.finance.busy import named, proposed, refused_refund, sold
from tests.back_office.finance.desk import FINANCE, offers, said, send
from tests.factories import NOON

pytestmark = pytest.mark.anyio

FEBRUARY = NOON - timedelta(days=7)
LIST = f"{FINANCE}/adjustments"
PENALTY = {
    "vendor": "norra-textil", "currency": "EUR", "amount": "12,50", "note": "Late three times",
    "form_token": "00000000-0000-4000-8000-000000000003",
}  # fmt: skip


def form_of(kind: str, **about: object) -> str:
    return f"{LIST}/new?kind={kind}" + "".join(f"&{name}={of}" for name, of in about.items())


async def adjustments() -> list[tuple[str, int, str]]:
    async with transaction(SYSTEM, read_only=True):
        found = await Adjustment.all().order_by("kind")
    return [(one.kind.value, one.amount_minor, one.state.value) for one in found]


async def test_one_proposes_and_another_approves_which_books_it(
    administrator: httpx.AsyncClient, approver: httpx.AsyncClient
) -> None:
    await named("Norra Textil", 120_00)

    first = await send(administrator, LIST, page=form_of("penalty"), **PENALTY, kind="penalty")
    again = await send(administrator, LIST, page=form_of("penalty"), **PENALTY, kind="penalty")
    adjustment = first.headers["location"]
    mine = await said(administrator, first)
    own = await send(administrator, f"{adjustment}/approval")
    waiting = await adjustments()
    answer = await send(approver, f"{adjustment}/approval")
    twice = await send(approver, f"{adjustment}/approval")

    assert again.headers["location"] == adjustment
    assert "Somebody else has to approve it" in mine
    assert not offers(mine, f"{adjustment}/approval")
    assert "You proposed this yourself." in await said(administrator, own)
    assert waiting == [("penalty", 12_50, "proposed")]
    booked = await said(approver, answer)
    assert "It is approved and booked." in booked
    assert "The posting" in booked
    assert "cannot approve" in await said(approver, twice)
    assert await adjustments() == [("penalty", 12_50, "posted")]


async def test_a_proposal_is_rejected_or_taken_back_with_a_reason(
    accountant: httpx.AsyncClient, approver: httpx.AsyncClient
) -> None:
    await named("Norra Textil", 120_00)
    answer = await send(accountant, LIST, page=form_of("penalty"), **PENALTY, kind="penalty")
    adjustment = answer.headers["location"]

    silent = await said(approver, await send(approver, f"{adjustment}/rejection", reason=""))
    taken = await send(accountant, f"{adjustment}/rejection", reason="My error")

    assert "Please say why." in silent
    assert "Nothing is booked." in await said(accountant, taken)
    assert await adjustments() == [("penalty", 12_50, "rejected")]


@pytest.mark.parametrize(
    ("kind", "has", "has_not"),
    [
        ("penalty", ["vendor", "amount"], ["account", "currency_to"]),
        ("tax_remitted", ["amount", "reference"], ["vendor", "account"]),
        ("currency_exchange", ["amount", "currency_to", "amount_to"], ["vendor"]),
        ("suspense_cleared", ["account", "amount"], ["vendor", "currency_to"]),
    ],
)
async def test_a_form_asks_for_what_its_kind_needs(
    accountant: httpx.AsyncClient, kind: str, has: list[str], has_not: list[str]
) -> None:
    page = (await accountant.get(form_of(kind))).text

    assert all(f'name="{field}"' in page for field in has)
    assert not any(f'name="{field}"' in page for field in has_not)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"vendor": "nobody"}, "vendor"), ({"amount": "0"}, "amount"), ({"amount": ""}, "amount"),
        ({"amount": "12.345"}, "amount"), ({"currency": "XXX"}, "currency"), ({"note": ""}, "note"),
        ({"effective_date": "soon"}, "effective_date"),
        ({"effective_date": "2030-01-01"}, "effective_date"),
    ],
)  # fmt: skip
async def test_what_does_not_fit_is_refused_beside_its_field(
    accountant: httpx.AsyncClient, typed: dict[str, str], field: str
) -> None:
    await named("Norra Textil", 120_00)
    form = {**PENALTY, "kind": "penalty", **typed}

    answer = await send(accountant, LIST, page=form_of("penalty"), **form)

    assert answer.status_code == 422
    assert f'id="field-{field}-error"' in answer.text
    assert await adjustments() == []


async def test_more_than_the_books_have_is_refused(accountant: httpx.AsyncClient) -> None:
    await named("Norra Textil", 120_00)

    answer = await send(accountant, LIST, page=form_of("write_off"), **PENALTY, kind="write_off")

    assert answer.status_code == 409
    assert "is more than there is" in answer.text
    assert await adjustments() == []


async def test_what_is_opened_without_its_kind_or_thing_leads_back(
    accountant: httpx.AsyncClient,
) -> None:
    unknown = await accountant.get(form_of("gift"))
    nothing = await accountant.get(form_of("reversal"))
    posted = await send(accountant, LIST, page=form_of("penalty"), **PENALTY, kind="gift")

    assert unknown.headers["location"] == LIST
    assert nothing.status_code == 422
    assert posted.headers["location"] == LIST


async def test_a_posting_made_by_hand_is_reversed_from_the_journal(
    accountant: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    vendor_id = await named("Norra Textil", 120_00)
    approver = await signed_in(StaffRole.APPROVER)
    made = f"{LIST}/{await proposed(vendor_id)}"
    booked = await said(approver, await send(approver, f"{made}/approval"))
    posting = booked.split(f"{FINANCE}/journal/")[1].split('"')[0]
    link = form_of("reversal", posting=posting)

    page = (await accountant.get(f"{FINANCE}/journal/{posting}")).text
    answer = await send(
        accountant, LIST, page=link, kind="reversal", posting=posting, note="The wrong vendor"
    )

    assert link.replace("&", "&amp;") in page or link in page
    assert "Reverse a posting" in await said(accountant, answer)
    assert await adjustments() == [("penalty", 25_00, "posted"), ("reversal", 25_00, "proposed")]


async def test_a_failed_refund_is_sent_again_or_paid_by_other_means(
    accountant: httpx.AsyncClient,
) -> None:
    refund_id = await refused_refund(await sold())
    refunds = f"{FINANCE}/refunds"
    listed = (await accountant.get(refunds)).text
    about = form_of("refund_paid_otherwise", refund=refund_id)

    answer = await send(
        accountant, LIST, page=about, kind="refund_paid_otherwise", refund=refund_id,
        note="Paid by bank", reference="SEPA-1",
    )  # fmt: skip
    waiting = (await accountant.get(refunds)).text
    sent = await send(accountant, f"{refunds}/{refund_id}/attempts", page=refunds)
    twice = await send(accountant, f"{refunds}/{refund_id}/attempts", page=refunds)

    assert "The card was closed." in listed
    assert "It is proposed." in await said(accountant, answer)
    assert "waits for approval" in waiting
    assert "The refund is sent once more." in await said(accountant, sent)
    assert "cannot retry" in await said(accountant, twice)
    assert "No refund failed" in (await accountant.get(refunds)).text


async def test_a_month_is_closed_step_by_step_and_opened_by_two(
    accountant: httpx.AsyncClient, approver: httpx.AsyncClient
) -> None:
    await named("Norra Textil", 120_00, now=FEBRUARY)
    await named("Lumen Works", 80_00)
    months = f"{FINANCE}/months"
    early = (await accountant.get(months)).text
    february = f"{months}/2026-02-01"

    silent = await said(
        accountant, await send(accountant, f"{february}/soft-closing", page=months, note="")
    )
    soft = await said(
        accountant,
        await send(accountant, f"{february}/soft-closing", page=months, note="Month end"),
    )
    closed = await said(
        approver, await send(approver, f"{february}/closing", page=months, note="All is checked")
    )
    asked = await said(
        accountant, await send(accountant, f"{february}/reopening", page=months, note="An invoice")
    )
    agreement = (await approver.get(months)).text.split(f'action="{months}/reopenings/')[1]
    agreed = await send(
        approver, f"{months}/reopenings/{agreement.split('/')[0]}/agreement", page=months
    )

    assert "Not yet: it is not over." in early
    assert "Please write a note with it." in silent
    assert "only adjustments are dated in it" in soft
    assert "The month is closed" in closed
    assert "Somebody else has to agree" in asked
    assert f"{months}/reopenings/" not in asked
    assert "The month takes adjustments again." in await said(approver, agreed)
    async with transaction(SYSTEM, read_only=True):
        assert (await AccountingPeriod.get(starts=date(2026, 2, 1))).status == "soft_closed"


async def test_a_month_with_open_questions_says_which(
    accountant: httpx.AsyncClient, approver: httpx.AsyncClient
) -> None:
    await proposed(await named("Norra Textil", 120_00, now=FEBRUARY), day=FEBRUARY.date())
    months = f"{FINANCE}/months"
    await send(accountant, f"{months}/2026-02-01/soft-closing", page=months, note="Month end")

    page = (await approver.get(months)).text
    answer = await send(approver, f"{months}/2026-02-01/closing", page=months, note="All is well")

    assert "1 adjustments wait for a decision" in page
    assert "cannot be closed yet" in await said(approver, answer)
    assert (await approver.post(f"{months}/someday/closing", data={})).status_code == 403
