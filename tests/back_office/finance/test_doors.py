"""Who sees the finance pages, and who may only read."""

import httpx
import pytest

from marketplace.kit.principal import StaffRole
from tests.back_office.conftest import SignedIn
from tests.back_office.finance.busy import Busy, busy
from tests.back_office.finance.desk import FINANCE, tokens

pytestmark = pytest.mark.anyio


def pages(found: Busy) -> list[str]:
    return [
        "/payouts", f"/payouts/{found.batch_id}", f"/payouts/one/{found.failed}",
        f"/payouts/{found.batch_id}/payouts.csv", "/payouts/policies", "/payouts/own",
        "/vendors", "/vendors.csv",
        f"/vendors/{found.vendor_id}", f"/vendors/{found.vendor_id}/terms", "/adjustments",
        f"/adjustments/{found.adjustment_id}", "/months", "/disputes",
        f"/disputes/{found.dispute_id}", "/refunds",
    ]  # fmt: skip


def forms(found: Busy) -> list[str]:
    batch, vendor = f"/payouts/{found.batch_id}", f"/vendors/{found.vendor_id}"
    return [
        "/payouts", "/payouts/policies", "/payouts/policies/fees", f"{batch}/approvals",
        f"{batch}/cancellation", f"/payouts/one/{found.failed}/shortening",
        f"/payouts/one/{found.failed}/attempts", f"/payouts/one/{found.failed}/cancellation",
        f"{vendor}/payouts", f"{vendor}/terms", f"{vendor}/holds", f"{vendor}/freezes",
        f"/disputes/{found.dispute_id}/evidence", f"/disputes/{found.dispute_id}/acceptance",
        f"/disputes/{found.dispute_id}/liability", "/adjustments",
        f"/adjustments/{found.adjustment_id}/approval",
        f"/adjustments/{found.adjustment_id}/rejection", "/months/2026-03-01/soft-closing",
        "/months/2026-03-01/closing", "/months/2026-03-01/reopening",
    ]  # fmt: skip


FILLED = {
    "reason": "Because", "note": "Because", "currency": "EUR", "amount": "1", "auto": "1",
    "second": "2", "fee_currency": "EUR", "rate": "1", "fixed": "1",
    "schedule": "daily", "maturity_days": "1", "undelivered_days": "1",
    "reserve": "1", "reserve_days": "1", "bank_cooling_days": "1", "liable": "platform",
    "uncategorized_text": "It arrived.", "kind": "tax_remitted", "reference": "TAX-1",
}  # fmt: skip


async def test_a_viewer_reads_every_page_and_can_do_nothing(
    viewer: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    found = await busy()
    support = await signed_in(StaffRole.SUPPORT)
    shown = {path: await viewer.get(FINANCE + path) for path in pages(found)}
    hidden = {path: (await support.get(FINANCE + path)).status_code for path in pages(found)}
    form = tokens(shown["/vendors"]) | FILLED

    answers = {
        path: (await viewer.post(FINANCE + path, data=form)).status_code for path in forms(found)
    }

    assert {path: page.status_code for path, page in shown.items() if page.status_code != 200} == {}
    assert set(hidden.values()) == {403}
    assert {path: code for path, code in answers.items() if code != 403} == {}
    offered = [
        path for path in forms(found)
        for page in shown.values() if f'method="post" action="{FINANCE}{path}"' in page.text
    ]  # fmt: skip
    assert offered == []
    assert f"{FINANCE}/payouts" not in (await support.get("/back-office/")).text


async def test_the_address_of_a_form_leads_to_its_page(viewer: httpx.AsyncClient) -> None:
    batch = f"{FINANCE}/payouts/00000000-0000-7000-8000-000000000009"

    answer = await viewer.get(f"{batch}/approvals")

    assert (answer.status_code, answer.headers["location"]) == (303, batch)


@pytest.mark.parametrize(
    "path", ["/payouts/one/{}", "/payouts/{}", "/vendors/{}", "/adjustments/{}", "/disputes/{}"]
)
async def test_what_is_not_there_is_not_found(viewer: httpx.AsyncClient, path: str) -> None:
    missing = FINANCE + path.format("00000000-0000-7000-8000-000000000009")

    assert (await viewer.get(missing)).status_code == 404


async def test_before_anything_happened_each_page_says_what_to_do(
    viewer: httpx.AsyncClient,
) -> None:
    said = {
        "/payouts": "No batch yet", "/vendors": "No vendors yet", "/disputes": "No disputes",
        "/refunds": "No refund failed", "/adjustments": "Nothing was corrected yet",
        "/payouts?state=cancelled": "No batch like that", "/vendors?q=nobody": "No vendor fits",
        "/disputes?q=M-1": "No dispute fits", "/adjustments?state=posted": "None like that",
    }  # fmt: skip

    for path, words in said.items():
        assert words in (await viewer.get(FINANCE + path)).text, path
    assert (await viewer.get(f"{FINANCE}/payouts?state=gone")).status_code == 422
