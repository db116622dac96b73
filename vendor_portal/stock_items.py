"""One stock item: what is there, why it changed, what is coming, and the forms that change it."""

from datetime import date
from typing import TypeAlias
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from marketplace.catalog import repricing
from marketplace.inventory import adjusting, receiving, selling_ahead, shelf_queries
from marketplace.inventory.access import LONGEST_REASON, MOST_PIECES
from marketplace.inventory.errors import StaleStock
from marketplace.inventory.models import AheadKind
from marketplace.inventory.shelf_views import ShelfDetails
from marketplace.kit.errors import DomainError, Forbidden, NotFound
from marketplace.kit.money import Money
from marketplace_web.flashing import see_other
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of
from vendor_portal.face import STOCK, may_keep_stock, portal_page

COUNTED, OTHER = "counted", "other"
HOW = ((COUNTED, "I counted them"), (OTHER, "Something else: broken, lost, found"))
NEVER = "never"
AHEAD_CHOICES = (
    (NEVER, "No, from the shelf only"),
    (AheadKind.BACKORDER.value, "Yes, more arrive later"),
    (AheadKind.PRE_ORDER.value, "Yes, until its release day"),
)
Forms: TypeAlias = dict[str, Form]


async def show(request: Request) -> Response:
    return await item_page(request, await asked_for(request))


async def back(request: Request) -> Response:
    """Where a refused form was left open, or was sent by somebody whose session had ended."""
    details = await asked_for(request)
    return RedirectResponse(address_of(details.shelf.id), status_code=303)


async def adjust(request: Request) -> Response:
    details, form = await _to_change(request)
    how = form.choice("how", [value for value, _ in HOW])
    change_from = form.integer("change_from", minimum=0, maximum=MOST_PIECES)
    to = form.integer("to", minimum=0, maximum=MOST_PIECES)
    reason = form.text("reason", required=how == OTHER, longest=LONGEST_REASON)
    if form.errors:
        return await item_page(request, details, {"adjust": form}, status_code=422)
    try:
        if how == COUNTED:
            await adjusting.count(
                principal=principal_of(request), stock_id=details.shelf.id,
                change_from=change_from, to=to, reason=reason, now=request.state.now,
            )  # fmt: skip
        else:
            await adjusting.adjust(
                principal=principal_of(request), stock_id=details.shelf.id,
                change_from=change_from, to=to, reason=reason, now=request.state.now,
            )  # fmt: skip
    except StaleStock as stale:
        form.refuse("to", f"{stale.message} Look again, then decide.")
        return await _refused(request, "adjust", form)
    except DomainError as refusal:
        form.refuse("to", refusal.message)
        return await _refused(request, "adjust", form)
    return see_other(request, address_of(details.shelf.id), notice=f"{to} are on hand now.")


async def set_levels(request: Request) -> Response:
    details, form = await _to_change(request)
    safety = form.integer("safety", minimum=0, maximum=MOST_PIECES, empty=0)
    low_at = form.integer("low_at", minimum=0, maximum=MOST_PIECES, empty=-1)
    if form.errors:
        return await item_page(request, details, {"levels": form}, status_code=422)
    await adjusting.set_levels(
        principal=principal_of(request), stock_id=details.shelf.id, safety=safety,
        low_at=None if low_at == -1 else low_at,
    )  # fmt: skip
    return see_other(request, address_of(details.shelf.id), notice="That is noted.")


async def announce(request: Request) -> Response:
    details, form = await _to_change(request)
    pieces = form.integer("pieces", minimum=1, maximum=MOST_PIECES)
    expected_on = form.day("expected_on") or date.min
    reference = form.text("reference", longest=80)
    if form.errors:
        return await item_page(request, details, {"announce": form}, status_code=422)
    try:
        await receiving.announce(
            principal=principal_of(request), stock_id=details.shelf.id, pieces=pieces,
            expected_on=expected_on, reference=reference, key=str(form.token),
            now=request.state.now,
        )  # fmt: skip
    except DomainError as refusal:
        form.refuse("expected_on", refusal.message)
        return await _refused(request, "announce", form)
    notice = f"{pieces} are announced. Receive them here when they arrive."
    return see_other(request, address_of(details.shelf.id), notice=notice)


