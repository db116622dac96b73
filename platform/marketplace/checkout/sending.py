"""How each vendor's part of a cart is sent: as the shopper chose, where that is still offered."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from marketplace.pricing.errors import NotShippedThere, ShippingMethodUnavailable
from marketplace.pricing.shipping import STANDARD, Rate, Sending, send


def by_vendor(
    cart: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], *, as_chosen: bool
) -> dict[UUID, Sending]:
    """By the vendors' own rates. Refuses a vendor that does not ship there.

    What was chosen and is not offered any more is `missed`, or refused if it has to be
    `as_chosen`.
    """
    theirs: defaultdict[UUID, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        theirs[row["vendor_id"]].append(row)
    return {
        vendor_id: _sending(cart, vendor_id, lines, as_chosen=as_chosen)
        for vendor_id, lines in theirs.items()
    }


def agreed(shipping_minor: Mapping[UUID, int]) -> dict[UUID, Sending]:
    """At prices that were agreed elsewhere."""
    return {vendor_id: Sending(STANDARD, minor) for vendor_id, minor in shipping_minor.items()}


def _sending(
    cart: Mapping[str, Any],
    vendor_id: UUID,
    lines: Sequence[Mapping[str, Any]],
    *,
    as_chosen: bool,
) -> Sending:
    vendor, country = lines[0]["vendor_name"], cart["address"]["country"]
    if not lines[0]["rates"]:
        raise NotShippedThere(vendor=vendor, country=country)
    sending = send(
        [Rate(**rate) for rate in lines[0]["rates"]],
        wanted=(cart["shipping_methods"] or {}).get(str(vendor_id)),
        items_minor=sum(line["price_minor"] * line["quantity"] for line in lines),
        units=sum(line["quantity"] for line in lines),
    )
    if as_chosen and sending.missed is not None:
        raise ShippingMethodUnavailable(
            vendor=vendor, country=country, method=sending.missed,
            offered=[option.method for option in sending.options],
        )  # fmt: skip
    return sending
