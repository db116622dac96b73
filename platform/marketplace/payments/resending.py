"""A refund that failed goes on: sent to the provider again, or paid by other means."""

from datetime import datetime
from uuid import UUID

from marketplace.kit.errors import Forbidden, NotFound
from marketplace.kit.principal import Kind, Principal, StaffRole
from marketplace.kit.transactions import atomic
from marketplace.payments import refunds
from marketplace.payments.locking import lock_order_and_payment
from marketplace.payments.models import Payment, Refund, RefundLine
from marketplace.payments.states import REFUND, RefundMove

RESENDERS = frozenset({StaffRole.SUPPORT, StaffRole.ACCOUNTANT, StaffRole.ADMINISTRATOR})


@atomic()
async def resend(*, principal: Principal, refund_id: UUID, now: datetime) -> None:
    """Ask the provider once more, with a key of its own; the refund stays the same one.

    Support, accountants and administrators may. Refuses a refund that has not failed (IllegalMove,
    so that a form sent twice asks once), and one that no longer fits into what was captured.
    """
    if principal.kind is not Kind.STAFF or not principal.roles & RESENDERS:
        raise Forbidden("send a refund again")
    refund, payment = await _locked(refund_id)
    REFUND.after(refund.state, RefundMove.RETRY)
    await refunds.check_available(payment, await RefundLine.filter(refund_id=refund_id))
    await refunds.move(refund, RefundMove.RETRY, actor=principal.key, now=now)


async def settle(*, by: Principal, refund_id: UUID, note: str, now: datetime) -> None:
    """The customer was paid by other means: the refund is over and counted as paid back.

    For the operation that books it, in its transaction; it asks who may. Refuses a refund that
    has not failed, and one that no longer fits into what was captured.
    """
    refund, payment = await _locked(refund_id)
    REFUND.after(refund.state, RefundMove.SETTLE)
    await refunds.check_available(payment, await RefundLine.filter(refund_id=refund_id))
    await refunds.move(refund, RefundMove.SETTLE, actor=by.key, reason=note, now=now)


async def _locked(refund_id: UUID) -> tuple[Refund, Payment]:
    refund = await Refund.get_or_none(id=refund_id)
    if refund is None:
        raise NotFound("refund")
    payment = await lock_order_and_payment(refund.order_id)
    await refund.refresh_from_db()
    return refund, payment
