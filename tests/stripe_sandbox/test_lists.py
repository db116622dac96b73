"""Lists and expansions."""

from datetime import timedelta

import pytest
import stripe

from tests.stripe_sandbox.running import NOON, OVER_HTTP, Sandbox

pytestmark = OVER_HTTP


async def make(sandbox: Sandbox, count: int) -> list[str]:
    """Their ids, the newest first."""
    made = [
        await sandbox.intents.create_async({"amount": 1000 + n, "currency": "eur"})
        for n in range(count)
    ]
    return [one.id for one in reversed(made)]


async def test_a_list_is_newest_first_and_ten_long(sandbox: Sandbox) -> None:
    """R15"""
    ids = await make(sandbox, 11)

    first = await sandbox.intents.list_async()

    assert [one.id for one in first.data] == ids[:10]
    assert (first.has_more, first.url) == (True, "/v1/payment_intents")


async def test_cursors_lead_forwards_and_back(sandbox: Sandbox) -> None:
    """R15"""
    ids = await make(sandbox, 5)

    after = await sandbox.intents.list_async({"starting_after": ids[1], "limit": 2})
    before = await sandbox.intents.list_async({"ending_before": ids[4], "limit": 2})
    last = await sandbox.intents.list_async({"starting_after": ids[3], "limit": 2})

    assert ([one.id for one in after.data], after.has_more) == (ids[2:4], True)
    assert ([one.id for one in before.data], before.has_more) == (ids[2:4], True)
    assert ([one.id for one in last.data], last.has_more) == (ids[4:], False)


async def test_stripes_client_pages_through_all_of_it(sandbox: Sandbox) -> None:
    """R15"""
    ids = await make(sandbox, 7)

    page = await sandbox.intents.list_async({"limit": 3})

    assert [one.id async for one in page.auto_paging_iter()] == ids


@pytest.mark.parametrize("limit", [0, -1, 101])
async def test_a_page_has_one_to_a_hundred(sandbox: Sandbox, limit: int) -> None:
    """R15"""
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await sandbox.intents.list_async({"limit": limit})

    assert (refused.value.code, refused.value.param) == ("parameter_invalid_integer", "limit")


async def test_created_filters_by_second_and_by_range(sandbox: Sandbox) -> None:
    """R16"""
    early = await sandbox.pay()
    sandbox.clock.advance(hours=1)
    late = await sandbox.pay()
    noon = int(NOON.timestamp())

    exact = await sandbox.intents.list_async({"created": noon})
    since = await sandbox.intents.list_async({"created": {"gt": noon}})
    between = await sandbox.intents.list_async({"created": {"gte": noon, "lt": noon + 3600}})

    assert [one.id for one in exact.data] == [early.id]
    assert [one.id for one in since.data] == [late.id]
    assert [one.id for one in between.data] == [early.id]


async def test_objects_are_put_in_place_of_ids(sandbox: Sandbox) -> None:
    """R14"""
    paid = await sandbox.pay()
    await sandbox.refunds.create_async({"payment_intent": paid.id, "amount": 5_00})

    listed = await sandbox.intents.list_async(
        {"expand": ["data.latest_charge.balance_transaction", "data.payment_method"]}
    )
    booked = await sandbox.client.v1.balance_transactions.list_async({"expand": ["data.source"]})
    charge = await sandbox.client.v1.charges.list_async({"expand": ["data.refunds"]})

    assert isinstance(listed.data[0].latest_charge, stripe.Charge)
    inner = listed.data[0].latest_charge.balance_transaction
    assert isinstance(inner, stripe.BalanceTransaction)
    assert isinstance(listed.data[0].payment_method, stripe.PaymentMethod)
    assert [type(one.source) for one in booked.data] == [stripe.Refund, stripe.Charge]
    assert charge.data[0].refunds is not None
    assert [one.amount for one in charge.data[0].refunds.data] == [5_00]


@pytest.mark.parametrize(
    "expand", ["amount", "nothing", "latest_charge.nothing", "data.latest_charge", "a.b.c.d.e"]
)
async def test_what_cannot_be_expanded_is_refused(sandbox: Sandbox, expand: str) -> None:
    """R14"""
    paid = await sandbox.pay()

    with pytest.raises(stripe.InvalidRequestError, match="expand"):
        await sandbox.intents.retrieve_async(paid.id, {"expand": [expand]})


async def test_a_list_names_data_in_its_expansions(sandbox: Sandbox) -> None:
    """R14"""
    with pytest.raises(stripe.InvalidRequestError, match=r"data\.latest_charge"):
        await sandbox.intents.list_async({"expand": ["latest_charge"]})


async def test_charges_are_found_by_transfer_group(sandbox: Sandbox) -> None:
    """R15"""
    mine = await sandbox.pay(transfer_group="order-1", expand=[])
    await sandbox.pay(transfer_group="order-2")

    found = await sandbox.client.v1.charges.list_async({"transfer_group": "order-1"})

    assert [one.id for one in found.data] == [mine.latest_charge]


async def test_events_are_listed_by_type_for_thirty_days(sandbox: Sandbox) -> None:
    """R72"""
    await sandbox.pay()
    events = sandbox.client.v1.events

    one = await events.list_async({"type": "charge.succeeded"})
    some = await events.list_async({"types": ["charge.succeeded", "payment_intent.succeeded"]})
    family = await events.list_async({"type": "payment_intent.*"})
    sandbox.clock.now += timedelta(days=30, seconds=1)
    none = await events.list_async()

    assert [event.type for event in one.data] == ["charge.succeeded"]
    assert len(some.data) == 2
    assert [event.type for event in family.data] == [
        "payment_intent.succeeded",
        "payment_intent.created",
    ]
    assert none.data == []
    assert (await events.retrieve_async(one.data[0].id)).type == "charge.succeeded"
    with pytest.raises(stripe.InvalidRequestError):
        await events.list_async({"type": "charge.succeeded", "types": ["charge.failed"]})
