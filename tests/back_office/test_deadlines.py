"""The deadline policy: drafted, looked at, put in force; and what it put before staff."""

from datetime import timedelta

import httpx
import pytest

from marketplace.kit.principal import SYSTEM, StaffRole
from marketplace.kit.transactions import connection, transaction
from marketplace.orders import accepting, deadlines
from marketplace.sla.models import ClockKind, SlaClock, VendorClosure
from marketplace.sla.policy_models import PolicyVersion
from tests.back_office.conftest import SignedIn
from tests.back_office.stories import TwoVendors, two_vendors
from tests.factories import NOON, member
from tests.marketplace_web.doors import token_in
from tests.sla.clocked import clock_of

pytestmark = pytest.mark.anyio
OPERATIONS = StaffRole.OPERATIONS
DRAFT = "/back-office/deadlines/draft"
GOLD = {
    "note": "Gold ships in a day", "rules": "2", "actions": "3",
    "rule-1-order": "20", "rule-1-kind": "ship_by", "rule-1-amount": "3",
    "rule-1-unit": "business_days", "rule-1-warn": "2", "rule-1-cut_off": "14:00",
    "rule-2-order": "10", "rule-2-kind": "ship_by", "rule-2-tier": "gold", "rule-2-amount": "1",
    "rule-2-unit": "business_days", "rule-2-warn": "2",
    "action-1-kind": "ship_by", "action-1-moment": "breached", "action-1-what": "escalate",
    "action-2-kind": "ship_by", "action-2-moment": "after", "action-2-after": "24",
    "action-2-what": "penalty", "action-2-share": "2.5",
}  # fmt: skip


async def send(browser: httpx.AsyncClient, path: str, page: str, **form: str) -> httpx.Response:
    token = token_in(await browser.get(page))
    return await browser.post(path, data={"csrf_token": token, **form})


async def versions() -> list[PolicyVersion]:
    async with transaction(SYSTEM, read_only=True):
        return await PolicyVersion.all().order_by("version").prefetch_related("rules", "actions")


async def draft(browser: httpx.AsyncClient, **changes: str) -> httpx.Response:
    return await send(browser, DRAFT, DRAFT, **{**GOLD, **changes})


async def in_force(browser: httpx.AsyncClient) -> None:
    kept = await draft(browser)
    page = kept.headers["location"]
    await send(browser, f"{page}/activation", page)


async def test_a_draft_changes_nothing_until_it_is_put_in_force_and_no_history_is_lost(
    signed_in: SignedIn,
) -> None:
    ola = await signed_in(OPERATIONS)

    kept = await draft(ola)
    assert [one.state for one in await versions()] == ["active", "draft"]
    await draft(ola, note="Gold ships in a day, truly")
    page = kept.headers["location"]
    shown = await ola.get(page)
    await send(ola, f"{page}/activation", page)
    again = await send(ola, f"{page}/activation", page)

    assert "Tier gold" in shown.text or "tier gold" in shown.text
    assert "charge the vendor: 2.5 % of the goods" in shown.text
    first, second = await versions()
    assert (first.state, second.state) == ("retired", "active")
    assert second.note == "Gold ships in a day, truly"
    assert [rule.vendor_tier for rule in sorted(second.rules, key=lambda r: r.position)] == [
        "gold", None,
    ]  # fmt: skip
    assert len(list(first.actions)) == 3
    assert again.status_code == 303


@pytest.mark.parametrize(
    "changes",
    [
        {"rule-1-amount": "0"},
        {"rule-1-amount": "999"},
        {"rule-1-cut_off": "25:00"},
        {"rule-1-unit": "fortnights"},
        {"action-2-share": "much"},
        {"action-2-share": ""},
        {"action-2-after": "0"},
        {"action-1-what": "auto_refuse"},
        {"action-1-what": "reroute", "action-1-moment": "warned"},
        {"action-1-what": "reroute", "action-1-kind": "deliver_by"},
        {"action-1-what": "reroute", "action-2-what": "credit"},
        {"action-2-what": "notify_customer"},
        {"action-3-kind": "ship_by", "action-3-moment": "breached", "action-3-what": "escalate"},
        {"note": ""},
    ],
    ids=lambda changes: "-".join(f"{name}={value}" for name, value in changes.items())[:40],
)
async def test_a_draft_that_makes_no_sense_is_refused_and_kept_as_typed(
    signed_in: SignedIn, changes: dict[str, str]
) -> None:
    ola = await signed_in(OPERATIONS)

    answer = await draft(ola, **changes)

    assert answer.status_code == 422
    assert 'value="gold"' in answer.text
    assert len(await versions()) == 1


async def test_what_was_in_force_cannot_be_changed_even_by_hand(signed_in: SignedIn) -> None:
    await in_force(await signed_in(OPERATIONS))

    with pytest.raises(Exception, match="only a draft"):
        async with transaction(SYSTEM):
            await connection().execute("UPDATE sla_rule SET amount = 1")


