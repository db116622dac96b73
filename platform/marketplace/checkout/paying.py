"""Pay an order: once, however often it is asked and wherever it breaks off."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from marketplace.checkout import calling
from marketplace.checkout.payment_errors import AlreadyPaid, OrderNotPayable, PaymentInProgress
from marketplace.kit import idempotency
from marketplace.kit.errors import Forbidden, InvalidInput, NotFound
from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM, Kind, Principal
from marketplace.kit.transactions import transaction
from marketplace.orders import locking
from marketplace.orders.models import Order, SubOrder
from marketplace.orders.states import SubOrderState
from marketplace.payments import attempts, cancelling, operations
from marketplace.payments.gateway import PaymentGateway
from marketplace.payments.locking import lock_payment
from marketplace.payments.models import AttemptState, Payment, PaymentAttempt
from marketplace.payments.operation import Operation
from marketplace.risk import screening

OPERATION = "pay_order"
LONGEST_METHOD = 80  # characters
LONGEST_URL = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentResult:
    """Where the attempt stands.

    CREATED and PROCESSING: the outcome is not known yet, ask again with the same key.
    REQUIRES_ACTION: send the shopper to `next_action_url`, then ask again with the same key.
    FAILED, EXPIRED: nothing was charged; pay again with a new key. CAPTURED: paid.
    An order that costs nothing is paid without an attempt, or cancelled (FAILED) where it cannot
    be had any more.
    """

    attempt_id: UUID | None
    state: AttemptState
    next_action_url: str | None = None
    failure_code: str | None = None
    failure_message: str | None = None


@dataclass(frozen=True, slots=True)
class _Begun:
    """What the first transaction decided. A call in `operation` is ours to make.

    `unwanted` says why an order that costs nothing was cancelled instead.
    """

    order: Order
    unwanted: str | None = None
    attempt: PaymentAttempt | None = None
    operation: Operation | None = None
    gives_up: Operation | None = None


async def pay_order(
    *,
    principal: Principal,
    order_id: UUID,
    payment_method: str,
    return_url: str,
    key: str,
    gateway: PaymentGateway,
    now: datetime,
) -> PaymentResult:
    """Charge the customer for the whole order. Call it outside any transaction.

    The same key continues, and then repeats the answer of, the attempt it began. A new key may
    pay after a decline, and may take another card while the first one waits for its holder. A
    decline is an answer, not a refusal. Refuses somebody else's order (NotFound), AlreadyPaid,
    OrderNotPayable, KeyReused, and PaymentInProgress while the outcome of another call is open.
    """
    _check(principal, payment_method, return_url)
    asked = (principal, order_id, payment_method, return_url, key, now)
    begun = await _begin(*asked)
    if begun.gives_up is not None:
        await calling.call_cancel(begun.gives_up, gateway=gateway, now=now)
        begun = await _begin(*asked)
        if begun.gives_up is not None:
            raise PaymentInProgress(order_number=begun.order.number)
    if begun.attempt is None:
        state = AttemptState.FAILED if begun.unwanted else AttemptState.CAPTURED
        return PaymentResult(attempt_id=None, state=state, failure_message=begun.unwanted)
    if begun.operation is not None:
        await calling.call_intent(begun.operation, gateway=gateway, now=now)
    elif begun.attempt.intent_id is not None and not attempts.is_over(begun.attempt):
        await calling.refresh_intent(begun.attempt, gateway=gateway, now=now)
    return await _result(begun.attempt.id)


async def _begin(
    principal: Principal,
    order_id: UUID,
    payment_method: str,
    return_url: str,
    key: str,
    now: datetime,
) -> _Begun:
    """Decide, under the order's lock, which attempt this is, and write down the call to make."""
    async with transaction(principal):
        order = await _find(principal, order_id)
        sub_orders = await locking.lock_sub_orders(order_id)
        payment = await lock_payment(order_id)
        if payment.amount_minor == 0:
            return await _begun_for_nothing(order, sub_orders, now)

        earlier = await attempts.of(payment)
        live = attempts.live_among(earlier)
        ours = live.id if live and _continues(live, payment_method) else new_id(now)
        made = await idempotency.claim(
            by=principal, operation=OPERATION, key=key, request=f"{order_id}:{payment_method}",
            result_id=ours, now=now,
        )  # fmt: skip
        known = next((attempt for attempt in earlier if attempt.id == (made or ours)), None)
        if known is not None:
            return await _continued(known, order, now)

        _check_payable(order, sub_orders, payment)
        if live is not None:
            return await _given_up(live, order, now)
        attempt, operation = await attempts.begin(
            payment, attempt_id=made or ours, generation=len(earlier) + 1,
            payment_method=payment_method, return_url=return_url, now=now,
        )  # fmt: skip
        return _Begun(order, attempt=attempt, operation=operation)


