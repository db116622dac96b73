"""Each seller's part of a priced cart, and its lines, as rows. Pure."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from marketplace.kit.ids import new_id
from marketplace.orders import giving_back, numbers
from marketplace.orders.states import SUB_ORDER
from marketplace.pricing.quoting import PricedLine, PricedParcel, Quote

Row = dict[str, object]
_DONE = ("refused", "cancelled", "rerouted", "shipped", "delivered", "refunded")
_NOTHING_DONE = dict.fromkeys((*_DONE, *giving_back.COUNTERS), 0)


def sub_order(
    sub_order_id: UUID,
    order_id: UUID,
    index: int,
    parcel: PricedParcel,
    quote: Quote,
    ship_by: Mapping[UUID, datetime],
    now: datetime,
) -> Row:
    return {
        "id": sub_order_id,
        "order_id": order_id,
        "vendor_id": parcel.vendor_id,
        "letter": numbers.letter(index),
        "state": SUB_ORDER.start,
        "version": 1,
        "currency": quote.currency,
        "items_minor": parcel.items_minor,
        "discount_minor": parcel.discount_minor,
        "shipping_method": parcel.sending.method,
        "shipping_minor": parcel.shipping_minor,
        "tax_minor": parcel.tax_minor,
        "total_minor": parcel.total_minor,
        "shipping_net_minor": parcel.shipping_net_minor,
        "shipping_tax_minor": parcel.shipping_tax_minor,
        "shipping_gross_minor": parcel.shipping_gross_minor,
        "shipping_vendor_minor": parcel.shipping_vendor_minor,
        "shipping_funding_minor": 0,
        "shipping_tax_ppm": parcel.shipping_tax_ppm,
        "shipping_refunded_minor": 0,
        "tax_inclusive": quote.prices_include_tax,
        "tax_liable": quote.tax_liable,
        "tax_jurisdiction": quote.country,
        "placed_at": now,
        "fixed_ship_by": ship_by.get(parcel.vendor_id),
    }


def line(sub_order: Row, number: int, line: PricedLine, now: datetime) -> Row:
    return {
        "id": new_id(now),
        "reservation_id": new_id(now),
        "sub_order_id": sub_order["id"],
        "order_id": sub_order["order_id"],
        "vendor_id": sub_order["vendor_id"],
        "offer_id": line.item.offer_id,
        "position": number + 1,
        "sku": line.item.sku,
        "name": line.item.name,
        "quantity": line.item.quantity,
        **_NOTHING_DONE,
        "unit_price_minor": line.item.unit_price_minor,
        "items_minor": line.items_minor,
        "discount_platform_minor": line.discount_platform_minor,
        "discount_vendor_minor": line.discount_vendor_minor,
        "net_minor": line.net_minor,
        "tax_minor": line.tax_minor,
        "gross_minor": line.gross_minor,
        "tax_ppm": line.tax_ppm,
        "funding_minor": line.funding_minor,
        "vendor_minor": line.vendor_minor,
        "commission_minor": line.commission_minor,
        "commission_vat_minor": line.commission_vat_minor,
        "commission_ppm": line.item.commission.rate_ppm,
        "commission_rule_id": line.item.commission.rule_id,
    }
