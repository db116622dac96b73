from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from marketplace.kit.principal import SYSTEM, StaffRole
from marketplace.kit.signing import sign_correction, sign_order
from marketplace.kit.transactions import transaction
from marketplace.orders.hold_models import AddressCorrection, HoldKind, OrderHold
from marketplace.orders.models import Order
from marketplace.risk.models import RiskRule
from tests.back_office.conftest import SECRET, SignedIn
from tests.back_office.stories import accept, two_vendors
from tests.back_office.test_order_page import words_of
from tests.factories import NOON, make_offer, make_paid_order
from tests.holds.risky import dear, in_force
from tests.holds.waiting import hold
from tests.marketplace_web.doors import token_in

pytestmark = pytest.mark.anyio


async def post(browser: httpx.AsyncClient, page: str, address: str, **typed: str) -> httpx.Response:
    """Fill in a form of a page and send it; the page it leads to."""
    token = token_in(await browser.get(page))
    sent = {key.replace("__", "-"): value for key, value in typed.items()}
    return await browser.post(address, data={**sent, "csrf_token": token}, follow_redirects=True)


async def test_an_empty_queue_says_so(support: httpx.AsyncClient) -> None:
    assert "Nothing is on hold" in words_of(await support.get("/back-office/holds"))


async def test_the_queue_shows_the_longest_waiting_first_and_filters_by_kind_and_age(
    support: httpx.AsyncClient,
) -> None:
    old, new = await two_vendors(), await two_vendors()
    await hold(
        old.order_id, kind=HoldKind.STOCK, reason="The shelf is empty",
        now=NOON - timedelta(hours=30),
    )  # fmt: skip
    await hold(new.order_id, reason="Wait for Ana")

    everything = words_of(await support.get("/back-office/holds"))
    stock = words_of(await support.get("/back-office/holds?kind=stock"))
    aged = words_of(await support.get("/back-office/holds?age=24"))
    none = words_of(await support.get("/back-office/holds?kind=fraud"))

    assert everything.index("The shelf is empty") < everything.index("Wait for Ana")
    assert "Wait for Ana" not in stock
    assert "Wait for Ana" not in aged
    assert "The shelf is empty" in aged
    assert "No hold fits" in none
    assert (await support.get("/back-office/holds?kind=none")).status_code == 422
    assert (await support.get("/back-office/holds?after=forged")).status_code == 422


async def test_support_holds_an_order_and_releases_it_with_a_note(
    support: httpx.AsyncClient,
) -> None:
    order = await two_vendors(paid=False)
    page = f"/back-office/orders/{order.order_id}"

    held = words_of(
        await post(
            support, page, f"{page}/holds", hold_kind="manual", hold_scope="order",
            hold_reason="The customer called",
        )
    )  # fmt: skip
    async with transaction(SYSTEM, read_only=True):
        found = await OrderHold.get(order_id=order.order_id)
    empty = words_of(await post(support, page, f"{page}/holds/{found.id}/release", note=" "))
    done = words_of(
        await post(support, page, f"{page}/holds/{found.id}/release", note="She called back")
    )
    again = words_of(await post(support, page, f"{page}/holds/{found.id}/release", note="Again"))

    assert "By hand open The customer called Sam Idris" in held
    assert "Please say in a few words why the hold ends." in empty
    assert "Ended by Sam Idris" in done
    assert "She called back" in done
    assert "Somebody ended this hold before you." in again


async def test_a_hold_that_is_not_filled_in_is_refused_where_it_was_typed(
    support: httpx.AsyncClient,
) -> None:
    order = await two_vendors()
    page = f"/back-office/orders/{order.order_id}"

    answer = await post(support, page, f"{page}/holds", hold_kind="whim", hold_scope="order")

    assert answer.status_code == 422
    assert "Please choose one of the list." in words_of(answer)


async def test_the_risk_of_an_order_is_explained(support: httpx.AsyncClient) -> None:
    async with transaction(SYSTEM):
        await in_force(dear(10_00))
    mug = await make_offer(price=12_00)
    order_id = await make_paid_order({mug.id: 1})

    words = words_of(await support.get(f"/back-office/orders/{order_id}"))

    assert "Risk For review 60 points; 50 are for review, 100 decline." in words
    assert "The order costs more than 60 Rule 1 saw:" in words
    assert "Order M-" in words
    assert "On hold" in words


async def test_another_orders_hold_does_not_exist(support: httpx.AsyncClient) -> None:
    mine, other = await two_vendors(), await two_vendors()
    hold_id = await hold(other.order_id)
    page = f"/back-office/orders/{mine.order_id}"

    answer = await post(support, page, f"{page}/holds/{hold_id}/release", note="Mine")

    assert answer.status_code == 404