async def _begun_for_nothing(order: Order, sub_orders: Sequence[SubOrder], now: datetime) -> _Begun:
    """Confirmed is paid. What was confirmed before stays so, whatever became of it since."""
    if all(part.state is SubOrderState.CANCELLED for part in sub_orders):
        raise OrderNotPayable(order_number=order.number)
    is_first = any(part.state is SubOrderState.PENDING for part in sub_orders)
    unwanted = await screening.admit(order_id=order.id, now=now)
    return _Begun(order, unwanted=unwanted if is_first else None)


async def _continued(attempt: PaymentAttempt, order: Order, now: datetime) -> _Begun:
    """The key began this attempt before: carry on where its call broke off, or tell it to wait."""
    if attempts.is_over(attempt) or attempt.intent_id is not None:
        return _Begun(order, attempt=attempt)
    operation = await operations.take(attempts.key_of(attempt), now=now)
    if operation is None:
        raise PaymentInProgress(order_number=order.number)
    return _Begun(order, attempt=attempt, operation=operation)


def _continues(live: PaymentAttempt, payment_method: str) -> bool:
    """Whether a new key with this card means the intent that waits for the card's holder."""
    waits = live.state is AttemptState.REQUIRES_ACTION
    return waits and live.payment_method == payment_method


async def _given_up(live: PaymentAttempt, order: Order, now: datetime) -> _Begun:
    """Another card, while the first one waits for its holder: take the first one's intent back.

    The claimed key stays: it begins its attempt when this is done. A call whose end is open
    cannot be taken back.
    """
    operation = None
    if live.state is AttemptState.REQUIRES_ACTION:
        planned = await cancelling.plan_cancel_of(live, now=now)
        operation = await operations.take(planned, now=now)
    if operation is None:
        raise PaymentInProgress(order_number=order.number)
    return _Begun(order, attempt=live, gives_up=operation)


def _check(principal: Principal, payment_method: str, return_url: str) -> None:
    if principal.kind in {Kind.STAFF, Kind.VENDOR}:
        raise Forbidden("pay an order")
    if not 0 < len(payment_method) <= LONGEST_METHOD or not payment_method.isascii():
        raise InvalidInput("paymentMethod", "it is empty or too long", "a payment method's id")
    if len(return_url) > LONGEST_URL or not _is_address(return_url):
        raise InvalidInput("returnUrl", "it is not an address", "https://… to come back to")


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:  # such as half an IPv6 address
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


async def _find(principal: Principal, order_id: UUID) -> Order:
    """The order, if it is this shopper's to pay."""
    theirs: dict[Kind, dict[str, UUID | None]] = {
        Kind.CUSTOMER: {"customer_id": principal.id},
        Kind.GUEST: {"cart_id": principal.id},
        Kind.TOKEN: {"id": principal.id},
        Kind.SYSTEM: {},
    }
    order = await Order.filter(id=order_id).get_or_none(**theirs[principal.kind])
    if order is None:
        raise NotFound("order")
    return order


def _check_payable(order: Order, sub_orders: Sequence[SubOrder], payment: Payment) -> None:
    if payment.captured_minor > 0:
        raise AlreadyPaid(order_number=order.number)
    if all(part.state is not SubOrderState.PENDING for part in sub_orders):
        raise OrderNotPayable(order_number=order.number)


async def _result(attempt_id: UUID) -> PaymentResult:
    async with transaction(SYSTEM, read_only=True):
        attempt = await PaymentAttempt.get(id=attempt_id)
    return PaymentResult(
        attempt_id=attempt.id,
        state=attempt.state,
        next_action_url=attempt.next_action_url,
        failure_code=attempt.failure_code,
        failure_message=attempt.failure_message,
    )
