"""Opaque ids: they say what they are of, so that one of another kind is refused by name."""

from base64 import b64decode, b64encode
from enum import StrEnum
from uuid import UUID

import strawberry

from marketplace.kit.errors import InvalidInput


class Of(StrEnum):
    """What an id can be of, by the name of its type in the schema."""

    PRODUCT = "Product"
    VARIANT = "Variant"
    OFFER = "Offer"
    VENDOR = "Vendor"
    CART = "Cart"
    ORDER = "Order"
    SUB_ORDER = "SubOrder"
    LINE = "OrderLine"
    SHIPMENT = "Shipment"
    REFUND = "Refund"
    SUBSTITUTION = "Substitution"


def encode(kind: Of, key: UUID) -> strawberry.ID:
    return strawberry.ID(b64encode(f"{kind}:{key}".encode()).decode())


def decode(value: str, kind: Of, *, field: str) -> UUID:
    """Refuses, by the input's name, what is not an id of this kind."""
    found = decode_any(value, field=field)
    if found[0] is not kind:
        raise InvalidInput(field, f"this is the id of a {found[0]}", f"the id of a {kind}")
    return found[1]


def decode_any(value: str, *, field: str) -> tuple[Of, UUID]:
    """What an id is of, and the key in it. Refuses any spelling but the one we gave out."""
    try:
        name, _, key = b64decode(value, validate=True).decode().partition(":")
        kind, uuid = Of(name), UUID(key)
    except ValueError:
        raise _malformed(field) from None
    if encode(kind, uuid) != value:
        raise _malformed(field)
    return kind, uuid


def _malformed(field: str) -> InvalidInput:
    return InvalidInput(field, "this is not an id", "an id as this API gives it")
