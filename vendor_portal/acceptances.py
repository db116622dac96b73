"""The vendor's answer to a new order: all of it, some units less, or none."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from marketplace.kit.errors import DomainError, IllegalMove
from marketplace.orders import accepting
from marketplace.orders.errors import StaleVersion, TooManyUnits
from marketplace.orders.states import SubOrderState
from marketplace.orders.vendor_views import SubOrderDetails
from marketplace_web.flashing import see_other
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of
from vendor_portal.sub_orders import REASONS, address_of, asked_for, overtaken_page, sub_order_page

LATEST_VERSION = 2**31 - 1


async def create(request: Request) -> Response:
    sub_order = await asked_for(request)
    form = await Form.read(request)
    version = form.integer("version", minimum=1, maximum=LATEST_VERSION)
    refused = _refused(form, sub_order)
    reason = _reason(form) if any(refused.values()) else None
    if form.errors and sub_order.can_accept:
        return await sub_order_page(request, sub_order, form=form, status_code=422)
    try:
        answered = await accepting.accept(
            principal=principal_of(request),
            sub_order_id=sub_order.id,
            refused=refused,
            reason=reason,
            expected_version=version,
            now=request.state.now,
        )
    except (StaleVersion, IllegalMove) as refusal:
        return await _answered_before(request, refusal)
    except TooManyUnits as refusal:
        form.refuse("", refusal.message)
        return await sub_order_page(request, sub_order, form=form, status_code=409)
    return see_other(request, address_of(sub_order), notice=_words(answered.state, refused))


def _refused(form: Form, sub_order: SubOrderDetails) -> dict[UUID, int]:
    if form.value("answer") == "refuse":
        return {line.id: line.live for line in sub_order.lines}
    return {
        line.id: form.integer(f"refuse-{line.id}", minimum=0, maximum=line.live, empty=0)
        for line in sub_order.lines
    }


def _reason(form: Form) -> str:
    if not form.value("reason"):
        form.refuse("reason", "Please say why.")
    reason = form.choice("reason", REASONS)
    words = form.text("words", required=reason == REASONS[-1], longest=120)
    return f"{reason}: {words}" if words else reason


async def _answered_before(request: Request, refusal: DomainError) -> Response:
    """The second half of a double click is no mistake; anything else is worth a look."""
    sub_order = await asked_for(request)
    if sub_order.answered_by == principal_of(request).key:
        notice = "You have answered this order already."
        return see_other(request, address_of(sub_order), notice=notice, tone="info")
    return await overtaken_page(request, refusal.message)


def _words(state: SubOrderState, refused: dict[UUID, int]) -> str:
    if state is SubOrderState.REFUSED:
        return "The order is refused, and the customer's money is on its way back."
    if units := sum(refused.values()):
        return f"Accepted without {units} {'unit' if units == 1 else 'units'}. Ship the rest next."
    return "Accepted. Now pack it and ship it in time."
