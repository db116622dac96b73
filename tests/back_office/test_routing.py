"""Routing on pages: draft, save, try, explain; and who may not."""

import re
from uuid import UUID

import httpx
import pytest

from marketplace.kit.principal import SYSTEM, StaffRole
from marketplace.kit.transactions import transaction
from marketplace.orders.models import SubOrder
from marketplace.routing import simulating
from marketplace.routing.models import RoutingClosure, RoutingRuleSet, RoutingSimulation
from tests.back_office.conftest import SignedIn
from tests.back_office.stories import two_vendors
from tests.conftest import Database
from tests.factories import NOON
from tests.marketplace_web.doors import token_in

pytestmark = pytest.mark.anyio


@pytest.fixture
async def operations(signed_in: SignedIn) -> httpx.AsyncClient:
    return await signed_in(StaffRole.OPERATIONS)


async def rules() -> list[RoutingRuleSet]:
    async with transaction(SYSTEM, read_only=True):
        return await RoutingRuleSet.all().order_by("version")


def form_of(page: httpx.Response) -> dict[str, str]:
    """What the page's inputs hold, tokens included."""
    pairs = re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"', page.text)
    return {name: value for name, value in pairs if not name.endswith("-gone")}


async def draft(browser: httpx.AsyncClient) -> UUID:
    await two_vendors()
    page = await browser.get("/back-office/routing")
    [active] = await rules()
    await browser.post(
        "/back-office/routing",
        data={**form_of(page), "like": str(active.id), "name": "Loom first"},
    )
    return (await rules())[-1].id


async def save(browser: httpx.AsyncClient, rules_id: UUID, **changed: str) -> httpx.Response:
    page = await browser.get(f"/back-office/routing/{rules_id}")
    typed = {
        **form_of(page), "mode": "lexicographic", "bearer": "platform", "rankers": "price, stock 2",
        **{name.replace("__", "-"): value for name, value in changed.items()},
    }  # fmt: skip
    return await browser.post(f"/back-office/routing/{rules_id}", data=typed)


async def test_a_draft_is_made_changed_and_tried(operations: httpx.AsyncClient) -> None:
    rules_id = await draft(operations)

    answer = await save(
        operations, rules_id, row__1__name="Far", row__1__action="forbid",
        row__1__countries="AT, CH", row__1__from_minor="12.50",
        row__1__when="candidate.distance > 1",
    )  # fmt: skip

    assert answer.status_code == 303
    [_, saved] = await rules()
    assert saved.document["rankers"] == [
        {"name": "price", "weight": 1}, {"name": "stock", "weight": 2},
    ]  # fmt: skip
    [row] = saved.document["rows"]
    assert (row["countries"], row["from_minor"]) == (["AT", "CH"], 12_50)
    page = await operations.get(f"/back-office/routing/{rules_id}")
    assert "Row “Far”" in page.text
    token = {"csrf_token": token_in(page)}
    moves = f"/back-office/routing/{rules_id}/moves"
    await operations.post(moves, data={**token, "do": "shadow"})
    refused = await operations.post(moves, data={**token, "do": "activate"}, follow_redirects=True)
    assert "Only 0 decisions were compared in shadow; 20 are needed" in refused.text
    assert [each.state.value for each in await rules()] == ["active", "shadow"]


async def test_what_is_wrong_stands_beside_its_row_and_what_was_typed_is_kept(
    operations: httpx.AsyncClient,
) -> None:
    rules_id = await draft(operations)

    page = await save(
        operations, rules_id, row__1__name="Far", row__1__action="forbid",
        row__1__when="candidate.colour == 1", rankers="luck",
    )  # fmt: skip

    assert page.status_code == 422
    assert "Row 1: It cannot be worked out" in page.text
    assert "Luck is not one of" in page.text
    assert "candidate.colour == 1" in page.text
    assert (await rules())[-1].edition == 1


