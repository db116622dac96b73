from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.kit.money import Money, at_rate, included_at_rate, share_done, split

amounts = st.integers(min_value=-(10**12), max_value=10**12)
weights = st.lists(st.integers(min_value=0, max_value=10**6), min_size=1, max_size=40)


@given(amounts, weights)
def test_the_parts_add_up_to_the_whole_and_are_within_one_unit(
    minor: int, weights: list[int]
) -> None:
    parts = split(minor, weights)

    assert sum(parts) == minor
    total = sum(weights) or len(weights)
    shares = weights if sum(weights) else [1] * len(weights)
    assert all(
        abs(part * total - minor * weight) < total
        for part, weight in zip(parts, shares, strict=True)
    )


@pytest.mark.parametrize(
    ("minor", "shares", "parts"),
    [
        (100, [1, 2], [33, 67]),
        (10_00, [55_00, 40_00], [5_79, 4_21]),
        (1, [1, 1, 1], [1, 0, 0]),
        (-100, [1, 2], [-33, -67]),
        (7, [0, 0], [4, 3]),
        (99, [1] * 5, [20, 20, 20, 20, 19]),
    ],
)
def test_left_over_units_go_to_the_largest_fractions(
    minor: int, shares: list[int], parts: list[int]
) -> None:
    assert split(minor, shares) == parts


@given(amounts, st.lists(st.integers(min_value=1, max_value=50), min_size=1, max_size=12))
def test_any_slicing_of_the_whole_gives_back_exactly_everything(
    minor: int, slices: list[int]
) -> None:
    total, done, given_back = sum(slices), 0, 0
    for units in slices:
        before = share_done(minor, done, total)
        done += units
        given_back += share_done(minor, done, total) - before

    assert given_back == minor


@pytest.mark.parametrize(
    ("minor", "ppm", "expected"),
    [
        (55_00, 150_000, 8_25),
        (1_25, 500_000, 63),
        (-1_25, 500_000, -63),
        (1, 1, 0),
        (0, 190_000, 0),
    ],
)
def test_a_rate_rounds_half_up(minor: int, ppm: int, expected: int) -> None:
    assert at_rate(minor, ppm) == expected


@given(st.integers(min_value=0, max_value=10**10), st.integers(min_value=0, max_value=10**6))
def test_the_included_tax_is_the_tax_of_what_remains(gross: int, ppm: int) -> None:
    tax = included_at_rate(gross, ppm)

    assert abs(tax - at_rate(gross - tax, ppm)) <= 1


@pytest.mark.parametrize(
    ("money", "amount"),
    [
        (Money(12_34, "EUR"), "12.34"),
        (Money(1234, "JPY"), "1234"),
        (Money(1_234, "KWD"), "1.234"),
        (Money(-5, "USD"), "-0.05"),
    ],
)
def test_an_amount_has_its_currencys_digits(money: Money, amount: str) -> None:
    assert money.amount == Decimal(amount)
    assert str(money) == f"{amount} {money.currency}"


def test_currencies_do_not_mix() -> None:
    with pytest.raises(AssertionError):
        Money(1, "EUR") + Money(1, "USD")
