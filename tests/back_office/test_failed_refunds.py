"""Amounts of a line, and what becomes of a refund that failed, through the order's page."""

import re
from uuid import UUID

import httpx
import pytest

from marketplace.kit.principal import SYSTEM, StaffRole
from marketplace.kit.transactions import transaction
from marketplace.payments.models import Refund, RefundLine, RefundState
from marketplace.payments.states import RefundMove
from settlement.adjustments.models import Adjustment, AdjustmentState
from tests.back_office.conftest import SignedIn
from tests.back_office.stories import TwoVendors, finish_refund, two_vendors
from tests.back_office.test_refunds import filled, refunds, send, tokens_in, units
from tests.marketplace_web.doors import token_in

pytestmark = pytest.mark.anyio


def amount(line_id: UUID) -> str:
    return f"amount-{line_id}"


async def failed(browser: httpx.AsyncClient) -> tuple[TwoVendors, str]:
    """An order whose refund the provider could not pay; its address."""
    order = await two_vendors()
    await send(
        browser, order, await filled(browser, order, **{units(order.mug.id): 1, "reason": "x"})
    )
    await finish_refund(order.order_id, RefundMove.SUBMIT, RefundMove.FAIL, failure="no account")
    async with transaction(SYSTEM, read_only=True):
        refund = await Refund.get(order_id=order.order_id)
    return order, f"/back-office/orders/{order.order_id}/refunds/{refund.id}"


async def state() -> RefundState:
    async with transaction(SYSTEM, read_only=True):
        return (await Refund.get()).state


@pytest.mark.parametrize("typed", ["5.01", "5,01"])
async def test_an_amount_of_an_item_goes_back(support: httpx.AsyncClient, typed: str) -> None:
    order = await two_vendors()
    asked = {amount(order.mug.id): typed, "reason": "Scratched"}

    answer = await send(support, order, await filled(support, order, **asked))

    assert answer.status_code == 303
    assert await refunds() == [(5_01, "Scratched")]
    async with transaction(SYSTEM, read_only=True):
        [line] = await RefundLine.all()
    assert (line.line_id, line.quantity) == (order.mug.id, 0)
    page = await support.get(f"/back-office/orders/{order.order_id}")
    assert "€37.83" in page.text  # 42.84 less 5.01


@pytest.mark.parametrize("typed", ["five", "1.234", "-1", "0"])
async def test_what_is_not_an_amount_is_refused_beside_the_field(
    support: httpx.AsyncClient, typed: str
) -> None:
    order = await two_vendors()
    asked = {amount(order.mug.id): typed, "reason": "Scratched"}

    page = await send(support, order, await filled(support, order, **asked))

    assert page.status_code == 422
    assert f'id="field-{amount(order.mug.id)}-error"' in page.text
    assert f'value="{typed}"' in page.text
    assert await refunds() == []


async def test_more_than_is_left_and_both_at_once_are_refused(support: httpx.AsyncClient) -> None:
    order = await two_vendors()
    much = await filled(support, order, **{amount(order.mug.id): "42.85", "reason": "x"})
    both = {**much, amount(order.mug.id): "1", units(order.mug.id): "1"}

    too_much, either = await send(support, order, much), await send(support, order, both)

    assert (too_much.status_code, either.status_code) == (409, 422)
    assert "42.84 EUR of Mug can still be refunded." in too_much.text
    assert "units of this item, or an amount of it" in either.text
    assert await refunds() == []


async def test_a_failed_refund_is_sent_again_once(support: httpx.AsyncClient) -> None:
    order, address = await failed(support)
    page = await support.get(f"/back-office/orders/{order.order_id}")
    assert "Send it again" in page.text
    form = {"csrf_token": token_in(page)}

    first = await support.post(f"{address}/attempts", data=form)
    assert await state() is RefundState.REQUESTED
    second = await support.post(f"{address}/attempts", data=form)

    assert (first.status_code, second.status_code) == (303, 303)
    page = await support.get(f"/back-office/orders/{order.order_id}")
    assert "is not failed any more" in page.text
    assert "is sent once more" in page.text
    assert "Send it again" not in page.text


async def test_paid_by_other_means_is_proposed_by_finance_and_booked_by_another(
    signed_in: SignedIn,
) -> None:
    support, accountant = await signed_in(StaffRole.SUPPORT), await signed_in(StaffRole.ACCOUNTANT)
    order, address = await failed(support)
    page = await accountant.get(f"/back-office/orders/{order.order_id}")
    form = {**tokens_in(page), "note": "By bank", "reference": "SEPA 7"}

    answer = await accountant.post(f"{address}/settlement", data=form)

    assert answer.status_code == 303
    async with transaction(SYSTEM, read_only=True):
        proposed = await Adjustment.get()
    assert (proposed.state, proposed.amount_minor) == (AdjustmentState.PROPOSED, 14_28)
    assert await state() is RefundState.FAILED
    assert (
        "Somebody else has to approve it"
        in (await accountant.get(f"/back-office/orders/{order.order_id}")).text
    )


async def test_who_may_do_neither_is_offered_neither(signed_in: SignedIn) -> None:
    support, operations = await signed_in(StaffRole.SUPPORT), await signed_in(StaffRole.OPERATIONS)
    order, address = await failed(support)
    page = await operations.get(f"/back-office/orders/{order.order_id}")
    form = {"csrf_token": token_in(page), "note": "x", "reference": "y"}

    answers = [
        await operations.post(f"{address}/{door}", data=form) for door in ("attempts", "settlement")
    ]

    assert not re.search("Send it again|Paid by other means", page.text)
    assert [answer.status_code for answer in answers] == [403, 403]
    assert await state() is RefundState.FAILED


async def test_another_orders_refund_is_not_sent_again(support: httpx.AsyncClient) -> None:
    _, address = await failed(support)
    theirs = await two_vendors()
    page = await support.get(f"/back-office/orders/{theirs.order_id}")
    refund_id = address.rsplit("/", 1)[1]

    answer = await support.post(
        f"/back-office/orders/{theirs.order_id}/refunds/{refund_id}/attempts",
        data={"csrf_token": token_in(page)},
    )

    assert answer.status_code == 404
    assert await state() is RefundState.FAILED
