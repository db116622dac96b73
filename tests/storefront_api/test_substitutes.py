"""The customer is asked on the tracking page and in GraphQL, and answers once."""

import httpx
import pytest

from marketplace.accounts.models import Vendor
from marketplace.kit.principal import SYSTEM
from marketplace.kit.signing import sign_order
from marketplace.kit.transactions import transaction
from marketplace.orders import substituting
from marketplace.orders.substitution_models import Substitution
from tests.factories import NOON, make_offer, make_paid_order, member, parts_of
from tests.marketplace_web.doors import token_in
from tests.storefront_api.following import link, read
from tests.storefront_api.shop import SECRET_KEY, Shop

pytestmark = pytest.mark.anyio


async def asked() -> Substitution:
    mine = await make_offer()
    async with transaction(SYSTEM, read_only=True):
        vendor = await Vendor.get(id=mine.vendor_id)
    cup = await make_offer(vendor=vendor, sku="cup", price=10_00)
    [part] = await parts_of(await make_paid_order({mine.id: 2}))
    return await substituting.propose(
        principal=member(part.vendor_id), sub_order_id=part.id, line_id=part.lines[0].id,
        offer_id=cup.id, units=2, note="The same potter", now=NOON,
    )  # fmt: skip


async def say(browser: httpx.AsyncClient, one: Substitution, of: Substitution, word: str) -> str:
    """Post an answer on the tracking page of `of`, and follow to where it leads."""
    token = token_in(await browser.get(link(one.order_id)))
    said = await browser.post(
        f"{link(of.order_id)}/substitutions/{one.id}", data={"csrf_token": token, "answer": word},
        follow_redirects=True,
    )  # fmt: skip
    return said.text


async def test_the_question_stands_on_the_page_until_it_is_answered(
    browser: httpx.AsyncClient,
) -> None:
    mine, theirs = await asked(), await asked()

    before = await read(browser, mine.order_id)
    lost = await say(browser, mine, theirs, "yes")
    unclear = await say(browser, mine, mine, "maybe")
    done = await say(browser, mine, mine, "yes")
    after = await read(browser, mine.order_id)

    assert "Would something else do?" in before
    assert "and get €4.76 back" in before
    assert "Kiln & Co says: The same potter" in before
    assert "Would something else do?" not in lost
    assert "Please choose one of the two answers." in unclear
    assert "Thank you. You get it instead." in done
    assert "Would something else do?" not in after
    assert "Cup" in after


async def test_a_shop_asks_and_answers_by_graphql(shop: Shop) -> None:
    mine, theirs = await asked(), await asked()
    order, other = ({"token": sign_order(SECRET_KEY, one.order_id)} for one in (mine, theirs))

    [question] = await shop.do("Substitutions", order=order)
    answer = {"id": question["id"], "accept": False}
    foreign = await shop.do("AnswerSubstitution", order=other, **answer)
    answered = await shop.do("AnswerSubstitution", order=order, **answer)
    late = await shop.do("AnswerSubstitution", order=order, id=question["id"], accept=True)

    assert (question["name"], question["insteadOf"], question["quantity"]) == ("Cup", "Mug", 2)
    assert foreign["code"] == "NOT_FOUND"
    assert answered == {"state": "DECLINED"}
    assert late["code"] == "ANSWER_TOO_LATE"
    assert await shop.do("Substitutions", order=order) == []
