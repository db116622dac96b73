from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from marketplace.kit.ids import new_id

moments = st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(moments)
def test_an_id_tells_its_millisecond(now: datetime) -> None:
    minted = new_id(now)

    assert minted.version == 7
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    assert minted.int >> 80 == (now - epoch) // timedelta(milliseconds=1)


@given(moments, st.integers(min_value=1, max_value=10**9))
def test_later_ids_sort_after_earlier_ones(now: datetime, microseconds: int) -> None:
    assert new_id(now) != new_id(now)
    assert new_id(now) < new_id(now + timedelta(microseconds=microseconds)) or microseconds < 2
