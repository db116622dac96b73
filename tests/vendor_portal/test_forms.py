"""Forms that are sent twice, too late, half empty, or from somewhere else."""

import httpx
import pytest

from marketplace.accounts.models import Vendor
from tests.marketplace_web.conftest import ManualClock
from tests.vendor_portal.desks import (
    PARCEL,
    hidden_fields,
    line_of,
    order_for,
    page_of,
    parcels_of,
    post,
    sign_in,
    state_of,
)

pytestmark = pytest.mark.anyio


async def test_sending_an_acceptance_twice_accepts_once(
    mara: httpx.AsyncClient, mine: Vendor
) -> None:
    [part] = await order_for(mine)
    form = hidden_fields(await mara.get(page_of(part))) | {"answer": "accept"}

    answers = [await mara.post(f"{page_of(part)}/acceptance", data=form) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    page = (await mara.get(page_of(part))).text
    assert "You have answered this order already." in page
    assert page.count('<div class="what">Accepted</div>') == 1


async def test_sending_a_parcel_twice_ships_it_once(mara: httpx.AsyncClient, mine: Vendor) -> None:
    [part] = await order_for(mine)
    line = await line_of(part)
    await post(mara, part, "acceptance", answer="accept")
    form = hidden_fields(await mara.get(page_of(part))) | PARCEL | {f"send-{line.id}": "3"}

    answers = [await mara.post(f"{page_of(part)}/shipments", data=form) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(await parcels_of(part)) == 1


async def test_a_sent_form_cannot_become_another_parcel(
    mara: httpx.AsyncClient, mine: Vendor
) -> None:
    [part] = await order_for(mine)
    line = await line_of(part)
    await post(mara, part, "acceptance", answer="accept")
    form = hidden_fields(await mara.get(page_of(part))) | PARCEL | {f"send-{line.id}": "1"}
    await mara.post(f"{page_of(part)}/shipments", data=form)

    changed = form | {"tracking_number": "JD999"}
    answer = await mara.post(f"{page_of(part)}/shipments", data=changed)
    again = hidden_fields(answer) | PARCEL | {f"send-{line.id}": "1"}
    meant = await mara.post(f"{page_of(part)}/shipments", data=again)

    assert answer.status_code == 409
    assert "This form was sent before" in answer.text
    assert 'value="JD999"' in answer.text
    assert meant.status_code == 303
    assert len(await parcels_of(part)) == 2


async def test_saying_twice_that_a_parcel_arrived_is_as_good_as_once(
    mara: httpx.AsyncClient, mine: Vendor
) -> None:
    [part] = await order_for(mine)
    line = await line_of(part)
    await post(mara, part, "acceptance", answer="accept")
    await post(mara, part, "shipments", **PARCEL, **{f"send-{line.id}": 3})
    [parcel] = await parcels_of(part)

    answers = [await post(mara, part, f"shipments/{parcel.id}/delivery") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert await state_of(part) == "delivered"
    page = (await mara.get(page_of(part))).text
    assert page.count('<div class="what">A parcel is delivered</div>') == 1


async def test_who_was_overtaken_sees_who_was_faster_and_changes_nothing(
    mara: httpx.AsyncClient, tomas: httpx.AsyncClient, mine: Vendor
) -> None:
    [part] = await order_for(mine)
    form = hidden_fields(await mara.get(page_of(part)))
    await post(tomas, part, "acceptance", answer="accept")

    answer = await mara.post(
        f"{page_of(part)}/acceptance",
        data=form | {"answer": "refuse", "reason": "Out of stock"},
    )

    assert answer.status_code == 409
    assert "was changed in the meantime" in answer.text
    assert "Accepted (Tomas Roth)" in answer.text
    assert await state_of(part) == "accepted"


async def test_a_parcel_of_what_a_colleague_has_shipped_is_refused(
    mara: httpx.AsyncClient, tomas: httpx.AsyncClient, mine: Vendor
) -> None:
    [part] = await order_for(mine)
    line = await line_of(part)
    await post(mara, part, "acceptance", answer="accept")
    form = hidden_fields(await mara.get(page_of(part))) | PARCEL | {f"send-{line.id}": "3"}
    await post(tomas, part, "shipments", **PARCEL, **{f"send-{line.id}": 2})

    some_left = await mara.post(f"{page_of(part)}/shipments", data=form)
    await post(tomas, part, "shipments", **PARCEL, **{f"send-{line.id}": 1})
    none_left = await mara.post(f"{page_of(part)}/shipments", data=form)

    assert (some_left.status_code, none_left.status_code) == (409, 409)
    assert "cannot be shipped; 1 can" in some_left.text
    assert "All of it shipped (Tomas Roth)" in none_left.text
    assert len(await parcels_of(part)) == 2


WRONG_PARCELS: list[tuple[dict[str, str], str]] = [
    ({"carrier": ""}, "Please choose one of the list."),
    ({"carrier": "Pigeon"}, "Please choose one of the list."),
    ({"carrier": "other", "other_carrier": " "}, "Please fill this in."),
    ({"tracking_number": " "}, "Please fill this in."),
    ({"tracking_number": "9" * 65}, "Please use at most 64 characters."),
    ({"send": "0"}, "Please say what is in the parcel."),
    ({"send": "-1"}, "Please enter a number from 0"),
    ({"send": "three"}, "Please enter a whole number."),
    ({"send": "4"}, "cannot be shipped; 3 can"),
    ({"send": "999999999999"}, "Please enter a number from 0"),
]


async def test_a_wrong_parcel_is_refused_beside_its_field_and_what_was_typed_stays(
    mara: httpx.AsyncClient, mine: Vendor
) -> None:
    [part] = await order_for(mine)
    line = await line_of(part)
    await post(mara, part, "acceptance", answer="accept")

    for changes, words in WRONG_PARCELS:
        typed = PARCEL | {"send": "2", "other_carrier": "Bike & Sons"} | changes
        send = typed.pop("send")
        answer = await post(mara, part, "shipments", **typed, **{f"send-{line.id}": send})

        assert answer.status_code in (409, 422), changes
        assert words in answer.text, changes
        assert f'value="{send}"' in answer.text
        assert ('value="Bike &amp; Sons"' in answer.text) == ("other_carrier" not in changes)
    assert await parcels_of(part) == []
    assert await state_of(part) == "accepted"


WRONG_ANSWERS: list[tuple[dict[str, str], str]] = [
    ({"answer": "refuse"}, "Please say why."),
    ({"answer": "refuse", "reason": "Bored"}, "Please choose one of the list."),
    ({"answer": "refuse", "reason": "Another reason", "words": ""}, "Please fill this in."),
    ({"answer": "accept", "refuse": "1"}, "Please say why."),
    ({"answer": "accept", "refuse": "4"}, "Please enter a number from 0 to 3."),
    ({"answer": "accept", "version": "now"}, "Please enter a whole number."),
]


async def test_a_wrong_answer_is_refused_and_the_order_still_waits(
    mara: httpx.AsyncClient, mine: Vendor
) -> None:
    [part] = await order_for(mine)
    line = await line_of(part)

    for fields, words in WRONG_ANSWERS:
        typed = {"words": "Kept words", "refuse": "0"} | fields
        refuse = typed.pop("refuse")
        answer = await post(mara, part, "acceptance", **typed, **{f"refuse-{line.id}": refuse})

        assert answer.status_code == 422, fields
        assert words in answer.text, fields
        assert f'value="{typed["words"]}"' in answer.text
    assert await state_of(part) == "awaiting_acceptance"
    assert (await line_of(part)).refused == 0


@pytest.mark.parametrize("what", ["acceptance", "shipments"])
async def test_a_form_without_its_token_or_from_elsewhere_writes_nothing(
    mara: httpx.AsyncClient, mine: Vendor, what: str
) -> None:
    [part] = await order_for(mine)
    line = await line_of(part)
    if what == "shipments":
        await post(mara, part, "acceptance", answer="accept")
    before = await state_of(part)
    form = hidden_fields(await mara.get(page_of(part))) | PARCEL | {f"send-{line.id}": "3"}
    bare = {name: value for name, value in form.items() if name != "csrf_token"}

    answers = [
        await mara.post(f"{page_of(part)}/{what}", data=bare),
        await mara.post(f"{page_of(part)}/{what}", data=form | {"csrf_token": "0" * 64}),
        await mara.post(
            f"{page_of(part)}/{what}", data=form, headers={"Sec-Fetch-Site": "cross-site"}
        ),
    ]

    assert [answer.status_code for answer in answers] == [403] * 3
    assert await state_of(part) == before
    assert await parcels_of(part) == []


async def test_a_form_sent_after_the_session_ended_leads_back_to_its_page(
    mara: httpx.AsyncClient, mine: Vendor, clock: ManualClock
) -> None:
    [part] = await order_for(mine)
    refused = await post(mara, part, "acceptance", answer="refuse")
    clock.passes(hours=1)

    answer = await mara.post(
        f"{page_of(part)}/acceptance",
        data=hidden_fields(refused),
        headers={"Referer": f"http://souk.test{page_of(part)}/acceptance"},
    )
    signed_in = await sign_in(mara, "mara@kiln.test", after=f"{page_of(part)}/acceptance")
    back = await mara.get(signed_in.headers["location"])

    assert answer.headers["location"].startswith("/portal/sign-in?next=")
    assert (back.status_code, back.headers["location"]) == (303, page_of(part))
    assert await state_of(part) == "awaiting_acceptance"
