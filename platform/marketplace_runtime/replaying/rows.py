"""The rows of a history as its files give them: local times, minor units, line numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

ORDERS, ITEMS = "olist_orders.csv", "olist_order_items.csv"
SELLERS, CUSTOMERS = "olist_sellers.csv", "olist_customers.csv"


class Ending(StrEnum):
    DELIVERED = "delivered"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a seller or a customer lives."""

    line: int
    id: str
    postal_code: str
    city: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """One unit of one product from one seller."""

    line: int
    order_id: str
    number: int
    product_id: str
    seller_id: str
    ship_by: datetime
    price_minor: int
    freight_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    line: int
    id: str
    customer_id: str
    ending: Ending
    purchased: datetime
    approved: datetime
    handed_over: datetime
    delivered: datetime
    estimated: datetime


@dataclass(frozen=True, slots=True)
class History:
    """What fits together: every item has its order and seller, every order has items.

    `customers` may lack some that orders name. Orders are in the order of their purchase, those
    of the same minute as in their file.
    """

    orders: Sequence[OrderRow]
    items: dict[str, list[ItemRow]]
    sellers: dict[str, Place]
    customers: dict[str, Place]
