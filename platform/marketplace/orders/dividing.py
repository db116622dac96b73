"""What a line's units take with them when another vendor sends them. Pure, exact to the minor unit.

The customer's part (price, discount, tax) is divided by cumulative shares (docs/decisions/0003) and
stays what it was in sum. The new vendor's part is what it asks itself: what that is more than the
customer paid is funded, what it is less is kept.
"""

from dataclasses import dataclass

from marketplace.kit.money import at_rate, included_at_rate, share_done
from marketplace.orders.models import OrderLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """Minor units of a line, under its columns' names without `_minor`."""

    items: int
    discount_platform: int
    discount_vendor: int
    net: int
    tax: int
    gross: int
    funding: int
    vendor: int
    commission: int
    commission_vat: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What the next vendor wants for a unit, as its offer shows it, and its commission's terms."""

    unit_price_minor: int
    commission_ppm: int
    commission_vat_ppm: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Taxes:
    """How the sub-order was taxed; `by_vendor` where the vendor owes it and not the platform."""

    inclusive: bool
    by_vendor: bool


def keep(line: OrderLine, units: int, taxes: Taxes, *, commission_vat_ppm: int) -> Amounts:
    """What is left of a line when `units` of it stay. Nothing of it was refunded before."""
    assert 0 <= units <= line.quantity, (line.id, units)
    assert not line.refunded, line.id
    assert not line.refunded_minor, line.id

    gross, tax, funding = (
        share_done(minor, units, line.quantity)
        for minor in (line.gross_minor, line.tax_minor, line.funding_minor)
    )
    items = line.unit_price_minor * units
    discount = items - (gross if taxes.inclusive else gross - tax)
    by_vendor = line.discount_vendor_minor > 0
    commission = at_rate(gross - tax + funding, line.commission_ppm)
    return Amounts(
        items=items,
        discount_platform=0 if by_vendor else discount,
        discount_vendor=discount if by_vendor else 0,
        net=gross - tax,
        tax=tax,
        gross=gross,
        funding=funding,
        vendor=gross + funding - (0 if taxes.by_vendor else tax),
        commission=commission,
        commission_vat=at_rate(commission, commission_vat_ppm),
    )


def replace(line: OrderLine, kept: Amounts, taxes: Taxes, ask: Ask) -> Amounts:
    """The line that stands for the units that did not stay: the customer's rest, the new ask."""
    units = line.quantity - kept.items // line.unit_price_minor
    gross, tax = line.gross_minor - kept.gross, line.tax_minor - kept.tax
    entitled = net_of(ask.unit_price_minor * units, line.tax_ppm, inclusive=taxes.inclusive)
    commission = at_rate(entitled, ask.commission_ppm)
    return Amounts(
        items=line.items_minor - kept.items,
        discount_platform=line.discount_platform_minor - kept.discount_platform,
        discount_vendor=line.discount_vendor_minor - kept.discount_vendor,
        net=gross - tax,
        tax=tax,
        gross=gross,
        funding=entitled - (gross - tax),
        vendor=entitled + (tax if taxes.by_vendor else 0),
        commission=commission,
        commission_vat=at_rate(commission, ask.commission_vat_ppm),
    )


def net_of(shown_minor: int, tax_ppm: int, *, inclusive: bool) -> int:
    """Without the tax, of an amount as the channel shows it."""
    return shown_minor - included_at_rate(shown_minor, tax_ppm) if inclusive else shown_minor
