"""What finance sees first, and runs of reconciliation."""

from datetime import timedelta

import httpx
import pytest

from marketplace.kit.principal import StaffRole
from settlement.reconciliation import requested
from tests.back_office.conftest import SignedIn
from tests.back_office.finance.differences import LATER, RECONCILIATION, differences
from tests.back_office.finance.pages import post
from tests.back_office.stories import counts
from tests.marketplace_web.conftest import ManualClock

pytestmark = pytest.mark.anyio

HOME = "/back-office/finance"
RUNS = f"{RECONCILIATION}/runs"
PAGES = (
    HOME, RECONCILIATION, f"{RECONCILIATION}.csv", RUNS, f"{RECONCILIATION}/bank",
    f"{HOME}/reports", f"{HOME}/reports/trial-balance", f"{HOME}/reports/trial-balance/csv",
    f"{HOME}/journals/hledger", f"{HOME}/statements", f"{HOME}/explain",
)  # fmt: skip


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(LATER)


async def test_a_quiet_day_says_so_and_a_full_one_leads_to_the_work(signed_in: SignedIn) -> None:
    accountant = await signed_in(StaffRole.ACCOUNTANT)
    approver = await signed_in(StaffRole.APPROVER)
    quiet = await accountant.get(HOME)
    found = await differences()
    [break_id] = [found[code] for code in found if code == "M2"]
    await post(
        accountant, f"{RECONCILIATION}/breaks/{break_id}/proposals", remedy="book:1990", note="Why"
    )

    mine, theirs = await accountant.get(HOME), await approver.get(HOME)

    assert "Nothing needs you today" in quiet.text
    assert "Breaks, high" in mine.text
    assert "Breaks, medium" in mine.text
    assert "The trial balance comes to zero in EUR." in mine.text
    assert "every difference has a name" in mine.text
    assert "Somebody else decides" in mine.text
    assert "1 for you" in theirs.text
    assert "1 for you" not in mine.text


async def test_the_books_are_compared_from_the_page_and_again(signed_in: SignedIn) -> None:
    accountant = await signed_in(StaffRole.ACCOUNTANT)
    empty = await accountant.get(RUNS)
    await differences()

    for _ in range(2):
        started = await post(accountant, RUNS, until=f"{LATER:%Y-%m-%d}")
    waiting = await accountant.get(started.headers["location"])
    compared = [await requested.work_off(now=LATER) for _ in range(2)]
    listed = await accountant.get(RUNS)
    run = await accountant.get(f"{RUNS}/2")
    again = await post(accountant, f"{RUNS}/2/rerun")
    same = await accountant.get(f"{RUNS}/2")

    assert "No run yet" in empty.text
    assert "refresh" not in empty.headers
    assert "You see below how far it is." in waiting.text
    assert waiting.text.count("Waiting to begin") == 1
    assert "0 of 5 steps done" in waiting.text
    assert waiting.headers["refresh"] == "2"
    assert compared == [1, 0]
    assert "steps done" not in listed.text
    assert "refresh" not in listed.headers
    assert "Abe Castro" in run.text
    assert "Our account at the provider" in run.text
    assert "november.xml" in run.text
    assert again.status_code == 303
    assert "the same came out" in same.text
    assert f'href="{RUNS}/1"' in listed.text
    assert await counts("SELECT count(*) FROM reconciliation_run") == 2


async def test_a_run_is_refused_for_days_to_come_and_for_those_who_only_read(
    signed_in: SignedIn,
) -> None:
    accountant = await signed_in(StaffRole.ACCOUNTANT)
    viewer = await signed_in(StaffRole.FINANCE_VIEWER)
    tomorrow = f"{LATER + timedelta(days=1):%Y-%m-%d}"

    for until in (tomorrow, "soon", ""):
        answer = await post(accountant, RUNS, until=until)
        assert answer.status_code == 422, until
        assert 'aria-invalid="true"' in answer.text
    assert (await post(viewer, RUNS, until=f"{LATER:%Y-%m-%d}")).status_code == 403
    assert "Compare now" not in (await viewer.get(RUNS)).text
    assert (await viewer.get(f"{RUNS}/7")).status_code == 404


@pytest.mark.parametrize("role", [StaffRole.SUPPORT, StaffRole.OPERATIONS])
async def test_others_neither_see_the_way_nor_a_page(signed_in: SignedIn, role: StaffRole) -> None:
    browser = await signed_in(role)

    assert HOME not in (await browser.get("/back-office/")).text
    for page in PAGES:
        assert (await browser.get(page)).status_code == 403, page


async def test_every_page_opens_for_viewers(signed_in: SignedIn) -> None:
    browser = await signed_in(StaffRole.FINANCE_VIEWER)

    for page in PAGES:
        assert (await browser.get(page)).status_code == 200, page


async def test_a_form_that_was_left_open_leads_back_to_its_page(
    signed_in: SignedIn,
) -> None:
    browser = await signed_in(StaffRole.FINANCE_VIEWER)
    nothing = "00000000-0000-7000-8000-000000000009"

    for form, page in (
        (f"{RECONCILIATION}/breaks/{nothing}/owner", f"{RECONCILIATION}/breaks/{nothing}"),
        (f"{RUNS}/1/rerun", f"{RUNS}/1"),
        (f"{RECONCILIATION}/bank/files", f"{RECONCILIATION}/bank"),
    ):
        answer: httpx.Response = await browser.get(form)
        assert answer.headers["location"] == page
