"""Where a vendor's stock is: opened, closed, and opened again."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from marketplace.inventory import locating, place_queries
from marketplace.inventory.models import LocationKind
from marketplace.kit.errors import DomainError, NotFound
from marketplace_web.flashing import see_other
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of
from vendor_portal.face import LOCATIONS, may_keep_stock, portal_page

KINDS = (
    (LocationKind.WAREHOUSE.value, "Warehouse"),
    (LocationKind.STORE.value, "Shop"),
    (LocationKind.THIRD_PARTY.value, "Somebody else's warehouse"),
)


async def show(request: Request) -> Response:
    return await _page(request, Form.blank(kind=LocationKind.WAREHOUSE, priority=5))


async def back(request: Request) -> Response:
    """As for a stock item: who was sent to sign in comes back here."""
    theirs = await place_queries.locations(principal=principal_of(request))
    if all(location.id != request.path_params["location_id"] for location in theirs):
        raise NotFound("location")
    return RedirectResponse(LOCATIONS, status_code=303)


async def create(request: Request) -> Response:
    form, principal = await Form.read(request), principal_of(request)
    code, name = form.text("code", longest=40), form.text("name", longest=120)
    kind = form.choice("kind", [value for value, _ in KINDS])
    country = form.text("country", longest=2)
    postal_code = form.text("postal_code", required=False, longest=20)
    priority = form.integer("priority", minimum=1, maximum=99)
    if form.errors:
        return await _page(request, form, status_code=422)
    assert principal.vendor_id is not None, principal
    try:
        await locating.open_location(
            principal=principal, vendor_id=principal.vendor_id, code=code, name=name,
            kind=LocationKind(kind), country=country, postal_code=postal_code or None,
            priority=priority, now=request.state.now,
        )  # fmt: skip
    except DomainError as refusal:
        form.refuse(refusal.field or "country", refusal.message)
        return await _page(request, form, status_code=409)
    return see_other(request, LOCATIONS, notice=f"{name} is open.")


async def close(request: Request) -> Response:
    location = await locating.close(
        principal=principal_of(request), location_id=request.path_params["location_id"],
        now=request.state.now,
    )  # fmt: skip
    notice = f"{location.name} is closed. Nothing is sold from it until you open it again."
    return see_other(request, LOCATIONS, notice=notice)


async def reopen(request: Request) -> Response:
    location = await locating.reopen(
        principal=principal_of(request), location_id=request.path_params["location_id"]
    )
    return see_other(request, LOCATIONS, notice=f"{location.name} is open again.")


async def _page(request: Request, form: Form, *, status_code: int = 200) -> Response:
    principal = principal_of(request)
    return await portal_page(
        request,
        "portal/stock_places.html",
        status_code=status_code,
        form=form,
        kinds=KINDS,
        kind_words=dict(KINDS),
        locations=await place_queries.locations(principal=principal),
        may_change=may_keep_stock(principal),
    )
