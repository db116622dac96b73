"""Staff see what a customer is being asked, ask for a seller, take it back, note the answer."""

from uuid import UUID

import httpx
import pytest

from marketplace.accounts.models import Vendor
from marketplace.kit.principal import SYSTEM, StaffRole
from marketplace.kit.transactions import transaction
from marketplace.orders.substitution_models import Substitution
from tests.back_office.conftest import SignedIn
from tests.back_office.stories import TwoVendors, two_vendors
from tests.factories import make_offer
from tests.marketplace_web.doors import token_in
from tests.storefront_api.test_substitutes import asked
from tests.vendor_portal.shelves import send

pytestmark = pytest.mark.anyio


def page_of(order_id: UUID) -> str:
    return f"/back-office/orders/{order_id}"


async def all_asked() -> list[Substitution]:
    async with transaction(SYSTEM, read_only=True):
        return await Substitution.all().order_by("proposed_at", "id")


async def offer(
    browser: httpx.AsyncClient, order: TwoVendors, offer_id: UUID, units: int = 2
) -> httpx.Response:
    page = f"{page_of(order.order_id)}/sub-orders/{order.mugs.id}/substitution"
    return await send(
        browser, page, "", line=order.mug.id, offer=offer_id, units=units, note="By Kiln's wish"
    )


async def say(
    browser: httpx.AsyncClient, order_id: UUID, one: Substitution, what: str, **typed: str
) -> httpx.Response:
    page = await browser.get(page_of(order_id))
    form = {"csrf_token": token_in(page), **typed}
    return await browser.post(f"{page_of(order_id)}/substitutions/{one.id}/{what}", data=form)


async def cup_of(vendor: Vendor) -> UUID:
    return (await make_offer(vendor=vendor, sku="cup", price=10_00)).id


async def test_an_open_question_stands_on_the_order_s_page(signed_in: SignedIn) -> None:
    proposed = await asked()
    browser = await signed_in(StaffRole.SUPPORT)

    page = await browser.get(page_of(proposed.order_id))

    assert page.status_code == 200
    assert "The customer is asked" in page.text
    assert "Kiln &amp; Co offers the customer something else" in page.text


async def test_support_asks_for_a_seller_and_takes_it_back(signed_in: SignedIn) -> None:
    sam, order = await signed_in(StaffRole.SUPPORT), await two_vendors()
    cup, scarf = await cup_of(order.kiln), await make_offer(vendor=order.loom, sku="scarf")
    address = f"{page_of(order.order_id)}/sub-orders/{order.mugs.id}/substitution"

    shown = await sam.get(address)
    foreign = await offer(sam, order, scarf.id)
    too_many = await offer(sam, order, cup, units=4)
    done = await offer(sam, order, cup)
    twice = await offer(sam, order, cup)
    [proposed] = await all_asked()
    page = await sam.get(page_of(order.order_id))

    assert f'href="{address}"' in page.text
    assert "For Kiln &amp; Co, to Ana Pires" in shown.text
    assert "Cup, 5 in stock" in shown.text
    assert "Scarf" not in shown.text
    assert [answer.status_code for answer in (foreign, too_many, done, twice)] == [
        422, 422, 303, 422,
    ]  # fmt: skip
    assert (proposed.vendor_id, proposed.units) == (order.kiln.id, 2)
    assert proposed.proposed_by.startswith("staff:")
    assert "Mug and offers <strong>Cup</strong>" in page.text
    assert "· Sam Idris" in page.text

    taken_back = await say(sam, order.order_id, proposed, "withdrawal")
    after = await sam.get(taken_back.headers["location"])
    again = await say(sam, order.order_id, proposed, "withdrawal")

    assert "Taken back. The line stays as it was ordered." in after.text
    assert "The customer is asked" not in after.text
    assert "before" in (await sam.get(again.headers["location"])).text
    assert [one.state for one in await all_asked()] == ["withdrawn"]


async def test_what_the_customer_says_on_the_telephone_counts_once(signed_in: SignedIn) -> None:
    ola, order = await signed_in(StaffRole.OPERATIONS), await two_vendors()
    await offer(ola, order, await cup_of(order.kiln))
    [proposed] = await all_asked()

    unclear = await say(ola, order.order_id, proposed, "answer", answer="perhaps")
    yes = await say(ola, order.order_id, proposed, "answer", answer="yes")
    after = await ola.get(yes.headers["location"])
    late = await say(ola, order.order_id, proposed, "answer", answer="no")

    assert unclear.status_code == 422
    assert "Noted. It is sent instead." in after.text
    assert "before" in (await ola.get(late.headers["location"])).text
    [proposed] = await all_asked()
    assert proposed.state == "accepted"
    assert (proposed.ended_by or "").startswith("staff:")


async def test_another_order_s_parts_and_questions_are_not_found(signed_in: SignedIn) -> None:
    ada, mine, theirs = await signed_in(StaffRole.ADMINISTRATOR), await two_vendors(), await asked()
    address = f"{page_of(mine.order_id)}/sub-orders/{theirs.sub_order_id}/substitution"

    answers = [
        await ada.get(address),
        await say(ada, mine.order_id, theirs, "withdrawal"),
        await say(ada, mine.order_id, theirs, "answer", answer="yes"),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert [one.state for one in await all_asked()] == ["proposed"]


async def test_who_does_the_books_asks_and_answers_nothing(signed_in: SignedIn) -> None:
    abe, proposed = await signed_in(StaffRole.ACCOUNTANT), await asked()
    address = f"{page_of(proposed.order_id)}/sub-orders/{proposed.sub_order_id}/substitution"

    page = await abe.get(page_of(proposed.order_id))
    answers = [
        await abe.get(address),
        await abe.post(address, data={"csrf_token": token_in(page)}),
        await say(abe, proposed.order_id, proposed, "withdrawal"),
        await say(abe, proposed.order_id, proposed, "answer", answer="no"),
    ]

    assert "Offer something else" not in page.text
    assert "The customer says yes" not in page.text
    assert [answer.status_code for answer in answers] == [403, 403, 403, 403]
    assert [one.state for one in await all_asked()] == ["proposed"]
