"""A question about a substitute, and what happens to its line meanwhile."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import product

import pytest

from marketplace.kit.errors import DomainError
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.orders import answering
from marketplace.orders.states import SubOrderState
from marketplace.orders.substitution_models import (
    SUBSTITUTION,
    Substitution,
    SubstitutionMove,
    SubstitutionState,
)
from marketplace.payments.models import PaymentAllocation, Refund
from tests.factories import NOON, make_offer, parts_of
from tests.inventory.shelves import violations
from tests.orders.calling_off import call_off, customer
from tests.orders.living import STAFF
from tests.orders.test_running_short import count, hear
from tests.orders.test_substituting import DUE, answer, propose, sold, withdraw
from tests.settlement.test_journeys import hear_all

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]


async def test_a_shortage_waits_for_the_answer_and_no_longer() -> None:
    part, mine, other = await sold()
    theirs = await make_offer(like=mine)
    asked = await propose(part, other)
    await count(mine.id, to=1)
    await hear()
    [waiting] = await parts_of(part.order_id)

    await withdraw(asked, by=part.vendor_id)
    await hear()

    kept, second = await parts_of(part.order_id)
    assert waiting.lines[0].live == 2
    assert (kept.lines[0].live, second.vendor_id, second.lines[0].live) == (1, theirs.vendor_id, 1)
    assert await Refund.all().count() == 0
    await hear_all()
    assert await violations() == []


async def test_nobody_is_asked_about_what_is_off_the_order() -> None:
    part, _, other = await sold()
    await propose(part, other)

    async def asked() -> int:
        found = await answering.questions(
            principal=customer(part), order_id=part.order_id, now=NOON
        )
        return len(found)

    before = await asked()
    await call_off(part, STAFF)

    assert (before, await asked()) == (1, 0)
    assert (await parts_of(part.order_id))[0].state is SubOrderState.CANCELLED


async def test_a_question_that_cannot_be_ended_holds_up_no_other() -> None:
    stuck, _, other = await sold()
    next_in_line, _, another = await sold()
    asked = [await propose(stuck, other), await propose(next_in_line, another)]
    # Whatever is wrong with it: here, money to give back that never came.
    await PaymentAllocation.filter(sub_order_id=stuck.id).update(captured_minor=0)

    assert await answering.expire_due(now=DUE) == 1

    states = [(await Substitution.get(id=one.id)).state for one in asked]
    assert states == [SubstitutionState.PROPOSED, SubstitutionState.EXPIRED]


async def test_what_has_ended_does_not_end_otherwise() -> None:
    """Every move of the table through its door, and every other one refused or without effect."""
    part, _, other = await sold()
    asked = await propose(part, other)
    doors: dict[SubstitutionMove, Callable[[], Awaitable[object]]] = {
        SubstitutionMove.ACCEPT: lambda: answer(asked, accept=True),
        SubstitutionMove.DECLINE: lambda: answer(asked, accept=False),
        SubstitutionMove.EXPIRE: lambda: answering.expire_due(now=DUE),
        SubstitutionMove.WITHDRAW: lambda: withdraw(asked, by=part.vendor_id),
    }
    for first, second in product(doors, doors):
        with suppress(_Undone):
            async with transaction(SYSTEM):
                await doors[first]()
                ended = (await Substitution.get(id=asked.id)).state
                with suppress(DomainError):
                    await doors[second]()
                assert ended == SUBSTITUTION.after(SUBSTITUTION.start, first)
                assert (await Substitution.get(id=asked.id)).state is ended, (first, second)
                raise _Undone


class _Undone(Exception):
    pass
