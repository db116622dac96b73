"""A cart's lines as questions to the routing engine: one request for each seller's part. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from marketplace.pricing.quoting import Quote
from marketplace.routing import recording
from marketplace.routing.choosing import Chosen
from marketplace.routing.recording import Made
from marketplace.routing.requests import Candidate, Destination, Line, Preference, Request


def decide(
    chosen: Chosen, quote: Quote, rows: Sequence[Mapping[str, Any]], cart: Mapping[str, Any]
) -> dict[UUID, Made]:
    """By vendor. Lines are named by the offer that the customer chose."""
    address: Mapping[str, str] = cart["address"]
    wish = Preference(cart["preference"]) if cart["preference"] else None
    by_offer = {row["offer_id"]: row for row in rows}
    there = Destination(country=address["country"], postcode=address.get("postal_code", ""))
    made = {}
    for parcel in quote.parcels:
        theirs = [by_offer[line.item.offer_id] for line in parcel.lines]
        request = Request(
            currency=quote.currency,
            destination=there,
            order_value_minor=quote.items_minor,
            lines=tuple(_line(row) for row in theirs),
            candidates=tuple(candidate for row in theirs for candidate in _candidates(row)),
            preference=wish,
        )
        made[parcel.vendor_id] = recording.make(chosen, request)
    return made


def _line(row: Mapping[str, Any]) -> Line:
    return Line(
        id=str(row["offer_id"]),
        variant_id=row["variant_id"],
        offer_id=str(row["offer_id"]),
        sku=row["sku"],
        category=row["category"],
        quantity=row["quantity"],
        value_minor=row["price_minor"] * row["quantity"],
    )


def _candidates(row: Mapping[str, Any]) -> list[Candidate]:
    return [Candidate(**found) for found in row["candidates"] or ()]
