"""Units and amounts in any mixture: never more than there is, and all of it is exactly all."""

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.orders import giving_back
from marketplace.orders.giving_back import COMPONENTS, Share
from marketplace.orders.models import OrderLine

MONEY = st.integers(min_value=0, max_value=10**7)


@dataclass(frozen=True)
class Asked:
    """Units where it is whole, else this many thousandths of what is left of the gross."""

    units: bool
    part: int


@st.composite
def lines(draw: st.DrawFn) -> OrderLine:
    gross = draw(MONEY)
    return OrderLine(
        quantity=draw(st.integers(min_value=1, max_value=12)), refunded=0, gross_minor=gross,
        tax_minor=draw(st.integers(min_value=0, max_value=gross)), funding_minor=draw(MONEY),
        commission_minor=draw(MONEY), commission_vat_minor=draw(MONEY),
        **dict.fromkeys(giving_back.COUNTERS, 0),
    )  # fmt: skip


MIXTURES = st.lists(
    st.builds(Asked, units=st.booleans(), part=st.integers(min_value=0, max_value=1000)),
    max_size=12,
)


def count(line: OrderLine, share: Share, units: int) -> None:
    line.refunded += units
    line.refunded_minor += share.gross
    line.refunded_by_amount_minor += 0 if units else share.gross
    for name in COMPONENTS[1:]:
        column = f"refunded_{name}_minor"
        setattr(line, column, getattr(line, column) + getattr(share, name))


def take(line: OrderLine, asked: Asked) -> Share | None:
    units_left, left = line.quantity - line.refunded, line.gross_minor - line.refunded_minor
    units = units_left * asked.part // 1000 if asked.units else 0
    amount = 0 if asked.units else left * asked.part // 1000
    if units:
        share = giving_back.of_units(line, units)
    elif amount:
        share = giving_back.of_amount(line, amount)
        assert share.gross == amount
    else:
        return None
    count(line, share, units)
    return share


def back(line: OrderLine) -> list[int]:
    return [line.refunded_minor, *(getattr(line, f"refunded_{name}_minor") for name in
        COMPONENTS[1:])]  # fmt: skip


def whole(line: OrderLine) -> list[int]:
    return [getattr(line, f"{name}_minor") for name in COMPONENTS]


@given(line=lines(), mixture=MIXTURES, ends_in_units=st.booleans())
@settings(max_examples=300, deadline=None)
def test_any_mixture_returns_exactly_everything_and_nothing_falls_below_zero(
    line: OrderLine, mixture: list[Asked], ends_in_units: bool
) -> None:
    for asked in [*mixture, Asked(ends_in_units, 1000), Asked(True, 1000)]:
        share = take(line, asked)

        if share is not None:
            assert min(getattr(share, name) for name in COMPONENTS) >= 0
            # Each is rounded by itself: units of less than a cent may bring the tax's cent first.
            assert share.tax <= share.gross + 1
        assert all(given <= there for given, there in zip(back(line), whole(line), strict=True))

    assert back(line) == whole(line)


@given(line=lines(), amounts=st.lists(st.integers(min_value=1, max_value=999), max_size=8))
@settings(max_examples=150, deadline=None)
def test_the_last_cent_asked_for_as_an_amount_takes_everything_with_it(
    line: OrderLine, amounts: list[int]
) -> None:
    for part in [*amounts, 1000]:
        take(line, Asked(False, part))

    assert back(line) == whole(line) or line.gross_minor == 0


def test_an_amount_takes_its_part_of_each_component_half_up() -> None:
    line = OrderLine(
        quantity=3, refunded=0, gross_minor=5315, tax_minor=394, funding_minor=579,
        commission_minor=825, commission_vat_minor=0, **dict.fromkeys(giving_back.COUNTERS, 0),
    )  # fmt: skip

    share = giving_back.of_amount(line, 2160)

    assert share == Share(gross=2160, tax=160, funding=235, commission=335, commission_vat=0)


def test_units_after_an_amount_take_from_what_is_left_by_the_units_left() -> None:
    line = OrderLine(
        quantity=3, refunded=1, gross_minor=9_00, tax_minor=90, funding_minor=0,
        commission_minor=90, commission_vat_minor=9,
        **dict.fromkeys(giving_back.COUNTERS, 0)
        | {"refunded_minor": 4_01, "refunded_by_amount_minor": 1_01, "refunded_tax_minor": 40,
           "refunded_commission_minor": 40, "refunded_commission_vat_minor": 4},
    )  # fmt: skip

    share = giving_back.of_units(line, 1)

    assert share == Share(gross=2_50, tax=25, funding=0, commission=25, commission_vat=3)
