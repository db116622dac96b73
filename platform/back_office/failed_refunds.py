"""A refund that failed goes on: sent once more, or proposed as paid by other means."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from back_office.orders import address_of, order_page
from marketplace.kit.errors import DomainError, Forbidden, IllegalMove, NotFound
from marketplace.orders import queries
from marketplace.payments import resending
from marketplace_web.flashing import see_other
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of
from settlement.adjustments import proposing
from settlement.adjustments.models import AdjustmentKind

SENT = "The refund is sent once more."
NOT_FAILED = "The refund is not failed any more."
PROPOSED = "It is proposed. Somebody else has to approve it before it is booked."


async def resend(request: Request) -> Response:
    principal, refund_id = principal_of(request), await _refund(request)
    try:
        await resending.resend(principal=principal, refund_id=refund_id, now=request.state.now)
    except IllegalMove:
        return see_other(request, address_of(request), notice=NOT_FAILED, tone="info")
    return see_other(request, address_of(request), notice=SENT)


async def settle(request: Request) -> Response:
    """The customer's money went another way: note how, for somebody else to approve."""
    principal, refund_id = principal_of(request), await _refund(request)
    form = await Form.read(request)
    note, reference = form.text("note"), form.text("reference", longest=120)
    if form.errors:
        return await order_page(request, form, status_code=422)
    try:
        await proposing.propose(
            principal=principal, kind=AdjustmentKind.REFUND_PAID_OTHERWISE, refund_id=refund_id,
            note=note, reference=reference, key=str(form.token), now=request.state.now,
        )  # fmt: skip
    except (Forbidden, NotFound):
        raise
    except DomainError as refusal:
        return see_other(request, address_of(request), notice=refusal.message, tone="bad")
    return see_other(request, address_of(request), notice=PROPOSED)


async def _refund(request: Request) -> UUID:
    """One of this order's, or it does not exist."""
    principal, refund_id = principal_of(request), request.path_params["refund_id"]
    order = await queries.find(principal=principal, order_id=request.path_params["order_id"])
    if refund_id not in {refund.id for refund in order.refunds}:
        raise NotFound("refund")
    assert isinstance(refund_id, UUID)
    return refund_id
