"""A few random lives in the suite; `python -m tests.orders.life 500` plays any number."""

from tests.conftest import Database
from tests.orders.life.playing import play

LIVES_IN_THE_SUITE = 15


def test_whatever_happens_to_an_order_every_rule_holds(
    anyio_backend: str, shared_database: Database
) -> None:
    play(shared_database.url, lives=LIVES_IN_THE_SUITE)
