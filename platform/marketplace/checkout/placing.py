"""Turn a cart into an order with one sub-order a vendor: once, whole, and only with the stock."""

import json
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from asyncpg import PostgresError
from pydantic_core import to_json

from marketplace.checkout import drafting, loading, routing_cart
from marketplace.checkout.errors import (
    CartAlreadyOrdered,
    CartChanged,
    InsufficientStock,
    PriceChanged,
    Shortage,
)
from marketplace.kit.errors import Forbidden, InvalidInput
from marketplace.kit.idempotency import KeyReused
from marketplace.kit.ids import new_id
from marketplace.kit.money import Money
from marketplace.kit.principal import Kind, Principal
from marketplace.kit.transactions import (
    fetch_value_alone,
    in_transaction,
    one_connection,
    reading_alone,
    transaction,
)
from marketplace.kit.turns import Turns
from marketplace.pricing import quoting
from marketplace.routing import choosing, snapshots

PAY_WITHIN = timedelta(minutes=30)
OPERATION = "place_order"

_READ = f"""
    SELECT {loading.READ} AS found, kept.request_hash, kept.result_id
    FROM (VALUES (1)) one (row)
    LEFT JOIN idempotency_record kept
        ON kept.principal = $4 AND kept.operation = $5 AND kept.key = $6
"""
_PLACE = "SELECT place_order($1::jsonb)"
_TRIES = 3
# One process has one core: more at once would only take each other's time and connections. A few,
# so that commits share a flush to disk. Inside a transaction nobody waits for a turn: who has one
# may be waiting for a row of that transaction.
_TURNS = Turns(at_once=4, wait_seconds=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """What was agreed elsewhere for an imported order, in place of the marketplace's own terms."""

    source_ref: str
    pay_by: datetime
    shipping_minor: Mapping[UUID, int] = field(default_factory=dict)
    ship_by: Mapping[UUID, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Changed(Exception):
    """The cart or a price changed between reading and writing, or new rules came: read again."""


async def place_order(
    *,
    principal: Principal,
    token: str,
    key: str,
    now: datetime,
    expected_total: Money | None = None,
    agreement: Agreement | None = None,
) -> UUID:
    """Place the cart behind `token`; answers with the order's id.

    The order is PENDING, its stock held until the pay-by deadline. The same key answers with the
    order the first call made; a twin in flight waits for it. Guests share their keys: nobody knows
    one from the other, and a key that comes back with another cart has to be refused.

    A refusal (KeyReused, CartIncomplete, CartAlreadyOrdered, UnknownOffer, NotShippedThere,
    ShippingMethodUnavailable, UnusableDiscount, PriceChanged, InsufficientStock, CartChanged)
    writes nothing. `agreement` is for the system's imports only.
    """
    if not 0 < len(key) <= 255:
        raise InvalidInput("idempotencyKey", "it is empty or too long", "1 to 255 characters")
    if agreement is not None and principal.kind is not Kind.SYSTEM:
        raise Forbidden("import orders")
    async with nullcontext() if in_transaction() else _TURNS.taken(), one_connection():
        for _ in range(_TRIES):
            try:
                return await _try_to_place(principal, token, key, now, expected_total, agreement)
            except _Changed:
                continue
    raise CartChanged


async def _try_to_place(
    principal: Principal,
    token: str,
    key: str,
    now: datetime,
    expected_total: Money | None,
    agreement: Agreement | None,
) -> UUID:
    request_hash = _hash(token, expected_total)
    found, placed = await _read(principal, token, key, request_hash, now)
    if placed is not None:
        return placed
    cart = _claimed(principal, found.cart)
    if cart["order_id"] is not None:
        raise CartAlreadyOrdered(order_number=cart["order_number"])
    order_id = new_id(now)
    rules = choosing.known_for(order_id, cart)
    if rules is None:
        async with transaction(principal, read_only=True):
            await choosing.meet(cart)
        raise _Changed
    shipping_minor = agreement.shipping_minor if agreement else None
    basket = loading.basket(found, now=now, shipping_minor=shipping_minor, as_chosen=True)
    quote = quoting.quote(basket.items, basket.terms)
    total = Money(quote.total_minor, quote.currency)
    if expected_total is not None and expected_total != total:
        raise PriceChanged(expected=expected_total, total=total)
    request = drafting.draft(
        order_id, cart, quote, routing_cart.decide(rules, quote, basket.rows, cart),
        claim=drafting.Claim(principal.key, OPERATION, key, request_hash),
        pay_by=agreement.pay_by if agreement else now + PAY_WITHIN, now=now,
        source_ref=agreement.source_ref if agreement else None,
        ship_by=agreement.ship_by if agreement else {},
    )  # fmt: skip
    return await _place(request, key)


async def _read(
    principal: Principal, token: str, key: str, request_hash: str, now: datetime
) -> tuple[loading.Read, UUID | None]:
    """The cart with all it depends on, and the order that this key has placed before, if any."""
    async with reading_alone() as connection:
        row = await connection.fetchrow(
            _READ, loading.hashed(token), now, snapshots.MOST_CANDIDATES,
            principal.key, OPERATION, key,
        )  # fmt: skip
    found = loading.told(row["found"])
    if row["request_hash"] not in (None, request_hash):
        raise KeyReused(key)
    return found, row["result_id"]


async def _place(request: Mapping[str, object], key: str) -> UUID:
    try:
        answer = await fetch_value_alone(_PLACE, to_json(request).decode())
    except PostgresError as error:
        raise _refusal(error, key) from error
    return UUID(json.loads(answer)["order_id"])


def _refusal(error: PostgresError, key: str) -> Exception:
    """The function's own refusals, by SQLSTATE: see the migration that made it."""
    match error.sqlstate:
        case "SK001":
            return KeyReused(key)
        case "SK002" | "SK003" | "SK004":
            return _Changed()
        case "SK005":
            detail: list[dict[str, Any]] = json.loads(error.detail)
            return InsufficientStock(
                [
                    Shortage(UUID(short["offer_id"]), short["quantity"], short["available"])
                    for short in detail
                ]
            )
        case _:
            unexpected: Exception = error
            return unexpected


def _claimed(principal: Principal, cart: Mapping[str, Any]) -> Mapping[str, Any]:
    """Who signed in after filling a cart orders it as the customer they are."""
    if principal.kind is not Kind.CUSTOMER or cart["customer_id"] is not None:
        return cart
    return {**cart, "customer_id": principal.id}


def _hash(token: str, expected_total: Money | None) -> str:
    return sha256(f"{token}:{expected_total}".encode()).hexdigest()