async def test_a_simulation_shows_its_progress_and_its_end(operations: httpx.AsyncClient) -> None:
    rules_id = await draft(operations)
    page = await operations.get(f"/back-office/routing/{rules_id}")

    answer = await operations.post(
        f"/back-office/routing/{rules_id}/simulations",
        data={"csrf_token": token_in(page), "orders": "50"}, follow_redirects=True,
    )  # fmt: skip
    assert "0 of 2" in answer.text
    await simulating.work_off(now=NOON)

    async with transaction(SYSTEM, read_only=True):
        [simulation] = await RoutingSimulation.all()
    done = await operations.get(f"/back-office/routing/simulations/{simulation.id}")
    assert "Nothing would be otherwise" in done.text


async def test_a_decision_says_who_lost_and_why(operations: httpx.AsyncClient) -> None:
    order = await two_vendors()
    async with transaction(SYSTEM, read_only=True):
        part = await SubOrder.get(id=order.mugs.id)

    found = await operations.get(
        "/back-office/routing/decisions", params={"number": part.number.lower()},
        follow_redirects=True,
    )  # fmt: skip
    missing = await operations.get(
        "/back-office/routing/decisions", params={"number": "M-9-A"}, follow_redirects=True
    )

    assert f"Why {part.number}" in found.text
    assert "Taken" in found.text
    assert '<th scope="row">Kiln &amp; Co<br>' in found.text
    assert "Nearest with stock" in found.text
    assert "There is no sub-order M-9-A." in missing.text


async def test_a_seller_s_score_is_set_by_operations_and_shown_to_all(
    operations: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    order, sam = await two_vendors(), await signed_in(StaffRole.SUPPORT)
    page = "/back-office/routing/places"
    token = {"csrf_token": token_in(await operations.get(page))}
    asked = {**token, "seller": str(order.loom.id)}

    too_high = await operations.post("/back-office/routing/scores", data={**asked, "score": "1001"})
    done = await operations.post("/back-office/routing/scores", data={**asked, "score": "870"})
    shown = await sam.get(page)
    others = {**asked, "csrf_token": token_in(shown), "score": "1"}
    refused = await sam.post("/back-office/routing/scores", data=others)

    assert [answer.status_code for answer in (too_high, done, refused)] == [422, 303, 403]
    assert "Loom <strong>870</strong>" in shown.text
    assert 'action="/back-office/routing/scores"' not in shown.text


async def test_operations_close_a_location_and_open_it_again(
    operations: httpx.AsyncClient,
) -> None:
    order = await two_vendors()
    page = await operations.get("/back-office/routing/places")

    await operations.post(
        "/back-office/routing/places",
        data={**form_of(page), "where": str(order.kiln.id), "reason": "flood", "until": ""},
    )
    async with transaction(SYSTEM, read_only=True):
        [closure] = await RoutingClosure.all()
    assert (closure.vendor_id, closure.location_id, closure.ends_at) == (order.kiln.id, None, None)
    await operations.post(
        f"/back-office/routing/closures/{closure.id}/end", data={"csrf_token": token_in(page)}
    )

    async with transaction(SYSTEM, read_only=True):
        assert (await RoutingClosure.get(id=closure.id)).ends_at == NOON


async def test_support_reads_and_changes_nothing(
    support: httpx.AsyncClient, committed_db: Database
) -> None:
    order = await two_vendors()
    [active] = await rules()
    page = await support.get("/back-office/routing")
    token = {"csrf_token": token_in(page)}

    for path, data in (
        ("", {"like": str(active.id), "name": "x"}),
        (f"/{active.id}/moves", {"do": "retire"}),
        (f"/{active.id}/simulations", {"orders": "5"}),
        ("/places", {"where": str(order.kiln.id), "reason": "x"}),
    ):
        await support.post(f"/back-office/routing{path}", data={**token, **data})

    assert page.status_code == 200
    assert "A new draft" not in page.text
    assert [each.state.value for each in await rules()] == ["active"]
    async with transaction(SYSTEM, read_only=True):
        assert await RoutingClosure.all().count() + await RoutingSimulation.all().count() == 0
