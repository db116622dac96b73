"""Every seller's stock: found by SKU, looked into, and put right for a seller that calls."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from back_office.face import office_page
from marketplace.inventory import adjusting, shelf_queries
from marketplace.inventory.access import LONGEST_REASON, MOST_PIECES, STAFF_KEEPERS
from marketplace.inventory.errors import StaleStock
from marketplace.inventory.shelf_views import LONGEST_SEARCH, Narrowed, ShelfDetails, Slice, View
from marketplace.kit.errors import DomainError, Forbidden, InvalidInput
from marketplace.sla import policies
from marketplace_web import paging
from marketplace_web.flashing import see_other
from marketplace_web.forms import CONTROL_CHARACTERS, Form
from marketplace_web.sessions import principal_of

ADDRESS = "/back-office/stock"
VIEWS = (
    (View.LOW.value, "Low"),
    (View.OUT.value, "Sold out"),
    (View.COMING.value, "On its way"),
)
COUNTED, OTHER = "counted", "other"
HOW = ((COUNTED, "The seller counted them"), (OTHER, "Broken, lost or found"))


async def index(request: Request) -> Response:
    principal, asked = principal_of(request), paging.asked(request)
    view, narrowed = _filters(request)
    part = Slice(
        limit=asked.limit, after=_sku_and_id(asked.after), before=_sku_and_id(asked.before)
    )
    rows = await shelf_queries.shelves(principal=principal, view=view, narrowed=narrowed, part=part)
    return await office_page(
        request,
        "back_office/stock.html",
        page=paging.page(request, rows, asked, key=lambda row: (row.sku, str(row.id))),
        sellers=[
            (str(vendor.id), vendor.name) for vendor in await policies.vendors(principal=principal)
        ],
        views=VIEWS,
        is_filtered=view is not View.ALL or narrowed != Narrowed(),
    )


async def show(request: Request) -> Response:
    return await _page(request, await _asked_for(request), None)


async def back(request: Request) -> Response:
    """The address of a form that was posted is not a page of its own."""
    return RedirectResponse(f"{ADDRESS}/{request.path_params['stock_id']}", status_code=303)


async def adjust(request: Request) -> Response:
    """From the figure that was seen to another one, with a word on why."""
    details, principal = await _asked_for(request), principal_of(request)
    if not principal.roles & STAFF_KEEPERS:
        raise Forbidden("change stock")
    form = await Form.read(request)
    how = form.choice("how", [value for value, _ in HOW])
    change_from = form.integer("change_from", minimum=0, maximum=MOST_PIECES)
    to = form.integer("to", minimum=0, maximum=MOST_PIECES)
    reason = form.text("reason", longest=LONGEST_REASON)
    if form.errors:
        return await _page(request, details, form, status_code=422)
    change = adjusting.count if how == COUNTED else adjusting.adjust
    try:
        await change(
            principal=principal, stock_id=details.shelf.id, change_from=change_from, to=to,
            reason=reason, now=request.state.now,
        )  # fmt: skip
    except DomainError as refusal:
        again = " Look again, then decide." if isinstance(refusal, StaleStock) else ""
        form.refuse("to", f"{refusal.message}{again}")
        return await _page(request, await _asked_for(request), form, status_code=409)
    return see_other(request, f"{ADDRESS}/{details.shelf.id}", notice=f"{to} are on hand now.")


async def _asked_for(request: Request) -> ShelfDetails:
    return await shelf_queries.shelf(
        principal=principal_of(request), stock_id=request.path_params["stock_id"]
    )


async def _page(
    request: Request, details: ShelfDetails, form: Form | None, *, status_code: int = 200
) -> Response:
    return await office_page(
        request,
        "back_office/stock_item.html",
        status_code=status_code,
        details=details,
        shelf=details.shelf,
        form=form or Form.blank(how=OTHER),
        how=HOW,
        may_change=bool(principal_of(request).roles & STAFF_KEEPERS),
    )


def _filters(request: Request) -> tuple[View, Narrowed]:
    """Refuses (InvalidInput) a view and a seller that there cannot be."""
    query = request.query_params
    asked = query.get("state") or View.ALL.value
    if asked not in set(View):
        raise InvalidInput("state", "there is no such one", ", ".join(View))
    search = CONTROL_CHARACTERS.sub("", query.get("q", "")).strip()[:LONGEST_SEARCH]
    try:
        seller = UUID(query["seller"]) if query.get("seller") else None
    except ValueError as error:
        raise InvalidInput("seller", "there is no such seller", "one of the list") from error
    return View(asked), Narrowed(search=search, vendor_id=seller)


def _sku_and_id(key: paging.Key | None) -> tuple[str, UUID] | None:
    return (str(key[0]), UUID(str(key[1]))) if key else None
