"""Turn a cart into an order with one sub-order a vendor: once, whole, and only with the stock."""

import json
from collections.abc import Mapping
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
from marketplace.kit.transactions import connection, fetch_value_alone, transaction
from marketplace.pricing import quoting
from marketplace.routing import choosing

PAY_WITHIN = timedelta(minutes=30)
OPERATION = "place_order"

_PLACED_BY_KEY = """
    SELECT request_hash, result_id FROM idempotency_record
    WHERE principal = $1 AND operation = $2 AND key = $3
"""
_PLACE = "SELECT place_order($1::jsonb)"
_TRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """What was agreed elsewhere for an imported order, in place of the marketplace's own terms."""

    source_ref: str
    pay_by: datetime
    shipping_minor: Mapping[UUID, int] = field(default_factory=dict)
    ship_by: Mapping[UUID, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Changed(Exception):
    """The cart or a price changed between reading and writing: read again."""


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
    UnusableDiscount, PriceChanged, InsufficientStock, CartChanged) writes nothing. `agreement` is
    for the system's imports only.
    """
    if not 0 < len(key) <= 255:
        raise InvalidInput("idempotencyKey", "it is empty or too long", "1 to 255 characters")
    if agreement is not None and principal.kind is not Kind.SYSTEM:
        raise Forbidden("import orders")
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
    async with transaction(principal, read_only=True):
        cart = await loading.find_cart(token)
        cart = _claimed(principal, cart)
        request_hash = _hash(token, expected_total)
        placed = await _placed_before(principal.key, key, request_hash)
        if placed is not None:
            return placed
        if cart["order_id"] is not None:
            raise CartAlreadyOrdered(order_number=cart["order_number"])
        shipping_minor = agreement.shipping_minor if agreement else None
        basket = await loading.load(
            cart, now=now, shipping_minor=shipping_minor, with_candidates=True
        )
        order_id = new_id(now)
        rules = await choosing.for_order(order_id, cart)
    quote = quoting.quote(basket.items, basket.terms)
    total = Money(quote.total_minor, quote.currency)
    if expected_total is not None and expected_total != total:
        raise PriceChanged(expected=expected_total, total=total)
    claim = drafting.Claim(principal.key, OPERATION, key, request_hash)
    pay_by = agreement.pay_by if agreement else now + PAY_WITHIN
    decided = routing_cart.decide(rules, quote, basket.rows, cart)
    request = drafting.draft(
        order_id, cart, quote, decided, claim=claim, pay_by=pay_by, now=now,
        source_ref=agreement.source_ref if agreement else None,
        ship_by=agreement.ship_by if agreement else {},
    )  # fmt: skip
    return await _place(request, key)


async def _place(request: Mapping[str, object], key: str) -> UUID:
    try:
        answer = await fetch_value_alone(_PLACE, to_json(request).decode())
    except PostgresError as error:
        raise _refusal(error, key) from error
    return UUID(json.loads(answer)["order_id"])


async def _placed_before(owner: str, key: str, request_hash: str) -> UUID | None:
    record = await connection().fetchrow(_PLACED_BY_KEY, owner, OPERATION, key)
    if record is None:
        return None
    if record["request_hash"] != request_hash:
        raise KeyReused(key)
    order_id: UUID = record["result_id"]
    return order_id


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
