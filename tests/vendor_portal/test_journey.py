"""From a new order to the money, as the people of a vendor do it."""

import re

import httpx
import pytest

from marketplace.accounts.models import Vendor
from tests.vendor_portal.desks import (
    PARCEL,
    book,
    line_of,
    order_for,
    page_of,
    parcels_of,
    post,
    rows_of,
    state_of,
)

pytestmark = pytest.mark.anyio


async def test_an_order_is_accepted_shipped_in_two_parcels_delivered_and_earned(
    mara: httpx.AsyncClient, mine: Vendor, theirs: Vendor
) -> None:
    [part, other] = await order_for(mine, theirs, quantity=3)
    line = await line_of(part)

    accepted = await post(mara, part, "acceptance", answer="accept")
    first = await post(mara, part, "shipments", **PARCEL, **{f"send-{line.id}": 1})
    rest = await post(
        mara, part, "shipments", carrier="other", other_carrier="Bike & Sons",
        tracking_number="7", **{f"send-{line.id}": 2},
    )  # fmt: skip
    for parcel in await parcels_of(part):
        await post(mara, part, f"shipments/{parcel.id}/delivery")
    await book()

    assert [answer.status_code for answer in (accepted, first, rest)] == [303] * 3
    assert {parcel.carrier for parcel in await parcels_of(part)} == {"DHL", "Bike & Sons"}
    assert (await state_of(part), await state_of(other)) == ("delivered", "awaiting_acceptance")
    page = (await mara.get(page_of(part))).text
    assert re.findall('<div class="what">(.*?)</div>', page) == [
        "Everything is delivered", "A parcel is delivered", "A parcel is delivered",
        "All of it shipped", "Part of it shipped", "Accepted", "Paid: yours to accept",
    ]  # fmt: skip
    assert "Mara Vogt" in page
    assert "By <strong>Standard</strong> shipping" in page
    # 3 x 10.00 and 4.00 shipping, less 15 % of 30.00 and 20 % tax on that: 34.00 - 4.50 - 0.90.
    assert "€28.60" in page
    balance = (await mara.get("/portal/balance")).text
    assert "€28.60" in balance
    assert page_of(part) in balance


async def test_the_money_box_says_to_the_cent_what_the_ledger_books(
    mara: httpx.AsyncClient, mine: Vendor
) -> None:
    [part] = await order_for(mine, quantity=3, price=3_33)
    line = await line_of(part)

    await post(
        mara, part, "acceptance", answer="accept", reason="Out of stock",
        **{f"refuse-{line.id}": 1},
    )  # fmt: skip
    await post(mara, part, "shipments", **PARCEL, **{f"send-{line.id}": 2})
    await book()

    [newest, *_] = rows_of(await mara.get("/portal/balance.csv"))
    page = (await mara.get(page_of(part))).text
    # 6.66 and 4.00 shipping, less 1.00 commission (two thirds of 1.50) and 0.20 tax on it.
    assert newest["Balance"] == "9.46"
    assert f"€{newest['Balance']}</bdi></data></dd>" in page
    assert "1 refused" in page


async def test_the_worklist_shows_the_most_urgent_first_and_counts_each_view(
    mara: httpx.AsyncClient, mine: Vendor
) -> None:
    [accepted] = await order_for(mine)
    [waiting] = await order_for(mine)
    await post(mara, accepted, "acceptance", answer="accept")

    page = (await mara.get("/portal/")).text
    to_ship = (await mara.get("/portal/?tab=ship")).text

    assert page.index(page_of(waiting)) < page.index(page_of(accepted))
    assert page_of(accepted) in to_ship
    assert page_of(waiting) not in to_ship
    assert 'To accept <span class="count">1</span>' in page
    assert 'To do <span class="count">2</span>' in page


async def test_refusing_everything_says_why_and_refunds_it(
    mara: httpx.AsyncClient, mine: Vendor
) -> None:
    [part] = await order_for(mine)

    answer = await post(
        mara, part, "acceptance", answer="refuse", reason="Another reason", words="The kiln broke"
    )

    page = (await mara.get(answer.headers["location"])).text
    assert await state_of(part) == "refused"
    assert "customer&#39;s money is on its way back" in page
    assert "“Another reason: The kiln broke”" in page
    assert (await line_of(part)).refunded == 3
