"""What a sub-order is worth to its vendor, and how that comes out of what the customer pays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from marketplace.kit.money import Money

# Of each line, in minor units: its columns, and what of them went back.
COMPONENTS = ("vendor_minor", "commission_minor", "commission_vat_minor")


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorMoney:
    """Two sums that add up.

    items - discounts + shipping (+ tax on top) = customer_pays;
    customer_pays + funding - tax_handed_on - commission - commission_vat - given_back = earns.

    `funding` is the platform's part of the discounts, `tax_handed_on` what the platform pays to
    the tax office in the vendor's place, `given_back` what refunds take away,
    less their commission.
    """

    items: Money
    vendor_discounts: Money
    platform_discounts: Money
    shipping: Money
    tax: Money
    tax_inclusive: bool
    customer_pays: Money
    funding: Money
    tax_handed_on: Money
    commission: Money
    commission_vat: Money
    given_back: Money
    earns: Money


def vendor_money(
    sub_order: Mapping[str, object], lines: Sequence[Mapping[str, object]]
) -> VendorMoney:
    """Both as rows of their tables."""
    currency = str(sub_order["currency"])

    def of(name: str) -> int:
        return _whole(sub_order, name)

    def sum_of(name: str) -> int:
        return sum(_whole(line, name) for line in lines)

    went_back = {name: sum(_went_back(line, name) for line in lines) for name in COMPONENTS}
    shipping_back = of("shipping_vendor_minor") if of("shipping_refunded_minor") else 0
    commission, vat = sum_of("commission_minor"), sum_of("commission_vat_minor")
    given_back = (
        went_back["vendor_minor"]
        + shipping_back
        - went_back["commission_minor"]
        - went_back["commission_vat_minor"]
    )
    entitled = sum_of("vendor_minor") + of("shipping_vendor_minor")
    return VendorMoney(
        items=Money(sum_of("items_minor"), currency),
        vendor_discounts=Money(sum_of("discount_vendor_minor"), currency),
        platform_discounts=Money(sum_of("discount_platform_minor"), currency),
        shipping=Money(of("shipping_minor"), currency),
        tax=Money(of("tax_minor"), currency),
        tax_inclusive=bool(sub_order["tax_inclusive"]),
        customer_pays=Money(of("total_minor"), currency),
        funding=Money(sum_of("funding_minor"), currency),
        tax_handed_on=Money(
            of("tax_minor") if sub_order["tax_liable"] == "platform" else 0, currency
        ),
        commission=Money(commission, currency),
        commission_vat=Money(vat, currency),
        given_back=Money(given_back, currency),
        earns=Money(entitled - commission - vat - given_back, currency),
    )


def _went_back(line: Mapping[str, object], name: str) -> int:
    """The sum of its refunds."""
    return _whole(line, f"refunded_{name}")


def _whole(row: Mapping[str, object], name: str) -> int:
    value = row[name]
    assert isinstance(value, int), name
    return value
