import copy

import pytest

from marketplace.kit.errors import IllegalMove
from marketplace.orders.states import SUB_ORDER, SubOrderMove, SubOrderState
from marketplace.orders.status import (
    OrderStatus,
    Part,
    PaymentStatus,
    order_status,
    payment_status,
)

S = SubOrderState


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("move", SubOrderMove)
def test_every_move_is_listed_or_refused(state: S, move: SubOrderMove) -> None:
    if move in SUB_ORDER.allows(state):
        assert SUB_ORDER.after(state, move) in S
    else:
        with pytest.raises(IllegalMove):
            SUB_ORDER.after(state, move)


def test_a_refused_move_reads_as_a_sentence() -> None:
    error = IllegalMove(thing="sub-order", state=S.AWAITING_ACCEPTANCE, move=SubOrderMove.DELIVER)

    assert str(error) == "A sub-order that is awaiting acceptance cannot deliver."
    assert str(copy.copy(error)) == str(error)


def part(state: S, live: int = 2, shipped: int = 0, delivered: int = 0) -> Part:
    return Part(state, live, shipped, delivered)


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ([part(S.CANCELLED, 0), part(S.REFUSED, 0)], OrderStatus.CANCELLED),
        ([part(S.EXPIRED, 0)], OrderStatus.CANCELLED),
        ([part(S.PENDING), part(S.PENDING)], OrderStatus.PENDING_PAYMENT),
        ([part(S.DELIVERED, 2, 2, 2), part(S.CANCELLED, 0)], OrderStatus.DELIVERED),
        ([part(S.DELIVERED, 2, 2, 2), part(S.ACCEPTED)], OrderStatus.PARTLY_DELIVERED),
        ([part(S.SHIPPED, 2, 2, 1), part(S.SHIPPED, 2, 2)], OrderStatus.PARTLY_DELIVERED),
        ([part(S.SHIPPED, 2, 2), part(S.REFUSED, 0)], OrderStatus.SHIPPED),
        ([part(S.SHIPPED, 2, 2), part(S.ACCEPTED)], OrderStatus.PARTLY_SHIPPED),
        ([part(S.PARTLY_SHIPPED, 2, 1)], OrderStatus.PARTLY_SHIPPED),
        ([part(S.ACCEPTED), part(S.REFUSED, 0)], OrderStatus.PROCESSING),
        ([part(S.AWAITING_ACCEPTANCE)], OrderStatus.PROCESSING),
    ],
)
def test_an_order_is_read_off_its_live_units(parts: list[Part], status: OrderStatus) -> None:
    assert order_status(parts) is status


@pytest.mark.parametrize(
    ("parts", "is_paid", "status"),
    [
        ([part(S.PENDING)], False, OrderStatus.PENDING_PAYMENT),
        ([part(S.PENDING)], True, OrderStatus.ON_HOLD),
        ([part(S.ACCEPTED), part(S.PENDING)], True, OrderStatus.ON_HOLD),
        ([part(S.SHIPPED, 2, 2), part(S.ACCEPTED)], True, OrderStatus.ON_HOLD),
        ([part(S.CANCELLED, 0)], True, OrderStatus.CANCELLED),
    ],
)
def test_an_order_that_is_held_says_so_once_it_is_paid(
    parts: list[Part], is_paid: bool, status: OrderStatus
) -> None:
    assert order_status(parts, is_paid=is_paid, is_held=True) is status


@pytest.mark.parametrize(
    ("captured", "refunded", "status"),
    [
        (0, 0, PaymentStatus.UNPAID),
        (10, 0, PaymentStatus.PAID),
        (10, 4, PaymentStatus.PARTLY_REFUNDED),
        (10, 10, PaymentStatus.REFUNDED),
    ],
)
def test_a_payment_is_read_off_its_amounts(
    captured: int, refunded: int, status: PaymentStatus
) -> None:
    assert payment_status(captured_minor=captured, refunded_minor=refunded) is status