async def receive(request: Request) -> Response:
    """Pieces that arrived; or none and the end of it, where a delivery is given up."""
    details, form = await _to_change(request)
    inbound_id = request.path_params["inbound_id"]
    if all(delivery.id != inbound_id for delivery in details.deliveries):
        raise NotFound("delivery")
    is_last = form.checked("is_last")
    name = f"arrived-{inbound_id}"
    least = 0 if is_last else 1
    pieces = form.integer(name, minimum=least, maximum=MOST_PIECES, empty=0 if is_last else None)
    if form.errors:
        return await item_page(request, details, {"receive": form}, status_code=422)
    try:
        await receiving.receive(
            principal=principal_of(request), inbound_id=inbound_id, pieces=pieces,
            is_last=is_last, key=str(form.token), now=request.state.now,
        )  # fmt: skip
    except DomainError as refusal:
        form.refuse(name, refusal.message)
        return await _refused(request, "receive", form)
    notice = f"{pieces} are on the shelf." if pieces else "The delivery is closed."
    return see_other(request, address_of(details.shelf.id), notice=notice)


async def sell_ahead(request: Request) -> Response:
    details, form = await _to_change(request)
    kind = form.choice("kind", [value for value, _ in AHEAD_CHOICES])
    limit = form.integer("limit", minimum=1, maximum=MOST_PIECES, empty=0)
    lead_days = form.integer("lead_days", minimum=0, maximum=365, empty=0)
    release_on = form.day("release_on", required=kind == AheadKind.PRE_ORDER)
    if kind != NEVER and limit == 0:
        form.refuse("limit", "Please say how many at most.")
    if form.errors:
        return await item_page(request, details, {"ahead": form}, status_code=422)
    principal, offer_id = principal_of(request), details.shelf.offer_id
    try:
        if kind == NEVER:
            await selling_ahead.forbid(principal=principal, offer_id=offer_id)
        else:
            await selling_ahead.allow(
                principal=principal, offer_id=offer_id, kind=AheadKind(kind), limit=limit,
                lead_days=lead_days, release_on=release_on, now=request.state.now,
            )  # fmt: skip
    except DomainError as refusal:
        form.refuse("limit", refusal.message)
        return await _refused(request, "ahead", form)
    return see_other(request, address_of(details.shelf.id), notice="That is noted.")


async def set_price(request: Request) -> Response:
    """Of the offer, at all its locations; what was ordered before keeps its own."""
    details, form = await _to_change(request)
    shelf = details.shelf
    minor = form.minor_units("price", shelf.currency)
    if not minor and not form.errors:
        form.refuse("price", "Please enter a price.")
    if form.errors:
        return await item_page(request, details, {"price": form}, status_code=422)
    price = Money(minor, shelf.currency)
    try:
        await repricing.change_price(
            principal=principal_of(request), offer_id=shelf.offer_id, price=price
        )
    except DomainError as refusal:
        form.refuse("price", refusal.message)
        return await _refused(request, "price", form)
    return see_other(request, address_of(shelf.id), notice="That is its price from now on.")


async def asked_for(request: Request) -> ShelfDetails:
    return await shelf_queries.shelf(
        principal=principal_of(request), stock_id=request.path_params["stock_id"]
    )


def address_of(stock_id: UUID) -> str:
    return f"{STOCK}/{stock_id}"


async def item_page(
    request: Request, details: ShelfDetails, forms: Forms | None = None, *, status_code: int = 200
) -> Response:
    shelf, ahead = details.shelf, details.ahead
    shown = {
        "adjust": Form.blank(change_from=shelf.on_hand, how=COUNTED),
        "levels": Form.blank(
            safety=shelf.safety, low_at="" if shelf.low_at is None else shelf.low_at
        ),
        "price": Form.blank(price=shelf.price.amount),
        "announce": Form.blank(),
        "receive": Form.blank(),
        "ahead": Form.blank(
            kind=NEVER if ahead is None else ahead.kind.value,
            limit=shelf.backorder_limit or "",
            lead_days="" if ahead is None or ahead.lead_days is None else ahead.lead_days,
            release_on="" if ahead is None or ahead.release_on is None else ahead.release_on,
        ),
    } | (forms or {})
    return await portal_page(
        request,
        "portal/stock_item.html",
        status_code=status_code,
        details=details,
        shelf=shelf,
        forms=shown,
        how=HOW,
        ahead_choices=AHEAD_CHOICES,
        here=address_of(shelf.id),
        may_change=may_keep_stock(principal_of(request)),
    )


async def _to_change(request: Request) -> tuple[ShelfDetails, Form]:
    details = await asked_for(request)
    if not may_keep_stock(principal_of(request)):
        raise Forbidden("change stock")
    return details, await Form.read(request)


async def _refused(request: Request, name: str, form: Form) -> Response:
    """The page as it is now: another person may have been here first."""
    return await item_page(request, await asked_for(request), {name: form}, status_code=409)
