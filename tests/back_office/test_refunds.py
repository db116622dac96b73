import re
from html import unescape
from uuid import UUID, uuid4

import httpx
import pytest

from marketplace.kit.principal import SYSTEM, StaffRole
from marketplace.kit.transactions import transaction
from marketplace.orders import refunding
from marketplace.payments.models import Refund, RefundLine
from tests.back_office.conftest import SignedIn
from tests.back_office.stories import LATER, TwoVendors, accept, counts, two_vendors
from tests.marketplace_web.doors import token_in

pytestmark = pytest.mark.anyio


async def filled(browser: httpx.AsyncClient, order: TwoVendors, **typed: object) -> dict[str, str]:
    """The refund form of the order's page as this person sends it."""
    page = await browser.get(f"/back-office/orders/{order.order_id}")
    return {**tokens_in(page), **{name: str(value) for name, value in typed.items()}}


def tokens_in(page: httpx.Response) -> dict[str, str]:
    form_token = re.search(r'name="form_token" value="([0-9a-f-]{36})"', page.text)
    assert form_token, page.text
    return {"csrf_token": token_in(page), "form_token": form_token[1]}


async def send(
    browser: httpx.AsyncClient, order: TwoVendors, form: dict[str, str]
) -> httpx.Response:
    return await browser.post(f"/back-office/orders/{order.order_id}/refunds", data=form)


async def refunds() -> list[tuple[int, str]]:
    async with transaction(SYSTEM, read_only=True):
        found = await Refund.all().order_by("amount_minor")
    return [(refund.amount_minor, refund.reason) for refund in found]


def units(line_id: UUID) -> str:
    return f"units-{line_id}"


async def test_units_and_shipping_go_back(support: httpx.AsyncClient) -> None:
    order = await two_vendors()
    asked = {units(order.mug.id): 2, f"ship-{order.mugs.id}": "yes", "reason": "Chipped"}

    answer = await send(support, order, await filled(support, order, **asked))

    assert answer.headers["location"] == f"/back-office/orders/{order.order_id}"
    assert "The refund is on its way." in (await support.get(answer.headers["location"])).text
    assert await refunds() == [(2 * 14_28 + 4_76, "Chipped")]
    async with transaction(SYSTEM, read_only=True):
        lines = await RefundLine.all()
    assert {(line.line_id, line.quantity) for line in lines} == {(order.mug.id, 2), (None, 0)}


async def test_everything_that_is_left_goes_back_and_then_nothing_is_offered(
    support: httpx.AsyncClient,
) -> None:
    order = await two_vendors()
    first = await filled(support, order, **{units(order.mug.id): 1, "reason": "Chipped"})
    await send(support, order, first)
    rest = await filled(support, order, all="yes", reason="Never came")

    answer = await send(support, order, rest)

    assert answer.status_code == 303
    assert [amount for amount, _ in await refunds()] == [14_28, 88_06 - 14_28]
    page = await support.get(f"/back-office/orders/{order.order_id}")
    assert "Refund these" not in page.text


async def test_one_form_sent_twice_makes_one_refund(support: httpx.AsyncClient) -> None:
    order = await two_vendors()
    form = await filled(support, order, **{units(order.mug.id): 3, "reason": "Chipped"})

    first, second = await send(support, order, form), await send(support, order, form)

    assert (first.status_code, second.status_code) == (303, 303)
    assert await refunds() == [(3 * 14_28 + 4_76, "Chipped")]


async def test_a_form_that_was_sent_before_and_changed_asks_again(
    support: httpx.AsyncClient,
) -> None:
    order = await two_vendors()
    form = await filled(support, order, **{units(order.mug.id): 1, "reason": "Chipped"})
    await send(support, order, form)

    changed = await send(support, order, {**form, units(order.mug.id): "2"})
    again = await send(support, order, {**form, units(order.mug.id): "2", **tokens_in(changed)})

    assert changed.status_code == 409
    assert "This form has made a refund before" in changed.text
    assert again.status_code == 303
    assert [amount for amount, _ in await refunds()] == [14_28, 2 * 14_28 + 4_76]


async def test_more_units_than_are_left_are_refused_beside_the_field(
    support: httpx.AsyncClient,
) -> None:
    order = await two_vendors()
    await accept(order.mugs, refused={order.mug.id: 2}, reason="Broken")
    form = await filled(support, order, **{units(order.mug.id): 2, "reason": "Chipped as well"})

    page = await send(support, order, form)

    assert page.status_code == 409
    name = units(order.mug.id)
    assert f'id="field-{name}-error">1 of Mug can still be refunded.' in page.text
    assert re.search(rf'name="{name}" aria-invalid="true"[^>]* value="2"', page.text)
    assert 'value="Chipped as well"' in page.text
    assert len(await refunds()) == 1


