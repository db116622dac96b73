"""A vendor cannot send a line and offers its customer something else of its own."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from marketplace.kit.errors import DomainError, IllegalMove, NotFound
from marketplace.orders import substituting, substitution_queries
from marketplace.orders.vendor_views import SubOrderDetails
from marketplace_web.flashing import see_other
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of
from vendor_portal.face import portal_page
from vendor_portal.sub_orders import address_of, asked_for

MOST_UNITS = 999_999


async def show(request: Request) -> Response:
    return await _page(request, await asked_for(request), Form.blank(units=1))


async def create(request: Request) -> Response:
    sub_order = await asked_for(request)
    principal, form = principal_of(request), await Form.read(request)
    there = await substitution_queries.offers(principal=principal, sub_order_id=sub_order.id)
    line_id = form.choice("line", [str(line.id) for line in sub_order.lines])
    offer_id = form.choice("offer", [str(offer.id) for offer in there])
    units = form.integer("units", minimum=1, maximum=MOST_UNITS)
    note = form.text("note", required=False, longest=substituting.LONGEST_NOTE)
    if form.errors:
        return await _page(request, sub_order, form)
    try:
        await substituting.propose(
            principal=principal, sub_order_id=sub_order.id, line_id=UUID(line_id),
            offer_id=UUID(offer_id), units=units, note=note, now=request.state.now,
        )  # fmt: skip
    except NotFound:
        raise
    except DomainError as refusal:
        form.refuse("", refusal.message)
        return await _page(request, sub_order, form)
    notice = "The customer is asked, and has two days. Please keep both until then."
    return see_other(request, _address(sub_order), notice=notice)


async def withdraw(request: Request) -> Response:
    sub_order = await asked_for(request)
    try:
        await substituting.withdraw(
            principal=principal_of(request),
            substitution_id=request.path_params["substitution_id"],
            now=request.state.now,
        )
    except IllegalMove:
        notice = "The customer was faster: it is answered."
        return see_other(request, _address(sub_order), notice=notice, tone="warn")
    notice = "Taken back. Please send the line as it was ordered, or cancel it."
    return see_other(request, _address(sub_order), notice=notice)


async def back(request: Request) -> Response:
    """The address of a form that was posted is not a page of its own."""
    return RedirectResponse(_address(await asked_for(request)), status_code=303)


def _address(sub_order: SubOrderDetails) -> str:
    return f"{address_of(sub_order)}/substitution"


async def _page(request: Request, sub_order: SubOrderDetails, form: Form) -> Response:
    principal = principal_of(request)
    return await portal_page(
        request,
        "portal/substitution.html",
        status_code=422 if form.errors else 200,
        sub_order=sub_order,
        form=form,
        lines=[(line.id, line.name) for line in sub_order.lines if line.left],
        offers=[
            (offer.id, f"{offer.name}, {offer.available} in stock")
            for offer in await substitution_queries.offers(
                principal=principal, sub_order_id=sub_order.id
            )
        ],
        proposed=await substitution_queries.of_sub_order(
            principal=principal, sub_order_id=sub_order.id
        ),
        names={line.id: line.name for line in sub_order.lines},
        back=address_of(sub_order),
    )
