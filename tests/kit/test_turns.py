import asyncio

import pytest

from marketplace.kit.turns import Shared, Turns

pytestmark = pytest.mark.anyio


async def test_so_many_at_once_and_who_came_first_goes_first() -> None:
    turns = Turns(at_once=2, wait_seconds=5)
    running, most, order = 0, 0, []

    async def work(number: int) -> None:
        nonlocal running, most
        async with turns.taken():
            running += 1
            most = max(most, running)
            order.append(number)
            await asyncio.sleep(0)
            running -= 1

    await asyncio.gather(*(work(number) for number in range(7)))

    assert most == 2
    assert order == sorted(order)


async def test_who_waits_too_long_is_refused_and_takes_nobodys_turn() -> None:
    turns = Turns(at_once=1, wait_seconds=0.001)
    async with turns.taken():
        with pytest.raises(TimeoutError):
            async with turns.taken():
                pass

    async with turns.taken():
        pass


async def test_a_turn_comes_back_from_who_failed() -> None:
    turns = Turns(at_once=1, wait_seconds=0.001)
    with pytest.raises(ZeroDivisionError):
        async with turns.taken():
            _ = 1 // 0

    async with turns.taken():
        pass


async def test_all_who_ask_while_somebody_is_answered_share_the_next_answer() -> None:
    world, asked = 0, 0

    async def look() -> int:
        nonlocal asked
        asked += 1
        seen = world
        await asyncio.sleep(0.001)
        return seen

    shared = Shared(look)
    first = asyncio.create_task(shared.answer())
    await asyncio.sleep(0)
    world = 1
    later = [asyncio.create_task(shared.answer()) for _ in range(5)]

    # An answer that was on its way before the world changed is only for who asked before.
    assert await first == 0
    assert await asyncio.gather(*later) == [1] * 5
    assert asked == 2


async def test_a_failure_is_shared_and_the_next_question_is_put_again() -> None:
    asked = 0

    async def look() -> int:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0)
        if asked <= 2:
            raise ConnectionError
        return 7

    shared = Shared(look)
    found = await asyncio.gather(*(shared.answer() for _ in range(5)), return_exceptions=True)

    assert [type(each) for each in found] == [ConnectionError] * 5
    assert asked == 2
    assert await shared.answer() == 7
