"""Play lives against a database, each in a transaction that is rolled back."""

import asyncio

from hypothesis import HealthCheck, Phase, given, settings

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from marketplace_runtime.orm import connected
from tests.orders.life import machine
from tests.orders.life.machine import LIVES, Step
from tests.orders.life.order import Life


class _Over(Exception):
    pass


def play(database_url: str, *, lives: int, is_random: bool = False) -> None:
    """The first rule that breaks raises, with the shortest life that breaks it.

    The same lives each time, or others where `is_random`.
    """

    @settings(
        max_examples=lives,
        derandomize=not is_random,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(LIVES)
    def one(life: tuple[list[Step], list[Step]]) -> None:
        begins, goes_on = life
        asyncio.run(_live(database_url, [*begins, *goes_on]))

    one()


async def _live(database_url: str, steps: list[Step]) -> None:
    life = Life()
    async with connected(database_url):
        try:
            async with transaction(SYSTEM):
                await life.begin()
                for step in steps:
                    await machine.act(life, step)
                await connection().execute("SET CONSTRAINTS ALL IMMEDIATE")
                raise _Over
        except _Over:
            pass
