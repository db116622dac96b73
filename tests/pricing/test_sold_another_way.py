"""The same goods sold another way: in two orders, or in a currency with other decimals."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from marketplace.kit.money import split
from marketplace.pricing.quoting import DiscountTerms, Item, PricedLine, Terms, quote
from tests.pricing.test_quoting import any_terms, baskets, lines

FILS = 1_000  # of a currency with three decimals in one unit of a currency without


def by_offer(basket: list[Item], given_terms: Terms) -> dict[Item, PricedLine]:
    return {line.item: line for line in lines(quote(basket, given_terms))}


@given(baskets, any_terms, st.data())
def test_two_orders_give_each_vendor_what_one_gives(
    basket: list[Item], given_terms: Terms, data: st.DataObject
) -> None:
    """To the cent without a discount; shared twice, a line's share moves by two units at most."""
    cut = data.draw(st.integers(min_value=0, max_value=len(basket)))
    halves = [half for half in (basket[:cut], basket[cut:]) if half]
    shared = _shared(halves, given_terms.discount)

    whole = by_offer(basket, given_terms)
    parts: dict[Item, PricedLine] = {}
    for half, discount in zip(halves, shared, strict=True):
        parts |= by_offer(half, replace(given_terms, discount=discount))

    for item, line in whole.items():
        moved = abs(line.discount_minor - parts[item].discount_minor)
        assert moved <= (0 if given_terms.discount is None else 2)
        if moved == 0:
            assert parts[item] == line


@given(baskets, any_terms)
def test_a_thousand_times_the_price_is_a_thousand_times_the_money(
    basket: list[Item], given_terms: Terms
) -> None:
    """But for what rounding hides in the coarser currency: less than one unit of an amount."""
    coarse = replace(given_terms, discount=None)
    fine = replace(
        coarse,
        sending={
            vendor: replace(sending, minor=sending.minor * FILS)
            for vendor, sending in coarse.sending.items()
        },
    )
    scaled = [replace(one, unit_price_minor=one.unit_price_minor * FILS) for one in basket]

    few, many = quote(basket, coarse), quote(scaled, fine)

    assert many.items_minor == few.items_minor * FILS
    for one, other in zip(lines(few), lines(many), strict=True):
        for name in ("net_minor", "tax_minor", "vendor_minor", "commission_minor"):
            assert abs(getattr(other, name) - getattr(one, name) * FILS) < FILS, name


def _shared(halves: list[list[Item]], discount: DiscountTerms | None) -> list[DiscountTerms | None]:
    """One discount over two orders, as it would be over their lines."""
    if discount is None:
        return [None] * len(halves)
    weights = [
        sum(
            one.unit_price_minor * one.quantity
            for one in half
            if discount.vendor_id in (None, one.vendor_id)
        )
        for half in halves
    ]
    if sum(weights) == 0:
        return [discount] * len(halves)
    amounts = split(min(discount.amount_minor, sum(weights)), weights)
    return [replace(discount, amount_minor=amount) if amount else None for amount in amounts]
