"""What a basket costs, and who gets which part of it. Pure: it computes, it does not read.

Every amount is in minor units and exact: the parts of a quote add up to the whole, and an order
stores them as they are, never to be computed again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from uuid import UUID

from marketplace.kit.money import at_rate, included_at_rate, split
from marketplace.pricing.errors import NoTaxRate
from marketplace.pricing.shipping import Sending

SHIPPING_TAX_CATEGORY = "standard"


@dataclass(frozen=True, slots=True)
class Item:
    """Quantity of one offer, as the catalogue shows it now."""

    offer_id: UUID
    vendor_id: UUID
    sku: str
    name: str
    tax_category: str
    unit_price_minor: int
    quantity: int
    commission: "CommissionTerms"


@dataclass(frozen=True, slots=True)
class CommissionTerms:
    rule_id: UUID
    rate_ppm: int
    vat_ppm: int


@dataclass(frozen=True, slots=True)
class DiscountTerms:
    """`vendor_id` is who funds it, on its own lines; None is the platform, on all."""

    amount_minor: int
    vendor_id: UUID | None


@dataclass(frozen=True, slots=True)
class Terms:
    """Everything a basket's price depends on beside the items themselves.

    `tax_ppm` is by tax category; `tax_liable` says who owes the tax: the platform or the vendor.
    """

    currency: str
    country: str
    prices_include_tax: bool
    tax_ppm: Mapping[str, int]
    tax_liable: str
    sending: Mapping[UUID, Sending]
    discount: DiscountTerms | None


@dataclass(frozen=True, slots=True)
class PricedLine:
    item: Item
    items_minor: int
    discount_platform_minor: int
    discount_vendor_minor: int
    net_minor: int
    tax_minor: int
    tax_ppm: int
    funding_minor: int
    vendor_minor: int
    commission_minor: int
    commission_vat_minor: int

    @property
    def gross_minor(self) -> int:
        return self.net_minor + self.tax_minor

    @property
    def discount_minor(self) -> int:
        return self.discount_platform_minor + self.discount_vendor_minor


@dataclass(frozen=True)  # without slots, so that its sums are kept
class PricedParcel:
    """One vendor's part: its lines, and what sending them costs."""

    vendor_id: UUID
    lines: tuple[PricedLine, ...]
    sending: Sending
    shipping_net_minor: int
    shipping_tax_minor: int
    shipping_tax_ppm: int
    shipping_vendor_minor: int

    @property
    def shipping_minor(self) -> int:
        return self.sending.minor

    @property
    def shipping_gross_minor(self) -> int:
        return self.shipping_net_minor + self.shipping_tax_minor

    @cached_property
    def items_minor(self) -> int:
        return sum(line.items_minor for line in self.lines)

    @cached_property
    def discount_minor(self) -> int:
        return sum(line.discount_minor for line in self.lines)

    @cached_property
    def tax_minor(self) -> int:
        return sum(line.tax_minor for line in self.lines) + self.shipping_tax_minor

    @cached_property
    def total_minor(self) -> int:
        return sum(line.gross_minor for line in self.lines) + self.shipping_gross_minor


@dataclass(frozen=True)  # as above
class Quote:
    currency: str
    country: str
    prices_include_tax: bool
    tax_liable: str
    parcels: tuple[PricedParcel, ...]

    @cached_property
    def items_minor(self) -> int:
        return sum(parcel.items_minor for parcel in self.parcels)

    @cached_property
    def discount_minor(self) -> int:
        return sum(parcel.discount_minor for parcel in self.parcels)

    @cached_property
    def shipping_minor(self) -> int:
        return sum(parcel.shipping_minor for parcel in self.parcels)

    @cached_property
    def tax_minor(self) -> int:
        return sum(parcel.tax_minor for parcel in self.parcels)

    @cached_property
    def total_minor(self) -> int:
        return sum(parcel.total_minor for parcel in self.parcels)


def quote(items: Sequence[Item], terms: Terms) -> Quote:
    """Price a basket; its parcels come in the order of their vendors' ids.

    Refuses a tax category without a rate (NoTaxRate).
    """
    assert items, "an empty basket has no price"
    ordered = sorted(items, key=lambda item: (item.vendor_id, item.offer_id))
    discounts = _discounts(ordered, terms.discount)
    priced = [
        _line(item, discount, terms) for item, discount in zip(ordered, discounts, strict=True)
    ]
    parcels = [
        _parcel(vendor_id, lines, terms)
        for vendor_id, lines in groupby(priced, key=lambda line: line.item.vendor_id)
    ]
    return Quote(
        currency=terms.currency,
        country=terms.country,
        prices_include_tax=terms.prices_include_tax,
        tax_liable=terms.tax_liable,
        parcels=tuple(parcels),
    )


def _discounts(items: Sequence[Item], discount: DiscountTerms | None) -> list[int]:
    if discount is None:
        return [0] * len(items)
    weights = [
        item.unit_price_minor * item.quantity if discount.vendor_id in (None, item.vendor_id) else 0
        for item in items
    ]
    if sum(weights) == 0:
        return [0] * len(items)
    return split(min(discount.amount_minor, sum(weights)), weights)


def _line(item: Item, discount_minor: int, terms: Terms) -> PricedLine:
    tax_ppm = _tax_ppm(item.tax_category, terms)
    by_vendor = terms.discount is not None and terms.discount.vendor_id is not None
    items_minor = item.unit_price_minor * item.quantity
    net, tax_minor = _net_and_tax(items_minor - discount_minor, tax_ppm, terms)
    # What the vendor would have had without the platform's discount: the platform makes it up.
    unfunded = items_minor - (discount_minor if by_vendor else 0)
    entitled_net, _ = _net_and_tax(unfunded, tax_ppm, terms)
    funding = entitled_net - net
    commission = at_rate(entitled_net, item.commission.rate_ppm)
    return PricedLine(
        item=item,
        items_minor=items_minor,
        discount_platform_minor=0 if by_vendor else discount_minor,
        discount_vendor_minor=discount_minor if by_vendor else 0,
        net_minor=net,
        tax_minor=tax_minor,
        tax_ppm=tax_ppm,
        funding_minor=funding,
        vendor_minor=entitled_net + (tax_minor if terms.tax_liable == "vendor" else 0),
        commission_minor=commission,
        commission_vat_minor=at_rate(commission, item.commission.vat_ppm),
    )


def _parcel(vendor_id: UUID, lines: Iterable[PricedLine], terms: Terms) -> PricedParcel:
    tax_ppm = _tax_ppm(SHIPPING_TAX_CATEGORY, terms)
    sending = terms.sending[vendor_id]
    net, tax_minor = _net_and_tax(sending.minor, tax_ppm, terms)
    return PricedParcel(
        vendor_id=vendor_id,
        lines=tuple(lines),
        sending=sending,
        shipping_net_minor=net,
        shipping_tax_minor=tax_minor,
        shipping_tax_ppm=tax_ppm,
        shipping_vendor_minor=net + (tax_minor if terms.tax_liable == "vendor" else 0),
    )


def _net_and_tax(shown_minor: int, tax_ppm: int, terms: Terms) -> tuple[int, int]:
    if terms.prices_include_tax:
        included = included_at_rate(shown_minor, tax_ppm)
        return shown_minor - included, included
    return shown_minor, at_rate(shown_minor, tax_ppm)


def _tax_ppm(category: str, terms: Terms) -> int:
    try:
        return terms.tax_ppm[category]
    except KeyError:
        raise NoTaxRate(tax_category=category, country=terms.country) from None
