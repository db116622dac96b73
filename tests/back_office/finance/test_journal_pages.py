import httpx
import pytest

from marketplace.kit.principal import SYSTEM, StaffRole
from marketplace.kit.transactions import transaction
from settlement import capturing
from tests.back_office.conftest import SignedIn
from tests.back_office.stories import two_vendors
from tests.factories import NOON

pytestmark = pytest.mark.anyio

JOURNAL = "/back-office/finance/journal"


@pytest.fixture
async def viewer(signed_in: SignedIn) -> httpx.AsyncClient:
    return await signed_in(StaffRole.FINANCE_VIEWER)


async def booked() -> None:
    """Mugs and a bowl are paid for (74,00) and the books have heard of it."""
    order = await two_vendors(fee=2_45)
    async with transaction(SYSTEM) as connection:
        capture_id = await connection.fetchval(
            "SELECT id FROM capture WHERE order_id = $1", order.order_id
        )
        for book in (capturing.book_capture, capturing.book_fee):
            await book(capture_id=capture_id, effective_date=NOON.date(), now=NOON)


async def test_a_posting_is_listed_with_both_sides_and_opens(viewer: httpx.AsyncClient) -> None:
    await booked()

    page = await viewer.get(JOURNAL)
    posting = page.text.split('class="reference" href="')[1].split('"')[0]
    opened = await viewer.get(posting)

    assert page.text.count('class="reference"') == 2
    assert "1120 Provider balance" in page.text
    assert "2010 Customer prepayments" in page.text
    assert opened.status_code == 200
    assert "6210 Provider fees" in opened.text
    assert opened.text.count('value="2.45"') == 2


async def test_filters_narrow_the_list(viewer: httpx.AsyncClient) -> None:
    await booked()

    fees = await viewer.get(JOURNAL, params={"account": "6210"})
    captures = await viewer.get(JOURNAL, params={"kind": "capture", "to": "2100-01-01"})
    nothing = await viewer.get(JOURNAL, params={"q": "M-999999"})

    assert fees.text.count('class="reference"') == 1
    assert captures.text.count('class="reference"') == 1
    assert "Nothing fits" in nothing.text


@pytest.mark.parametrize("asked", [{"kind": "gift"}, {"account": "12"}, {"from": "soon"}])
async def test_a_filter_that_does_not_exist_is_refused(
    viewer: httpx.AsyncClient, asked: dict[str, str]
) -> None:
    assert (await viewer.get(JOURNAL, params=asked)).status_code == 422


async def test_before_the_first_payment_the_journal_says_so(viewer: httpx.AsyncClient) -> None:
    assert "Nothing booked yet" in (await viewer.get(JOURNAL)).text


async def test_a_posting_that_is_not_there_is_not_found(viewer: httpx.AsyncClient) -> None:
    missing = f"{JOURNAL}/00000000-0000-7000-8000-000000000009"

    assert (await viewer.get(missing)).status_code == 404


@pytest.mark.parametrize("role", [StaffRole.SUPPORT, StaffRole.OPERATIONS])
async def test_others_neither_see_the_way_nor_the_page(
    signed_in: SignedIn, role: StaffRole
) -> None:
    browser = await signed_in(role)

    assert JOURNAL not in (await browser.get("/back-office/")).text
    assert (await browser.get(JOURNAL)).status_code == 403