@pytest.mark.parametrize("typed", ["99", "-1", "two", "1.5", "9" * 400])
async def test_units_that_were_never_ordered_are_refused(
    support: httpx.AsyncClient, typed: str
) -> None:
    order = await two_vendors()
    form = await filled(support, order, **{units(order.mug.id): typed, "reason": "x"})

    page = await send(support, order, form)

    assert page.status_code == 422
    assert f'id="field-{units(order.mug.id)}-error"' in page.text
    assert f'value="{typed}"' in page.text
    assert await refunds() == []


async def test_a_refund_needs_a_reason_and_something_to_refund(
    support: httpx.AsyncClient,
) -> None:
    order = await two_vendors()
    silent = await filled(support, order, **{units(order.mug.id): 1, "reason": "  "})
    long = {**silent, "reason": "x" * 201}
    empty = await filled(support, order, reason="Just so")

    no_reason, too_long, nothing = [
        await send(support, order, form) for form in (silent, long, empty)
    ]

    assert (no_reason.status_code, too_long.status_code) == (422, 422)
    assert "Please fill this in." in no_reason.text
    assert "at most 200 characters" in too_long.text
    assert nothing.status_code == 409
    assert "There is nothing to refund in this" in nothing.text
    assert await refunds() == []


async def test_shipping_goes_back_once(support: httpx.AsyncClient) -> None:
    order = await two_vendors()
    first = await filled(support, order, **{f"ship-{order.mugs.id}": "yes", "reason": "Late"})
    second = await filled(support, order, **{f"ship-{order.mugs.id}": "yes", "reason": "Late"})
    await send(support, order, first)

    answer = await send(support, order, second)

    assert answer.status_code == 409
    assert "There is nothing to refund in this" in answer.text
    assert await refunds() == [(4_76, "Late")]
    assert f'name="ship-{order.mugs.id}"' not in answer.text
    assert f'name="ship-{order.bowl.id}"' in answer.text


async def test_an_unpaid_order_has_nothing_to_refund(support: httpx.AsyncClient) -> None:
    order, paid = await two_vendors(paid=False), await two_vendors()
    form = await filled(support, paid, **{units(order.mug.id): 1, "reason": "Chipped"})

    answer = await send(support, order, form)

    assert answer.status_code == 409
    assert "cannot be refunded" in unescape(answer.text)
    assert await refunds() == []
    own = await support.get(f"/back-office/orders/{order.order_id}")
    assert "Refund these" not in own.text


@pytest.mark.parametrize(
    ("role", "status_code"),
    [(StaffRole.OPERATIONS, 403), (StaffRole.SUPPORT, 303), (StaffRole.ADMINISTRATOR, 303)],
)
async def test_support_and_administrators_refund_and_operations_do_not(
    signed_in: SignedIn, role: StaffRole, status_code: int
) -> None:
    browser, order = await signed_in(role), await two_vendors()
    page = await browser.get(f"/back-office/orders/{order.order_id}")
    form = {"csrf_token": token_in(page), "form_token": str(uuid4()), "reason": "Chipped"}

    answer = await send(browser, order, {**form, units(order.mug.id): "1"})

    is_allowed = status_code == 303
    assert answer.status_code == status_code
    assert ("Refund these" in page.text) is is_allowed
    assert len(await refunds()) == int(is_allowed)


async def test_another_orders_lines_are_not_refunded(support: httpx.AsyncClient) -> None:
    mine, theirs = await two_vendors(), await two_vendors()
    form = await filled(support, mine, **{units(theirs.mug.id): 1, "reason": "Chipped"})

    answer = await send(support, mine, form)

    assert answer.status_code == 409
    assert await refunds() == []


async def test_an_order_that_is_not_there_is_not_found(support: httpx.AsyncClient) -> None:
    order = await two_vendors()
    form = await filled(support, order, reason="x", all="yes")

    answer = await support.post(f"/back-office/orders/{uuid4()}/refunds", data=form)

    assert answer.status_code == 404
    assert await refunds() == []


async def test_a_refused_form_loaded_again_shows_the_order(support: httpx.AsyncClient) -> None:
    order = await two_vendors()

    answer = await support.get(f"/back-office/orders/{order.order_id}/refunds")

    assert answer.status_code == 303
    assert answer.headers["location"] == f"/back-office/orders/{order.order_id}"


async def test_two_agents_at_once_do_not_refund_more_than_there_is(
    support: httpx.AsyncClient,
) -> None:
    order = await two_vendors()
    form = await filled(support, order, all="yes", reason="Never came")
    await refunding.request_full(
        principal=SYSTEM, order_id=order.order_id, reason="Never came", key="k", now=LATER
    )

    answer = await send(support, order, form)

    assert answer.status_code == 409
    assert "There is nothing to refund in this" in answer.text
    assert await counts("SELECT refund_claimed_minor FROM payment") == 88_06
