"""The rows of a sub-order that replaces a part of another one. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace.kit.ids import new_id
from marketplace.kit.money import split
from marketplace.orders import dividing
from marketplace.orders.dividing import Amounts, Ask, Taxes
from marketplace.orders.models import OrderLine, SubOrder
from marketplace.orders.states import SUB_ORDER
from marketplace.pricing.shipping import Option

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Take:
    """Units of a line, and the stock that serves them from now on."""

    line: OrderLine
    stock_id: UUID
    units: int


@dataclass(frozen=True, slots=True)
class Replaced:
    """What goes to one vendor."""

    vendor_id: UUID
    takes: Sequence[Take]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """The stock's offer, and the commission rule that freezes into the new line."""

    offer_id: UUID
    location_id: UUID
    price_minor: int
    rule_id: UUID
    rate_ppm: int
    vat_ppm: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipping:
    """By which method; minor units. `shown` is with or without tax, as the channel shows prices."""

    method: str
    shown: int
    net: int
    tax: int
    gross: int
    funding: int


def lines(
    part: Replaced,
    kept: Mapping[UUID, Amounts],
    taxes: Taxes,
    offered: Mapping[UUID, Offered],
    *,
    order_id: UUID,
    now: datetime,
) -> list[Row]:
    """One for each take, in their order; everything but the sub-order they belong to."""
    return [
        {
            "id": new_id(now),
            "order_id": order_id,
            "vendor_id": part.vendor_id,
            "offer_id": offered[take.stock_id].offer_id,
            "location_id": offered[take.stock_id].location_id,
            "position": position,
            "sku": take.line.sku,
            "name": take.line.name,
            "quantity": take.units,
            "unit_price_minor": take.line.unit_price_minor,
            "tax_ppm": take.line.tax_ppm,
            "commission_ppm": offered[take.stock_id].rate_ppm,
            "commission_rule_id": offered[take.stock_id].rule_id,
            "replaces_id": take.line.id,
            **columns(
                dividing.replace(take.line, kept[take.line.id], taxes, _ask(offered[take.stock_id]))
            ),
        }
        for position, take in enumerate(part.takes, start=1)
    ]


def columns(amounts: Amounts) -> dict[str, int]:
    return {f"{name}_minor": minor for name, minor in asdict(amounts).items()}


def shippings(
    sub_order: SubOrder,
    weights: Sequence[int],
    asked: Sequence[Option],
    taxes: Taxes,
    *,
    moves: bool,
) -> list[Shipping]:
    """What the customer paid for shipping, shared by `weights`, and what each vendor asks for it.

    Where it stays with the first sub-order, all of what the next vendor asks is funded.
    """
    gross = sub_order.shipping_gross_minor if moves else 0
    tax = sub_order.shipping_tax_minor if moves else 0
    found = []
    shares = zip(split(gross, weights), split(tax, weights), asked, strict=True)
    for gross_part, tax_part, option in shares:
        net = gross_part - tax_part
        entitled = dividing.net_of(
            option.minor, sub_order.shipping_tax_ppm, inclusive=taxes.inclusive
        )
        found.append(
            Shipping(
                method=option.method,
                shown=gross_part if taxes.inclusive else net,
                net=net, tax=tax_part, gross=gross_part, funding=entitled - net,
            )
        )  # fmt: skip
    return found


def sub_order(
    old: SubOrder,
    rows: Sequence[Row],
    shipping: Shipping,
    *,
    number: str,
    taxes: Taxes,
    now: datetime,
) -> Row:
    """A pending sub-order like the one it stands for, with these lines and this shipping."""
    items = sum(row["items_minor"] for row in rows)
    discount = sum(row["discount_platform_minor"] + row["discount_vendor_minor"] for row in rows)
    return {
        "id": new_id(now),
        "order_id": old.order_id,
        "vendor_id": rows[0]["vendor_id"],
        "number": number,
        "state": SUB_ORDER.start,
        "currency": old.currency,
        "items_minor": items,
        "discount_minor": discount,
        "shipping_method": shipping.method,
        "shipping_minor": shipping.shown,
        "tax_minor": sum(row["tax_minor"] for row in rows) + shipping.tax,
        "total_minor": sum(row["gross_minor"] for row in rows) + shipping.gross,
        "shipping_net_minor": shipping.net,
        "shipping_tax_minor": shipping.tax,
        "shipping_gross_minor": shipping.gross,
        "shipping_funding_minor": shipping.funding,
        "shipping_vendor_minor": shipping.gross + shipping.funding
        - (0 if taxes.by_vendor else shipping.tax),
        "shipping_tax_ppm": old.shipping_tax_ppm,
        "tax_inclusive": old.tax_inclusive,
        "tax_liable": old.tax_liable,
        "tax_jurisdiction": old.tax_jurisdiction,
        "placed_at": old.placed_at,
    }  # fmt: skip


def _ask(offered: Offered) -> Ask:
    return Ask(
        unit_price_minor=offered.price_minor,
        commission_ppm=offered.rate_ppm,
        commission_vat_ppm=offered.vat_ppm,
    )
