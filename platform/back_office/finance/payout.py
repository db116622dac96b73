"""One payout: where it went and what it pays, and what can still be done about it."""

from collections.abc import Awaitable

from starlette.requests import Request
from starlette.responses import Response

from back_office.finance import acting
from back_office.finance.acting import BASE, answer, finance_page, happenings
from back_office.finance.money_words import FAILURES
from marketplace.kit.money import Money
from marketplace.payments.gateway import OutcomeUnknown, UnexpectedAnswer
from marketplace_web.flashing import see_other
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of
from settlement.payouts import cancelling, following, matching, retrying, tracing
from settlement.payouts.models import Payout, PayoutState
from settlement.payouts.states import PAYOUT, PayoutMove

SILENT = "The payment provider does not answer at the moment. Please try again in a minute."
OTHER = "What the provider has is not of this amount, so it cannot be this payout."
MATCHED = "It is matched: the money is where the provider says."
RETRIED = "It is tried again. The worker sends it in a moment."
SHORTENED = "That part is taken back as soon as the provider has answered; the rest goes on."
CANCELLED = "It is cancelled, or will be as soon as the provider has answered."


async def show(request: Request) -> Response:
    principal = principal_of(request)
    traced = await tracing.trace(principal=principal, payout_id=request.path_params["payout_id"])
    moves = PAYOUT.allows(traced.payout.state)
    is_found = traced.payout.found_payout_id is not None
    is_being_cancelled = traced.payout.cancel_requested_at is not None
    is_moving = is_being_cancelled or traced.payout.taking_back_minor is not None
    return await finance_page(
        request,
        "payout.html",
        traced=traced,
        payout=traced.payout,
        story=happenings(traced.story),
        failure=FAILURES.get(traced.payout.failure_code or "", traced.payout.failure_message),
        can_retry=PayoutMove.RETRY in moves and not is_moving and not is_found,
        can_shorten=PayoutMove.SHORTEN in moves
        and not (is_moving or is_found or following.is_given_up(traced.payout)),
        taking_back=_money(traced.payout, traced.payout.taking_back_minor),
        taken_back=_money(traced.payout, traced.payout.taken_back_minor),
        can_cancel=PayoutMove.CANCEL in moves and not is_being_cancelled and not is_found,
        is_being_cancelled=is_being_cancelled
        and bool(moves)
        and traced.payout.state is not PayoutState.PAID,
        most_lines=tracing.MOST_LINES,
        form=Form.blank(),
    )


async def retry(request: Request) -> Response:
    doing = retrying.retry(
        principal=principal_of(request), payout_id=request.path_params["payout_id"],
        gateway=acting.gateway_of(request), now=request.state.now,
    )  # fmt: skip
    return await _asked(request, doing, notice=RETRIED)


async def match(request: Request) -> Response:
    doing = matching.match(
        principal=principal_of(request), payout_id=request.path_params["payout_id"],
        gateway=acting.gateway_of(request), now=request.state.now,
    )  # fmt: skip
    return await _asked(request, doing, notice=MATCHED)


async def cancel(request: Request) -> Response:
    form = await Form.read(request)
    reason = form.text("reason")
    if form.errors:
        notice = "Please say why it is cancelled."
        return see_other(request, _address(request), notice=notice, tone="bad")
    doing = cancelling.cancel(
        principal=principal_of(request), payout_id=request.path_params["payout_id"],
        reason=reason, now=request.state.now,
    )  # fmt: skip
    return await answer(request, _address(request), doing, notice=CANCELLED)


async def shorten(request: Request) -> Response:
    """Have a part of it taken back; the amount is in the payout's currency."""
    form = await Form.read(request)
    reason = form.text("reason")
    principal, payout_id = principal_of(request), request.path_params["payout_id"]
    traced = await tracing.trace(principal=principal, payout_id=payout_id)
    minor = form.minor_units("amount", traced.payout.currency)
    if form.errors:
        notice = "Please say how much is taken back, and why."
        return see_other(request, _address(request), notice=notice, tone="bad")
    doing = cancelling.shorten(
        principal=principal, payout_id=payout_id, amount_minor=minor, reason=reason,
        key=str(form.token), now=request.state.now,
    )  # fmt: skip
    return await answer(request, _address(request), doing, notice=SHORTENED)


async def _asked(request: Request, doing: Awaitable[object], *, notice: str) -> Response:
    """The answer to what asks the provider first; its silence is said on the page too."""
    address = _address(request)
    try:
        return await answer(request, address, doing, notice=notice)
    except OutcomeUnknown:
        return see_other(request, address, notice=SILENT, tone="bad")
    except UnexpectedAnswer:
        return see_other(request, address, notice=OTHER, tone="bad")


def _money(payout: Payout, minor: int | None) -> Money | None:
    return Money(minor, payout.currency) if minor else None


def _address(request: Request) -> str:
    return f"{BASE}/payouts/one/{request.path_params['payout_id']}"
