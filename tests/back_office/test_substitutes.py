"""Staff see what a customer is being asked."""

import pytest

from marketplace.kit.principal import StaffRole
from tests.back_office.conftest import SignedIn
from tests.storefront_api.test_substitutes import asked

pytestmark = pytest.mark.anyio


async def test_an_open_question_stands_on_the_order_s_page(signed_in: SignedIn) -> None:
    proposed = await asked()
    browser = await signed_in(StaffRole.SUPPORT)

    page = await browser.get(f"/back-office/orders/{proposed.order_id}")

    assert page.status_code == 200
    assert "The customer is asked" in page.text
    assert "Kiln &amp; Co offers the customer something else" in page.text
