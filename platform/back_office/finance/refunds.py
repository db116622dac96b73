"""Refunds to send again: customers who wait for money because the provider could not pay it."""

from starlette.requests import Request
from starlette.responses import Response

from back_office.finance.acting import BASE, answer, finance_page
from marketplace.payments import failed_refunds, resending
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of
from settlement import access
from settlement.adjustments import queries

LIST = f"{BASE}/refunds"
SENT = "The refund is sent once more."


async def index(request: Request) -> Response:
    principal = principal_of(request)
    access.check_viewer(principal, "see failed refunds")
    found = await failed_refunds.failed(principal=principal)
    proposed = await queries.proposed_refunds(
        principal=principal, refund_ids=[refund.id for refund in found]
    )
    return await finance_page(
        request,
        "refunds.html",
        refunds=found,
        proposed=proposed,
        most=failed_refunds.MOST,
        may_resend=bool(principal.roles & resending.RESENDERS),
        form=Form.blank(),
    )


async def resend(request: Request) -> Response:
    """Sent twice it is asked once: a refund that is on its way has not failed."""
    doing = resending.resend(
        principal=principal_of(request), refund_id=request.path_params["refund_id"],
        now=request.state.now,
    )  # fmt: skip
    return await answer(request, LIST, doing, notice=SENT)
