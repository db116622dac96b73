"""Staff offer a customer something else for a seller that calls, take it back, or note the answer.

What a customer says on the telephone counts as what it says on its page.
"""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from back_office.face import office_page
from back_office.orders import address_of
from marketplace.kit.errors import InvalidInput, NotFound
from marketplace.orders import answering, queries, windows
from marketplace.orders.answering import AnswerTooLate
from marketplace.orders.substituting import PROPOSE
from marketplace.orders.substitution_models import SubstitutionState
from marketplace.orders.views import OrderView, SubOrderView
from marketplace_web import substituting
from marketplace_web.flashing import see_other
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of
from marketplace_web.substituting import Asked, Choices

ASKED = "The customer is asked, and has two days."
TAKEN_BACK = "Taken back. The line stays as it was ordered."
FASTER = "It was answered, or taken back, before."
ANSWERS = {"yes": True, "no": False}
NOTED = {
    SubstitutionState.ACCEPTED: "Noted. It is sent instead.",
    SubstitutionState.DECLINED: "Noted. Another seller is asked; else the money goes back.",
    SubstitutionState.WITHDRAWN: "It cannot be sent instead any more. See how the order stands.",
}


async def show(request: Request) -> Response:
    principal = principal_of(request)
    order, part = await _part(request)
    asked = await substituting.blank(principal=principal, sub_order_id=part.id, lines=_lines(part))
    return await _page(request, order, part, asked)


async def create(request: Request) -> Response:
    principal = principal_of(request)
    order, part = await _part(request)
    asked = await substituting.posted(
        request, principal=principal, sub_order_id=part.id, lines=_lines(part)
    )
    if asked.is_done:
        return see_other(request, address_of(request), notice=ASKED)
    return await _page(request, order, part, asked)


async def withdraw(request: Request) -> Response:
    is_done = await substituting.withdrawn(
        request, principal=principal_of(request), order_id=request.path_params["order_id"]
    )
    tone = "good" if is_done else "info"
    return see_other(
        request, address_of(request), notice=TAKEN_BACK if is_done else FASTER, tone=tone
    )


async def answer(request: Request) -> Response:
    said = (await Form.read(request)).value("answer")
    if said not in ANSWERS:
        raise InvalidInput("answer", "there is no such answer", ", ".join(ANSWERS))
    try:
        answered = await answering.answer(
            principal=principal_of(request), accept=ANSWERS[said], now=request.state.now,
            substitution_id=request.path_params["substitution_id"],
            order_id=request.path_params["order_id"],
        )  # fmt: skip
    except AnswerTooLate:
        return see_other(request, address_of(request), notice=FASTER, tone="info")
    return see_other(request, address_of(request), notice=NOTED[answered.state])


async def _part(request: Request) -> tuple[OrderView, SubOrderView]:
    """Of this order, or it does not exist; for those who may ask its customer (Forbidden)."""
    principal = principal_of(request)
    windows.check_canceller(principal, PROPOSE)
    order = await queries.find(principal=principal, order_id=request.path_params["order_id"])
    wanted: UUID = request.path_params["sub_order_id"]
    for part in order.sub_orders:
        if part.id == wanted:
            return order, part
    raise NotFound("sub-order")


def _lines(part: SubOrderView) -> Choices:
    return [(line.id, line.name) for line in part.lines if line.live > line.shipped]


async def _page(request: Request, order: OrderView, part: SubOrderView, asked: Asked) -> Response:
    return await office_page(
        request,
        "back_office/substitution.html",
        status_code=422 if asked.form.errors else 200,
        order=order,
        part=part,
        asked=asked,
        names={line.id: line.name for line in part.lines},
        back=address_of(request),
    )
