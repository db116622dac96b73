"""What belongs to somebody else does not exist: not on a page, not over GraphQL, not by a link."""

from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest

from marketplace_runtime.seeding.demo import PASSWORD
from storefront_api.ids import Of, encode
from tests.faults.fingerprints import nothing_changes
from tests.faults.member import Member
from tests.faults.sales import Sale, a_sale
from tests.faults.shoppers import buy
from tests.journeys.buying import Shop, member_of
from tests.journeys.running import Marketplace

pytestmark = pytest.mark.anyio

NODE = "query ($id: ID!) { node(id: $id) { __typename id } }"


@pytest.fixture
async def sale(souk: Marketplace, shop: Shop) -> Sale:
    return await a_sale(souk, shop)


@pytest.fixture
async def mara(souk: Marketplace) -> AsyncIterator[Member]:
    """She owns Kiln & Co, and nothing at Oliveira."""
    async with httpx.AsyncClient(base_url=souk.address, trust_env=False, timeout=30) as http:
        member = Member(http)
        await member.sign_in("/portal", "mara@kiln.example", PASSWORD)
        yield member


async def test_a_tampered_tracking_link_opens_nothing(
    souk: Marketplace, shop: Shop, sale: Sale
) -> None:
    theirs = await buy(shop, dict(sale.order.basket), email="another@example.com")
    payload, _, seal = sale.order.token.partition(".")
    other_payload = theirs.token.partition(".")[0]
    turned = "B" if seal[0] == "A" else "A"
    tampered = [f"{payload}.{turned}{seal[1:]}", f"{other_payload}.{seal}", payload, f"{payload}."]

    async with nothing_changes(souk):
        pages = [await shop.http.get(f"/track/{token}") for token in tampered]
        orders = [await shop.do("FollowOrder", token=token) for token in tampered]
        receipt = await Member(shop.http).post(
            f"/track/{tampered[0]}/shipments/{uuid4()}/receipt", {}, from_page="/portal/sign-in"
        )

    assert [page.status_code for page in pages] == [404] * 4
    assert sale.order.number not in "".join(page.text for page in pages)
    assert [order["code"] for order in orders] == ["NOT_FOUND"] * 4
    assert receipt.status_code == 404


async def test_another_vendors_sub_order_does_not_exist_on_any_page(
    souk: Marketplace, shop: Shop, sale: Sale, mara: Member
) -> None:
    theirs = f"/portal/sub-orders/{sale.sub_order_id}"
    parcel = {f"send-{sale.line_id}": "1", "carrier": "DHL", "tracking_number": "STOLEN"}

    async with nothing_changes(souk):
        answers = [
            await mara.get(theirs),
            await mara.post(
                f"{theirs}/acceptance", {"answer": "accept", "version": "1"}, from_page="/portal/"
            ),
            await mara.post(f"{theirs}/shipments", parcel, from_page="/portal/"),
            await mara.post(f"{theirs}/shipments/{uuid4()}/delivery", {}, from_page="/portal/"),
            await mara.get(f"/portal/sub-orders/{uuid4()}"),
            await mara.get("/portal/sub-orders/1"),
        ]
        worklist = await mara.get(f"/portal/?tab=all&q={sale.order.number}")
        office = await mara.get("/back-office/")

    assert [answer.status_code for answer in answers] == [404] * 6
    assert sale.order.number not in "".join(answer.text for answer in answers)
    assert f"{sale.order.number}-" not in worklist.text
    assert office.status_code == 303  # to signing in, as staff


async def test_another_persons_order_does_not_exist_over_graphql(
    souk: Marketplace, shop: Shop, sale: Sale, mara: Member
) -> None:
    stranger = Shop(shop.http)
    stranger.session = (
        await shop.do(
            "Register",
            email=f"stranger-{uuid4().hex[:8]}@example.com",
            name="Stranger",
            password="correct horse",
        )
    )["token"]
    vendor = Shop(shop.http, session=next(iter(mara.http.cookies.values())))
    order = encode(Of.ORDER, sale.order_id)
    part = encode(Of.SUB_ORDER, sale.sub_order_id)

    async with nothing_changes(souk):
        for asker in (shop, stranger):
            for one in (order, part):
                assert member_of(await asker.post(NODE, {"id": one})) is None
        own = await stranger.do("MyOrder", id=order)
        paid = await stranger.do(
            "PayOrder", order={"id": order}, method="pm_card_visa", back=souk.address, key="k"
        )
        with_a_portal_session = (await vendor.post(NODE, {"id": order})).json()

    assert (own["code"], paid["code"]) == ("NOT_FOUND", "NOT_FOUND")
    assert with_a_portal_session["errors"][0]["extensions"]["code"] == "SESSION_ENDED"