async def test_an_accountant_sees_holds_and_changes_none(signed_in: SignedIn) -> None:
    order = await two_vendors()
    hold_id = await hold(order.order_id)
    browser = await signed_in(StaffRole.ACCOUNTANT)
    page = f"/back-office/orders/{order.order_id}"

    seen = words_of(await browser.get("/back-office/holds"))
    refused = await post(browser, page, f"{page}/holds/{hold_id}/release", note="All is well")

    assert "The customer asked us to wait" in seen
    assert "Release" not in seen.split("The customer asked us to wait")[1]
    assert refused.status_code == 403


async def test_operations_draft_rules_see_what_they_would_say_and_put_them_in_force(
    signed_in: SignedIn,
) -> None:
    browser = await signed_in(StaffRole.OPERATIONS)
    await two_vendors()
    page = "/back-office/risk"

    wrong = await post(
        browser, page, page, review_from="50", reject_from="100", note="Dear ones",
        kind__0="amount_above", amount__0="x", currency__0="EUR", score__0="60",
    )  # fmt: skip
    kept = words_of(
        await post(
            browser, page, page, review_from="50", reject_from="100", note="Dear ones",
            kind__0="amount_above", amount__0="20", currency__0="eur", score__0="60",
        )
    )  # fmt: skip
    async with transaction(SYSTEM, read_only=True):
        rule = await RiskRule.get()
    address = f"{page}/{rule.rule_set_id}/activation"
    active = words_of(await post(browser, page, address))
    late = words_of(await post(browser, page, address))

    assert wrong.status_code == 422
    assert "Please enter an amount such as" in words_of(wrong)
    assert (rule.amount_minor, rule.currency) == (20_00, "EUR")
    assert "Of the last 1 orders" in kept
    assert "For review 1" in kept
    assert "The order costs more than €20.00 60" in active
    assert "Somebody else has changed the draft meanwhile." in late


async def test_support_reads_the_rules_and_changes_none(support: httpx.AsyncClient) -> None:
    page = "/back-office/risk"

    seen = words_of(await support.get(page))
    refused = await post(
        support, "/back-office/holds", page, review_from="1", reject_from="2", note="Mine"
    )

    assert "There are no rules: every paid order is approved." in seen
    assert "Keep the draft" not in seen
    assert refused.status_code == 403


async def test_a_customer_corrects_the_address_through_the_link(
    visitor: httpx.AsyncClient,
) -> None:
    order = await two_vendors()
    link = await _asked(order.order_id)
    page = f"/track/address/{sign_correction(SECRET, link)}"

    first = await visitor.get(page)
    missing = await post(visitor, page, page, line1="", city="Potsdam", postal_code="14467")
    done = await post(visitor, page, page, line1="2 Kiln Lane", city="Potsdam", postal_code="14467")
    again = await visitor.get(page)

    assert 'value="1 Kiln Lane"' in first.text
    assert "no-store" in first.headers["cache-control"]
    assert missing.status_code == 422
    assert "We have it. Your order goes on" in words_of(done)
    assert (again.status_code, "used before" in again.text) == (410, True)
    async with transaction(SYSTEM, read_only=True):
        assert (await Order.get(id=order.order_id)).address["city"] == "Potsdam"


async def test_a_link_to_follow_an_order_does_not_change_its_address(
    visitor: httpx.AsyncClient,
) -> None:
    order = await two_vendors()
    await _asked(order.order_id)

    for token in (sign_correction("x" * 32, order.order_id), "nothing"):
        assert (await visitor.get(f"/track/address/{token}")).status_code == 404
    unknown = sign_correction(SECRET, order.order_id)
    assert (await visitor.get(f"/track/address/{unknown}")).status_code == 404


async def test_the_tracking_page_of_a_held_order_says_that_it_waits_and_not_why(
    visitor: httpx.AsyncClient,
) -> None:
    order = await two_vendors()
    await accept(order.mugs)
    await hold(order.order_id, kind=HoldKind.FRAUD, reason="Looks like a stolen card")

    page = await visitor.get(f"/track/{sign_order(SECRET, order.order_id)}")

    assert "We are looking at something before this goes on." in words_of(page)
    assert "stolen" not in page.text


async def _asked(order_id: UUID) -> UUID:
    await hold(order_id, kind=HoldKind.ADDRESS, reason="No such street")
    async with transaction(SYSTEM, read_only=True):
        return (await AddressCorrection.get(order_id=order_id)).id
