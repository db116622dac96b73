from collections import Counter
from datetime import UTC, datetime

import pytest

from marketplace_runtime.replaying.bending import Bent, Kind, in_utc, times
from marketplace_runtime.replaying.rows import Ending, OrderRow
from tests.replay.histories import ITEMS, ORDERS, small_plan


def order(*, purchased: str, approved: str, handed_over: str, delivered: str) -> OrderRow:
    """Times of one day in winter, three hours behind UTC."""
    return OrderRow(
        line=7,
        id="order",
        customer_id="customer",
        ending=Ending.DELIVERED,
        purchased=_local(purchased),
        approved=_local(approved),
        handed_over=_local(handed_over),
        delivered=_local(delivered),
        estimated=_local(delivered),
    )


def _local(clock: str) -> datetime:
    return datetime.fromisoformat(f"2018-06-05 {clock}")


@pytest.mark.parametrize(
    ("said", "read_as", "kinds"),
    [
        (("10:00", "10:05", "11:00", "12:00"), ("10:00", "10:05", "11:00", "12:00"), []),
        (("10:00", "10:00", "10:00", "10:00"), ("10:00", "10:00", "10:00", "10:00"), []),
        (
            ("10:00", "11:30", "11:00", "12:00"),
            ("10:00", "11:00", "11:00", "12:00"),
            [Kind.APPROVED_LATE],
        ),
        (
            ("10:00", "10:05", "09:00", "12:00"),
            ("10:00", "10:00", "10:00", "12:00"),
            [Kind.HANDED_OVER_EARLY, Kind.APPROVED_LATE],
        ),
        (
            ("10:00", "10:05", "11:00", "10:30"),
            ("10:00", "10:05", "11:00", "11:00"),
            [Kind.DELIVERED_EARLY],
        ),
        (
            ("10:00", "09:30", "11:00", "12:00"),
            ("10:00", "10:00", "11:00", "12:00"),
            [Kind.APPROVED_EARLY],
        ),
    ],
)
def test_impossible_times_are_read_as_possible_ones(
    said: tuple[str, ...], read_as: tuple[str, ...], kinds: list[Kind]
) -> None:
    purchased, approved, handed_over, delivered = said

    read, bent = times(
        order(purchased=purchased, approved=approved, handed_over=handed_over, delivered=delivered)
    )

    moments = (read.purchased_at, read.paid_at, read.handed_over_at, read.delivered_at)
    assert moments == tuple(in_utc(_local(clock)) for clock in read_as)
    assert [row.kind for row in bent] == kinds


@pytest.mark.parametrize(
    ("local", "in_utc_"),
    [
        ("2018-06-05 10:00", "2018-06-05 13:00"),  # winter: three hours behind
        ("2018-01-05 10:00", "2018-01-05 12:00"),  # summer: two
        ("2018-02-17 22:59", "2018-02-18 00:59"),
        ("2018-02-17 23:00", "2018-02-18 01:00"),  # happened twice: the first
        ("2018-02-17 23:59", "2018-02-18 01:59"),
        ("2018-02-18 00:00", "2018-02-18 03:00"),
        ("2017-10-14 23:59", "2017-10-15 02:59"),
        ("2017-10-15 00:00", "2017-10-15 03:00"),  # skipped: the moment of the change
        ("2017-10-15 00:59", "2017-10-15 03:00"),
        ("2017-10-15 01:00", "2017-10-15 03:00"),
        ("2017-10-15 01:01", "2017-10-15 03:01"),
    ],
)
def test_local_times_are_read_in_brazil_with_its_summer_time(local: str, in_utc_: str) -> None:
    expected = datetime.fromisoformat(in_utc_).replace(tzinfo=UTC)

    assert in_utc(datetime.fromisoformat(local)) == expected


def test_every_bent_row_of_the_small_history_is_told_with_its_line() -> None:
    plan = small_plan()

    assert Counter(row.kind for row in plan.bent) == {
        Kind.APPROVED_LATE: 3,
        Kind.HANDED_OVER_EARLY: 2,
        Kind.UNKNOWN_CUSTOMER: 2,
        Kind.TIME_TWICE: 2,
        Kind.DELIVERED_EARLY: 1,
        Kind.APPROVED_EARLY: 1,
        Kind.TWO_PRICES: 1,
        Kind.TIME_NEVER: 1,
        Kind.CANCELED_AFTER_DELIVERY: 1,
    }
    early = next(row for row in plan.bent if row.kind is Kind.DELIVERED_EARLY)
    assert early == Bent(
        Kind.DELIVERED_EARLY,
        ORDERS,
        15,
        "c2d7892c0e198361dd35cf4e05c19c10",
        "2017-10-21 13:34",
        "2017-10-22 13:34",
    )
    two_prices = next(row for row in plan.bent if row.kind is Kind.TWO_PRICES)
    assert (two_prices.file, two_prices.line) == (ITEMS, 42)
