"""Prices are pure, so they are proved over many baskets; the worked figures are to the cent."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.pricing.errors import NoTaxRate
from marketplace.pricing.quoting import (
    CommissionTerms,
    DiscountTerms,
    Item,
    PricedLine,
    Quote,
    Terms,
    quote,
)
from marketplace.pricing.shipping import Sending

ANNA, BEN, CEM = UUID(int=1), UUID(int=2), UUID(int=3)
RULE = UUID(int=99)


def item(
    vendor: UUID, price: int, *, quantity: int = 1, offer: int = 1, tax: str = "standard",
    commission: int = 150_000, vat: int = 0,
) -> Item:  # fmt: skip
    return Item(
        offer_id=UUID(int=vendor.int * 1000 + offer),
        vendor_id=vendor,
        sku=f"sku-{offer}",
        name="A thing",
        tax_category=tax,
        unit_price_minor=price,
        quantity=quantity,
        commission=CommissionTerms(RULE, commission, vat),
    )


def terms(
    *, inclusive: bool = False, rate: int = 80_000, liable: str = "platform",
    shipping: dict[UUID, int] | None = None, discount: DiscountTerms | None = None,
) -> Terms:  # fmt: skip
    return Terms(
        currency="USD",
        country="US",
        prices_include_tax=inclusive,
        tax_ppm={"standard": rate, "reduced": rate // 2},
        tax_liable=liable,
        sending={
            vendor: Sending("standard", minor)
            for vendor, minor in (shipping or {ANNA: 0, BEN: 0, CEM: 0}).items()
        },
        discount=discount,
    )


def lines(priced: Quote) -> list[PricedLine]:
    return [line for parcel in priced.parcels for line in parcel.lines]


def test_a_platforms_coupon_is_split_over_the_lines_and_made_up_to_the_vendors() -> None:
    priced = quote(
        [item(ANNA, 55_00), item(BEN, 40_00, commission=100_000, vat=200_000)],
        terms(shipping={ANNA: 6_00, BEN: 4_00}, discount=DiscountTerms(10_00, None)),
    )

    anna, ben = lines(priced)
    assert (anna.discount_platform_minor, ben.discount_platform_minor) == (5_79, 4_21)
    assert (anna.funding_minor, ben.funding_minor) == (5_79, 4_21)
    assert (anna.vendor_minor, ben.vendor_minor) == (55_00, 40_00)
    assert (anna.commission_minor, anna.commission_vat_minor) == (8_25, 0)
    assert (ben.commission_minor, ben.commission_vat_minor) == (4_00, 80)
    assert priced.tax_minor == 7_60
    assert priced.total_minor == 102_60


def test_a_vendors_coupon_lowers_that_vendors_lines_only_and_nobody_makes_it_up() -> None:
    priced = quote([item(ANNA, 60_00), item(BEN, 40_00)], terms(discount=DiscountTerms(5_00, ANNA)))

    anna, ben = lines(priced)
    assert (anna.discount_vendor_minor, ben.discount_minor) == (5_00, 0)
    assert (anna.vendor_minor, anna.funding_minor) == (55_00, 0)
    assert anna.commission_minor == 8_25


def test_a_coupon_is_worth_no_more_than_the_items() -> None:
    priced = quote([item(ANNA, 3_00)], terms(discount=DiscountTerms(10_00, None)))

    assert priced.discount_minor == 3_00
    assert priced.total_minor == 0


def test_included_tax_is_taken_out_of_the_price() -> None:
    priced = quote([item(ANNA, 119_00)], terms(inclusive=True, rate=190_000))

    [line] = lines(priced)
    assert (line.net_minor, line.tax_minor, line.gross_minor) == (100_00, 19_00, 119_00)
    assert line.vendor_minor == 100_00


def test_with_tax_included_the_platform_makes_up_the_net_of_its_coupon() -> None:
    priced = quote(
        [item(ANNA, 119_00)],
        terms(inclusive=True, rate=190_000, discount=DiscountTerms(11_90, None)),
    )

    [line] = lines(priced)
    assert (line.gross_minor, line.tax_minor) == (107_10, 17_10)
    assert (line.vendor_minor, line.funding_minor) == (100_00, 10_00)


def test_a_vendor_that_owes_the_tax_gets_it() -> None:
    priced = quote([item(ANNA, 100_00)], terms(liable="vendor", shipping={ANNA: 10_00}))

    assert lines(priced)[0].vendor_minor == 108_00
    assert priced.parcels[0].shipping_vendor_minor == 10_80


def test_a_category_without_a_rate_is_refused() -> None:
    with pytest.raises(NoTaxRate, match="No luxury tax rate is on file for US"):
        quote([item(ANNA, 1_00, tax="luxury")], terms())


baskets = st.lists(
    st.builds(
        item,
        st.sampled_from([ANNA, BEN, CEM]),
        st.integers(min_value=1, max_value=10**7),
        quantity=st.integers(min_value=1, max_value=50),
        offer=st.integers(min_value=1, max_value=999),
        tax=st.sampled_from(["standard", "reduced"]),
        commission=st.integers(min_value=0, max_value=400_000),
        vat=st.integers(min_value=0, max_value=250_000),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda built: built.offer_id,
)
any_terms = st.builds(
    terms,
    inclusive=st.booleans(),
    rate=st.integers(min_value=0, max_value=300_000),
    liable=st.sampled_from(["platform", "vendor"]),
    shipping=st.fixed_dictionaries(
        {vendor: st.integers(min_value=0, max_value=10**5) for vendor in (ANNA, BEN, CEM)}
    ),
    discount=st.none()
    | st.builds(
        DiscountTerms,
        st.integers(min_value=1, max_value=10**6),
        st.sampled_from([None, ANNA, BEN]),
    ),
)


@given(baskets, any_terms)
def test_every_quote_adds_up(basket: list[Item], given_terms: Terms) -> None:
    priced = quote(basket, given_terms)

    shown = priced.items_minor - priced.discount_minor + priced.shipping_minor
    added = 0 if given_terms.prices_include_tax else priced.tax_minor
    assert priced.total_minor == shown + added
    platform_owes = given_terms.tax_liable == "platform"
    for line in lines(priced):
        owed = line.tax_minor if platform_owes else 0
        assert line.gross_minor + line.funding_minor == line.vendor_minor + owed
        assert min(line.net_minor, line.tax_minor, line.funding_minor, line.vendor_minor) >= 0
        assert line.commission_minor <= line.net_minor + line.funding_minor
    for parcel in priced.parcels:
        owed = parcel.shipping_tax_minor if platform_owes else 0
        assert parcel.shipping_gross_minor == parcel.shipping_vendor_minor + owed


@given(baskets, any_terms, st.randoms())
def test_the_order_of_the_items_changes_nothing(
    basket: list[Item], given_terms: Terms, chance: st.DataObject
) -> None:
    shuffled = list(basket)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]

    assert quote(shuffled, given_terms) == quote(basket, given_terms)
