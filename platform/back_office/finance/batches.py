"""What is done with a batch: draft it, agree to it, cancel it."""

from datetime import UTC

from starlette.requests import Request
from starlette.responses import Response

from back_office.finance.acting import BASE, answer
from marketplace.kit.errors import DomainError, Forbidden, NotFound
from marketplace.kit.money import EXPONENTS
from marketplace_web.flashing import see_other
from marketplace_web.forms import WHOLE_NUMBER, Form
from marketplace_web.sessions import principal_of
from settlement.payouts import approving, drafting
from settlement.payouts.errors import StaleBatch
from settlement.payouts.models import BatchState

LIST = f"{BASE}/payouts"
DRAFTED = "Here is the batch of today."
NOBODY = "Nobody is due today who has money or news. The next batch comes with the next cycle."
APPROVED = "The batch is approved. Its payouts are on their way."
ONE_MORE = "Thank you. One more person has to approve it."
STALE = "The batch has changed since you opened it. Please look at it again, then approve."
CANCELLED = "The batch is cancelled. Vendors are paid with the next cycle."


async def draft(request: Request) -> Response:
    """Today's; asked twice it is the same one."""
    now = request.state.now
    batch_id = await drafting.draft_cycle(
        day=now.astimezone(UTC).date(), principal=principal_of(request), now=now
    )
    if batch_id is None:
        return see_other(request, LIST, notice=NOBODY, tone="info")
    return see_other(request, f"{LIST}/{batch_id}", notice=DRAFTED)


async def draft_for_vendor(request: Request) -> Response:
    """On demand; sent again it meets the payout that the first made, and says so."""
    vendor_id = request.path_params["vendor_id"]
    try:
        batch_id = await drafting.draft_on_demand(
            vendor_id=vendor_id, principal=principal_of(request), now=request.state.now
        )
    except (Forbidden, NotFound):
        raise
    except DomainError as refusal:
        return see_other(request, f"{BASE}/vendors/{vendor_id}", notice=refusal.message, tone="bad")
    return see_other(request, f"{LIST}/{batch_id}", notice="The batch is drafted.")


async def approve(request: Request) -> Response:
    """With the totals that the page showed, so that nobody agrees to what they have not seen."""
    form, address = await Form.read(request), _address(request)
    typed = {code: form.value(f"total-{code}") for code in EXPONENTS}
    seen = {code: int(minor) for code, minor in typed.items() if WHOLE_NUMBER.fullmatch(minor)}
    try:
        approval = await approving.approve(
            principal=principal_of(request), batch_id=request.path_params["batch_id"],
            expected_totals=seen, now=request.state.now,
        )  # fmt: skip
    except (Forbidden, NotFound):
        raise
    except StaleBatch:
        return see_other(request, address, notice=STALE, tone="warn")
    except DomainError as refusal:
        return see_other(request, address, notice=refusal.message, tone="warn")
    is_decided = approval.state is BatchState.APPROVED
    return see_other(request, address, notice=APPROVED if is_decided else ONE_MORE)


async def cancel(request: Request) -> Response:
    form = await Form.read(request)
    reason = form.text("reason")
    if form.errors:
        return see_other(
            request, _address(request), notice="Please say why it is cancelled.", tone="bad"
        )
    doing = approving.cancel(
        principal=principal_of(request), batch_id=request.path_params["batch_id"], reason=reason,
        now=request.state.now,
    )  # fmt: skip
    return await answer(request, _address(request), doing, notice=CANCELLED)


def _address(request: Request) -> str:
    return f"{LIST}/{request.path_params['batch_id']}"
