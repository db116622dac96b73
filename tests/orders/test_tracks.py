"""What carriers' news mean, whatever order they come in; and who moves a parcel where."""

import itertools
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.carriers import simulated
from marketplace.carriers.simulated import Fate
from marketplace.kit.errors import IllegalMove
from marketplace.orders.states import SHIPMENT, ShipmentMove, ShipmentState
from marketplace.orders.tracks import Scan, TrackingStatus, moves, stage
from tests.factories import NOON

HOUR = timedelta(hours=1)

SCANS = st.builds(
    Scan,
    st.sampled_from(TrackingStatus),
    st.integers(0, 30).map(lambda hours: NOON + hours * HOUR),
)


@given(st.lists(SCANS, max_size=6), st.randoms())
def test_in_whatever_order_news_come_they_say_the_same(scans: list[Scan], random: Random) -> None:
    shuffled = list(scans)
    random.shuffle(shuffled)

    assert stage(scans) == stage(shuffled)
    told = stage(scans)
    state = ShipmentState.HANDED_OVER
    for step in moves(state, told) if told else ():
        state = SHIPMENT.after(state, step)
    assert told is None or state.value == told.value


def test_every_fate_is_somebodys_and_ends() -> None:
    numbers = [f"SP{number:012}" for number in range(100)]
    ends = {
        simulated.fate_of(number): simulated.news_of(
            number, handed_over_at=NOON, until=NOON + timedelta(days=30)
        )[-1].status
        for number in numbers
    }

    assert ends == {
        Fate.ARRIVES: "delivered", Fate.TROUBLED: "delivered", Fate.LOST: "lost",
        Fate.COMES_BACK: "returned_to_sender",
    }  # fmt: skip


@pytest.mark.parametrize(("state", "move"), list(itertools.product(ShipmentState, ShipmentMove)))
def test_a_parcels_move_is_listed_or_refused(state: ShipmentState, move: ShipmentMove) -> None:
    if move in SHIPMENT.allows(state):
        assert SHIPMENT.after(state, move) in ShipmentState
    else:
        with pytest.raises(IllegalMove):
            SHIPMENT.after(state, move)
