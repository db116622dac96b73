"""What was sold against what was there, and who was charged and written to how often."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from marketplace_runtime.mailbox import keeping
from storefront_api.ids import Of, encode
from tests.faults.shoppers import Bought
from tests.journeys.running import Marketplace

Stock = Mapping[str, tuple[int, int]]  # on hand and reserved, by the offer's id in the schema

STOCK = "SELECT offer_id, on_hand, reserved FROM stock"
PAID = """
    SELECT orders.number, orders.email, attempt.intent_id, capture.amount_minor
    FROM orders JOIN payment ON payment.order_id = orders.id
    JOIN capture ON capture.payment_id = payment.id
    JOIN payment_attempt attempt ON attempt.id = capture.attempt_id
    WHERE orders.email = ANY($1)
"""
PLACED = "SELECT email, number FROM orders WHERE email = ANY($1)"
BOOKED = """
    SELECT orders.number, -entry.amount_minor AS amount_minor FROM ledger_entry entry
    JOIN ledger_transaction posted ON posted.id = entry.transaction_id
    JOIN ledger_account account ON account.id = entry.account_id
    JOIN orders ON orders.id = entry.order_id
    WHERE posted.kind = 'capture' AND account.code = '2010' AND orders.email = ANY($1)
"""
SUB_ORDERS = """
    SELECT sub_order.number FROM sub_order JOIN orders ON orders.id = sub_order.order_id
    WHERE orders.email = ANY($1)
"""


async def stock_of(souk: Marketplace) -> Stock:
    """Each offer of the seed lies in one place."""
    rows = await souk.rows(STOCK)
    return {encode(Of.OFFER, row["offer_id"]): (row["on_hand"], row["reserved"]) for row in rows}


def reserved_meanwhile(before: Stock, after: Stock) -> dict[str, int]:
    """Pieces promised in between; nothing was shipped, so nothing may have left a shelf."""
    assert {offer: pieces for offer, (pieces, _) in before.items()} == {
        offer: pieces for offer, (pieces, _) in after.items()
    }
    grown = {offer: reserved - before[offer][1] for offer, (_, reserved) in after.items()}
    return {offer: pieces for offer, pieces in grown.items() if pieces}


def pieces_of(bought: Sequence[Bought]) -> dict[str, int]:
    pieces: Counter[str] = Counter()
    for order in bought:
        pieces.update(order.basket)
    return dict(pieces)


async def each_is_there_once(souk: Marketplace, bought: Sequence[Bought]) -> None:
    """Every acknowledged order exists, alone, and is paid, charged and booked exactly once."""
    emails = [order.email for order in bought]
    expected = {order.number: order.total_minor for order in bought}
    placed = await souk.rows(PLACED, emails)
    paid = await souk.rows(PAID, emails)
    charged = await charges(souk)
    booked: Counter[str] = Counter()
    for row in await souk.rows(BOOKED, emails):
        booked[row["number"]] += row["amount_minor"]

    assert sorted(row["number"] for row in placed) == sorted(expected)
    assert sorted((row["number"], row["amount_minor"]) for row in paid) == sorted(expected.items())
    assert {row["number"]: charged[row["intent_id"]] for row in paid} == {
        number: [minor] for number, minor in expected.items()
    }
    assert dict(booked) == expected


async def charges(souk: Marketplace) -> dict[str, list[int]]:
    """What the provider took, charge by charge, by payment intent: asked as Stripe is."""
    taken: dict[str, list[int]] = defaultdict(list)
    asked: dict[str, str] = {"limit": "100"}
    key = souk.settings["SOUK_STRIPE_API_KEY"]
    async with httpx.AsyncClient(base_url=souk.sandbox, auth=(key, ""), trust_env=False) as http:
        while True:
            page: Any = (await http.get("/v1/charges", params=asked)).json()
            for charge in page["data"]:
                if charge["captured"]:
                    taken[charge["payment_intent"]].append(charge["amount_captured"])
            if not page["has_more"]:
                return taken
            asked["starting_after"] = page["data"][-1]["id"]


async def each_got_one_mail(souk: Marketplace, bought: Sequence[Bought]) -> None:
    """By Message-ID: a crash may send one again, as itself, but nobody is told twice."""
    told: dict[str, set[str]] = defaultdict(set)
    new_orders: dict[str, set[str]] = defaultdict(set)
    for message in keeping.latest(souk.home / "mail", most=100_000):
        for recipient in message.recipients:
            told[recipient].add(message.message_id)
        if found := re.match(r"New order (M-\d+-[A-Z]+)", message.subject):
            new_orders[found[1]].add(message.message_id)
    sub_orders = await souk.rows(SUB_ORDERS, [order.email for order in bought])

    assert {order.email: len(told[order.email]) for order in bought} == dict.fromkeys(
        (order.email for order in bought), 1
    )
    assert {row["number"]: len(new_orders[row["number"]]) for row in sub_orders} == dict.fromkeys(
        (row["number"] for row in sub_orders), 1
    )