async def test_new_deadlines_go_by_the_new_policy_and_running_ones_by_their_own(
    signed_in: SignedIn,
) -> None:
    ola = await signed_in(OPERATIONS)
    order = await two_vendors()
    await accept(order, "loom")
    before = await clock_of(order.bowl)
    await in_force(ola)
    await send(
        ola, f"/back-office/vendors/{order.kiln.id}/tier", f"/back-office/vendors/{order.kiln.id}",
        tier="gold",
    )  # fmt: skip

    await accept(order, "kiln")

    gold = await clock_of(order.mugs)
    assert gold.due_at == NOON + timedelta(days=1, hours=4)  # Tuesday at five in Berlin
    assert gold.policy_version_id == (await versions())[1].id
    assert (await clock_of(order.bowl)).due_at == before.due_at
    assert (await clock_of(order.bowl)).policy_version_id == (await versions())[0].id


async def accept(order: TwoVendors, whose: str) -> None:
    part = order.mugs if whose == "kiln" else order.bowl
    await accepting.accept(principal=member(part.vendor_id), sub_order_id=part.id, now=NOON)


async def test_the_preview_says_when_an_order_placed_now_would_be_due(signed_in: SignedIn) -> None:
    ola = await signed_in(OPERATIONS)
    order = await two_vendors()
    page = (await draft(ola)).headers["location"]

    answer = await ola.get(page, params={"vendor": str(order.kiln.id)})

    assert "2026-03-05T16:00" in answer.text  # three working days, by rule 2
    assert "rule 2" in answer.text
    assert "own hours" in answer.text  # to accept
    assert "no deadline" in answer.text  # to deliver


async def test_only_operations_change_the_policy_a_tier_or_a_vacation(
    signed_in: SignedIn,
) -> None:
    sam, order = await signed_in(StaffRole.SUPPORT), await two_vendors()
    [active] = await versions()
    vendor = f"/back-office/vendors/{order.kiln.id}"
    days = {"first_day": "2026-03-03", "last_day": "2026-03-03", "offers": "visible"}
    index = "/back-office/deadlines"

    for path, form in (
        (DRAFT, GOLD),
        (f"{index}/policies/{active.id}/activation", {}),
        (f"{index}/policies/{active.id}/end", {}),
        (f"{vendor}/tier", {"tier": "gold"}),
        (f"{vendor}/vacations", days),
        (f"/back-office/orders/{order.order_id}/pauses", {"cause": "carrier", "note": "x"}),
        (f"/back-office/orders/{order.order_id}/pauses/carrier/end", {}),
    ):
        assert (await send(sam, path, index, **form)).status_code == 403, path
    assert (await sam.get(DRAFT)).status_code == 403
    assert (await sam.get(index)).status_code == 200
    assert len(await versions()) == 1


async def test_staff_close_a_vendor_that_calls_and_open_it_again(signed_in: SignedIn) -> None:
    ola, order = await signed_in(OPERATIONS), await two_vendors()
    vendor = f"/back-office/vendors/{order.kiln.id}"
    days = {"first_day": "2026-03-03", "last_day": "2026-03-03", "offers": "visible"}

    assert (await send(ola, f"{vendor}/vacations", vendor, **days)).status_code == 303
    assert (await send(ola, f"{vendor}/vacations", vendor, first_day="x")).status_code == 422
    async with transaction(SYSTEM):
        closure = await VendorClosure.get(vendor_id=order.kiln.id)
    await send(ola, f"{vendor}/vacations/{closure.id}/cancellation", vendor)

    async with transaction(SYSTEM):
        await closure.refresh_from_db()
    assert closure.cancelled_at == NOON
    assert "taken back" in (await ola.get(vendor)).text


async def test_a_draft_is_thrown_away_and_what_is_in_force_is_not(signed_in: SignedIn) -> None:
    ola = await signed_in(OPERATIONS)
    page = (await draft(ola)).headers["location"]
    [active, _] = await versions()
    index = "/back-office/deadlines"

    await send(ola, f"{page}/end", index)
    await send(ola, f"{index}/policies/{active.id}/end", index)

    assert [one.version for one in await versions()] == [1]


async def test_what_was_put_before_staff_is_taken_by_one_of_them(signed_in: SignedIn) -> None:
    ola, order = await signed_in(OPERATIONS), await two_vendors()
    await in_force(ola)
    await accept(order, "kiln")
    clock = await clock_of(order.mugs)
    await deadlines.work_off(now=clock.due_at + timedelta(minutes=1))
    index = "/back-office/deadlines"
    page = await ola.get(index)
    assert order.mugs.number in page.text
    [path] = {part for part in page.text.split('"') if part.endswith("/taking")}

    first, second = [await send(ola, path, index) for _ in range(2)]

    assert (first.status_code, second.status_code) == (303, 303)
    assert order.mugs.number not in (await ola.get(index)).text


async def test_an_orders_deadlines_are_stopped_by_hand_and_go_on_with_what_was_left(
    signed_in: SignedIn,
) -> None:
    ola, order = await signed_in(OPERATIONS), await two_vendors()
    page = f"/back-office/orders/{order.order_id}"

    await send(ola, f"{page}/pauses", page, cause="carrier", note="No pick-up today")
    stopped = await ola.get(page)
    async with transaction(SYSTEM, read_only=True):
        states = {clock.state for clock in await SlaClock.filter(kind=ClockKind.ACCEPT_BY)}
    await send(ola, f"{page}/pauses/carrier/end", page)
    nothing = await send(ola, f"{page}/pauses", page, cause="carrier", note="")

    assert "No pick-up today" in stopped.text
    assert states == {"paused"}
    assert "They stand still" not in (await ola.get(page)).text
    assert nothing.status_code == 303
