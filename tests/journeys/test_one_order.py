"""One order through every layer: bought by a program, worked on by people in real browsers."""

import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser

from marketplace_runtime.seeding.demo import PASSWORD
from tests.journeys import buying
from tests.journeys.browsing import Person, a_person
from tests.journeys.buying import Shop
from tests.journeys.following import books_agree, caught_up, provider_books
from tests.journeys.running import Marketplace

pytestmark = pytest.mark.anyio

# By hand. Germany's VAT is in the prices: 19 %, and 7 % on food. The marketplace hands it on.
#
# Kiln & Co: two mugs at 24.00      48.00, net 40.34, VAT 7.66
#            commission 15 % of the net 6.05, 19 % VAT on it 1.15
#            shipping 4.90 + 2 x 0.50  5.90, net 4.96, VAT 0.94
#            earns 40.34 + 4.96 - 6.05 - 1.15
KILN_EARNS = "38.10"
# Oliveira: three oils at 14.90     44.70, net 41.78, VAT 2.92
#            commission 10 % (pantry) 4.18, 19 % VAT on it 0.79
#            shipping 5.50 + 3 x 0.50  7.00, net 5.88, VAT 1.12
#            earns 41.78 + 5.88 - 4.18 - 0.79
OLIVEIRA_EARNS = "42.69"
# 48.00 + 5.90 + 44.70 + 7.00
TOTAL = "105.60"
# One mug of two goes back: 20.17 net, 3.03 commission and 0.58 VAT on it return to the vendor.
KILN_AFTER_THE_REFUND = "21.54"


async def test_a_shopper_buys_from_two_vendors_and_everybody_sees_the_same_story(
    souk: Marketplace, shop: Shop, chromium: Browser, pictures: Path
) -> None:
    mug = await buying.offer_of(shop, "Kiln & Co", "Stoneware mug", "Chalk")
    oil = await buying.offer_of(shop, "Oliveira & Filhos", "Olive oil, 50 cl")
    order = await buying.place(shop, {mug: 2, oil: 3}, email="ana@example.com")
    assert order.total == TOTAL
    assert (await buying.pay(shop, order, "pm_card_visa"))["state"] == "CAPTURED"
    await caught_up(souk)
    tracking = await address_in_the_confirmation(shop.http)
    assert tracking == order.tracking_url

    async with (
        a_person(chromium, pictures) as mara,
        a_person(chromium, pictures) as rui,
        a_person(chromium, pictures) as ana,
        a_person(chromium, pictures) as ada,
    ):
        await ship(mara, souk, "mara@kiln.example", f"{order.number}-", tracking_number="KILN-1")
        await ship(rui, souk, "rui@oliveira.example", f"{order.number}-", tracking_number="OLI-1")
        await follow_two_parcels(ana, tracking)
        await caught_up(souk)
        await see_the_money(mara, souk, KILN_EARNS)
        await see_the_money(rui, souk, OLIVEIRA_EARNS)
        await refund_one_mug(ada, souk, order.number)
        await caught_up(souk)
        await see_the_money(mara, souk, KILN_AFTER_THE_REFUND)
        await see_the_money(rui, souk, OLIVEIRA_EARNS)
        await read_the_whole_story(ada)

    subjects = [mail["subject"] for mail in await mails(shop.http, to="ana@example.com")]
    assert len(subjects) == 5  # confirmed, shipped twice, one delivered, refunded
    assert subjects[0].startswith("€24.00 is on its way back to you")
    books = await provider_books(souk)
    assert (books["captured"], books["refunded"]) == (10560, 2400)
    await books_agree(souk)


async def address_in_the_confirmation(http: httpx.AsyncClient) -> str:
    [confirmation] = await mails(http, to="ana@example.com")
    found = re.search(r"http://\S+/track/\S+", confirmation["text"])
    assert found is not None, confirmation["text"]
    return found[0]


async def mails(http: httpx.AsyncClient, *, to: str) -> list[Any]:
    """The newest first."""
    found: list[Any] = (await http.get("/dev/mail.json", params={"to": to})).json()["messages"]
    return found


async def ship(
    vendor: Person, souk: Marketplace, email: str, number: str, *, tracking_number: str
) -> None:
    await vendor.sign_in(f"{souk.address}/portal/", email, PASSWORD)
    async with vendor.page.expect_navigation():
        await vendor.page.locator("a.reference", has_text=number).click()
    await vendor.look()
    await vendor.press("Accept")
    assert "Accepted. Now pack it and ship it in time." in await vendor.text()
    await vendor.page.get_by_label("Carrier", exact=True).select_option("DHL")
    await vendor.page.get_by_label("Tracking number").fill(tracking_number)
    await vendor.press("Ship this parcel")
    assert f"DHL {tracking_number} is sent." in await vendor.text()


async def follow_two_parcels(customer: Person, tracking: str) -> None:
    await customer.open(tracking)
    text = await customer.text()
    assert "2 sellers, 2 parcels so far." in text
    assert "KILN-1" in text
    assert "OLI-1" in text

    await customer.press("I have received it")

    text = await customer.text()
    assert "Thank you. The parcel is marked as received." in text
    assert await customer.page.get_by_role("button", name="I have received it").count() == 1


async def see_the_money(vendor: Person, souk: Marketplace, amount: str) -> None:
    await vendor.open(f"{souk.address}/portal/balance")
    assert f"€{amount}" in await vendor.page.locator(".cards").inner_text()


async def refund_one_mug(staff: Person, souk: Marketplace, number: str) -> None:
    await staff.sign_in(f"{souk.address}/back-office/", "ada@souk.example", PASSWORD)
    await staff.follow(number)
    await staff.page.get_by_label("Units of Stoneware mug").fill("1")
    await staff.page.get_by_label("Reason").fill("One arrived broken")
    await staff.press("Refund these")
    assert "The refund is on its way." in await staff.text()


async def read_the_whole_story(staff: Person) -> None:
    await staff.page.reload()
    await staff.look()
    text = await staff.text()
    for told in ("€105.60", "€24.00", "One arrived broken", "KILN-1", "OLI-1", "ana@example.com"):
        assert told in text, told
    story = await staff.page.get_by_role("region", name="What happened").inner_text()
    for told in (
        "placed",
        "payment of €105.60 arrived",
        "accepted",
        "shipped",
        "delivered",
        "refund",
    ):
        assert told in story.lower(), (told, story)
