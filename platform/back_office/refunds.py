"""Money goes back to the customer: units, an amount, the shipping, or everything that is left."""

from uuid import UUID, uuid4

from starlette.requests import Request
from starlette.responses import Response

from back_office.orders import address_of, order_page
from marketplace.kit.errors import DomainError, Forbidden, NotFound
from marketplace.kit.idempotency import KeyReused
from marketplace.kit.money import Money
from marketplace.orders import queries, refunding
from marketplace.orders.errors import NothingToDo, TooManyUnits, TooMuchOfALine
from marketplace.orders.views import LineView, OrderView
from marketplace_web.flashing import see_other
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of

NOTICE = "The refund is on its way."
ALREADY = (
    "This form has made a refund before; you find it under Money. To refund what you typed as "
    "well, send the form once more."
)
NOTHING = "There is nothing to refund in this: no units, amounts or shipping that are left."
BOTH = "Please choose: units of this item, or an amount of it."


async def create(request: Request) -> Response:
    principal = principal_of(request)
    order = await queries.find(principal=principal, order_id=request.path_params["order_id"])
    form = await Form.read(request)
    reason = form.text("reason", longest=200)
    units, amounts = _units(form, order), _amounts(form, order)
    for line_id in amounts:
        if units[line_id]:
            form.refuse(f"amount-{line_id}", BOTH)
    shipping_of = [part.id for part in order.sub_orders if form.checked(f"ship-{part.id}")]
    if form.errors:
        return await order_page(request, form, status_code=422)
    try:
        if form.value("all"):
            await refunding.request_full(
                principal=principal, order_id=order.id, reason=reason, key=str(form.token),
                now=request.state.now,
            )  # fmt: skip
        else:
            await refunding.request(
                principal=principal, order_id=order.id, units=units, amounts=amounts,
                shipping_of=shipping_of, reason=reason, key=str(form.token), now=request.state.now,
            )  # fmt: skip
    except (Forbidden, NotFound):
        raise
    except DomainError as refusal:
        _explain(form, refusal, order)
        return await order_page(request, form, status_code=409)
    return see_other(request, address_of(request), notice=NOTICE)


def _explain(form: Form, refusal: DomainError, order: OrderView) -> None:
    """Beside the field where there is one; what is sent next is another refund."""
    form.token = uuid4()
    lines = _lines(order)
    if isinstance(refusal, TooManyUnits):
        for line in lines:
            left = line.quantity - line.refunded
            if form.integer(f"units-{line.id}", minimum=0, maximum=line.quantity, empty=0) > left:
                form.refuse(f"units-{line.id}", f"{left} of {line.name} can still be refunded.")
    elif isinstance(refusal, TooMuchOfALine):
        for line in lines:
            if form.minor_units(f"amount-{line.id}", order.currency) > line.left_minor:
                money = Money(line.left_minor, order.currency)
                form.refuse(f"amount-{line.id}", f"{money} of {line.name} can still be refunded.")
    elif isinstance(refusal, KeyReused):
        form.refuse("", ALREADY)
    elif isinstance(refusal, NothingToDo):
        form.refuse("", NOTHING)
    if not form.errors:
        form.refuse("", refusal.message)


def _units(form: Form, order: OrderView) -> dict[UUID, int]:
    return {
        line.id: form.integer(f"units-{line.id}", minimum=0, maximum=line.quantity, empty=0)
        for line in _lines(order)
    }


def _amounts(form: Form, order: OrderView) -> dict[UUID, int]:
    """Those that were filled in."""
    typed = {
        line.id: form.minor_units(f"amount-{line.id}", order.currency) for line in _lines(order)
    }
    return {line_id: minor for line_id, minor in typed.items() if minor}


def _lines(order: OrderView) -> list[LineView]:
    return [line for part in order.sub_orders for line in part.lines]
