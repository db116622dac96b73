"""One sub-order: what to do next, where it goes, what it earns, and what happened to it."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from marketplace.orders import vendor_details, windows
from marketplace.orders.vendor_views import SubOrderDetails
from marketplace_web.formatting import country_in_words
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of
from vendor_portal import stories
from vendor_portal.carriers import CHOICES
from vendor_portal.face import may_see_money, portal_page

REASONS = (
    "Out of stock", "Damaged or faulty", "Wrong price", "Cannot be sent to this address",
    "Another reason",
)  # fmt: skip


async def show(request: Request) -> Response:
    return await sub_order_page(request, await asked_for(request))


async def back(request: Request) -> Response:
    """The address of a form that was posted is not a page of its own."""
    return RedirectResponse(address_of(await asked_for(request)), status_code=303)


async def asked_for(request: Request) -> SubOrderDetails:
    """The sub-order of this address; NotFound for somebody else's, as for one that is not."""
    return await vendor_details.details(
        principal=principal_of(request), sub_order_id=request.path_params["sub_order_id"]
    )


def address_of(sub_order: SubOrderDetails) -> str:
    return f"/portal/sub-orders/{sub_order.id}"


async def sub_order_page(
    request: Request,
    sub_order: SubOrderDetails,
    *,
    form: Form | None = None,
    delay: Form | None = None,
    refusal: str = "",
    status_code: int = 200,
) -> Response:
    """The page with its one next form: as typed and refused, or new with everything filled in.

    `refusal` is for what was refused when there is no form any more to say it beside.
    """
    return await portal_page(
        request,
        "portal/sub_order.html",
        status_code=status_code,
        sub_order=sub_order,
        form=form or _blank(sub_order),
        delay=delay or Form.blank(),
        refusal=refusal,
        reasons=REASONS,
        carriers=[*((name, f"{name}: makes the label") for name in labelled_by(request)), *CHOICES],
        story=stories.story(sub_order),
        is_earned=sub_order.is_earned,
        may_see_money=may_see_money(principal_of(request)),
        may_work=windows.may_work(principal_of(request)),
        address=address_lines(sub_order, request.state.reader.locale),
    )


def labelled_by(request: Request) -> Sequence[str]:
    """The carriers that make labels here."""
    carriers: Sequence[str] = getattr(request.app.state, "label_carriers", ())
    return carriers


async def overtaken_page(request: Request, message: str) -> Response:
    """Somebody else was faster: the page as it is now, and who did what."""
    sub_order = await asked_for(request)
    refusal = f"{message} {stories.latest(sub_order.changes)}"
    return await sub_order_page(request, sub_order, refusal=refusal, status_code=409)


def _blank(sub_order: SubOrderDetails) -> Form:
    if sub_order.can_accept:
        nothing = {f"refuse-{line.id}": 0 for line in sub_order.lines}
        return Form.blank(version=sub_order.version, **nothing)
    everything = {f"send-{line.id}": sub_order.to_pack(line) for line in sub_order.lines}
    return Form.blank(**everything)


def address_lines(sub_order: SubOrderDetails, locale: str) -> list[str]:
    """As written on a parcel."""
    of = sub_order.address.get
    lines = [
        sub_order.customer_name,
        of("line1"),
        of("line2"),
        " ".join(filter(None, [of("postal_code"), of("city")])),
        of("region"),
        country_in_words(of("country", ""), locale=locale),
    ]
    return [line for line in lines if line]
