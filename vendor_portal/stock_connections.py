"""The keys of a vendor's own systems: made, shown once, and revoked. For owners alone."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from marketplace.accounts import vendor_keys
from marketplace.accounts.vendor_keys import LONGEST_NAME, MOST_OPEN, MOST_REQUESTS, NewKey
from marketplace.inventory import level_queries
from marketplace.inventory.feeding import MOST_EVENTS
from marketplace.kit.errors import DomainError, NotFound
from marketplace.kit.principal import Principal
from marketplace_web.flashing import see_other
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of
from marketplace_web.settings import WebSettings
from vendor_portal.face import CONNECTIONS, portal_page
from vendor_portal.vendor_api import STOCK_PATH


async def show(request: Request) -> Response:
    return await _page(request, Form.blank())


async def create(request: Request) -> Response:
    """Answers with the page itself: a key that went through a redirect would be kept on its way."""
    principal, vendor_id = _who(request)
    form = await Form.read(request)
    web: WebSettings = request.state.web
    name = form.text("name", longest=LONGEST_NAME)
    if form.errors:
        return await _page(request, form, status_code=422)
    try:
        made = await vendor_keys.make(
            principal=principal, vendor_id=vendor_id, name=name,
            installation_secret=web.secret_key, token=form.token, now=request.state.now,
        )  # fmt: skip
    except DomainError as refusal:
        form.refuse("name", refusal.message)
        return await _page(request, form, status_code=409)
    return await _page(request, Form.blank(), made=made)


async def revoke(request: Request) -> Response:
    principal, vendor_id = _who(request)
    name = await vendor_keys.revoke(
        principal=principal, vendor_id=vendor_id, key_id=request.path_params["key_id"],
        now=request.state.now,
    )  # fmt: skip
    return see_other(request, CONNECTIONS, notice=f"The key of {name} opens nothing any more.")


async def back(request: Request) -> Response:
    """As for a stock item: who was sent to sign in comes back here."""
    principal, vendor_id = _who(request)
    theirs = await vendor_keys.of_vendor(principal=principal, vendor_id=vendor_id)
    if all(key.id != request.path_params["key_id"] for key in theirs):
        raise NotFound("key")
    return RedirectResponse(CONNECTIONS, status_code=303)


async def _page(
    request: Request, form: Form, *, made: NewKey | None = None, status_code: int = 200
) -> Response:
    principal, vendor_id = _who(request)
    keys = await vendor_keys.of_vendor(principal=principal, vendor_id=vendor_id)
    first = await level_queries.levels(principal=principal, after=None, limit=1)
    example = first[0] if first else None
    return await portal_page(
        request,
        "portal/stock_connections.html",
        status_code=status_code,
        form=form,
        made=made,
        keys=keys,
        is_full=sum(key.revoked_at is None for key in keys) >= MOST_OPEN,
        most_open=MOST_OPEN,
        most_events=MOST_EVENTS,
        most_requests=MOST_REQUESTS,
        address=f"{request.url.scheme}://{request.url.netloc}{STOCK_PATH}",
        example={
            "id": "change-1",
            "version": example.version + 1 if example else 1,
            "sku": example.sku if example else "mug",
            "location": example.location if example else "main",
            "onHand": example.on_hand if example else 8,
        },
    )


def _who(request: Request) -> tuple[Principal, UUID]:
    principal = principal_of(request)
    assert principal.vendor_id is not None, principal
    return principal, principal.vendor_id
