"""Deadlines: what was escalated, the policy's versions, and what an order would get by one."""

from datetime import datetime
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from back_office import deadline_words as words
from back_office.face import office_page
from marketplace.kit.errors import NotFound
from marketplace.orders import escalations
from marketplace.pricing.shipping import STANDARD
from marketplace.sla import access, policies
from marketplace.sla.policies import Content, Preview
from marketplace_web.flashing import see_other
from marketplace_web.sessions import principal_of

ADDRESS = "/back-office/deadlines"


async def index(request: Request) -> Response:
    principal = principal_of(request)
    return await office_page(
        request,
        "back_office/deadlines.html",
        escalations=await escalations.waiting(principal=principal),
        versions=await policies.versions(principal=principal),
        may_change=access.is_operator(principal),
        kinds=words.KINDS,
    )


async def take(request: Request) -> Response:
    try:
        await escalations.take(
            principal=principal_of(request),
            run_id=request.path_params["run_id"],
            now=request.state.now,
        )
    except NotFound:
        return see_other(request, ADDRESS, notice="Somebody took it before you.", tone="info")
    return see_other(request, ADDRESS, notice="Taken off the list.")


async def show(request: Request) -> Response:
    """One version, with when an order placed now would be due by it."""
    principal = principal_of(request)
    said = await policies.content(principal=principal, version_id=request.path_params["version_id"])
    vendors = await policies.vendors(principal=principal)
    asked = {name: request.query_params.get(name, "") for name in ("vendor", "category", "method")}
    chosen = next((vendor for vendor in vendors if str(vendor.id) == asked["vendor"]), None)
    return await office_page(
        request,
        "back_office/deadline_policy.html",
        policy=said.version,
        rules=[words.rule(rule) for rule in said.rules],
        actions=[words.action(action) for action in said.actions],
        vendors=[(str(vendor.id), vendor.name) for vendor in vendors],
        asked=asked,
        previews=await _previews(request, said, chosen.id, asked) if chosen else [],
        zone=chosen.time_zone if chosen else "",
        kinds=words.KINDS,
        may_change=access.is_operator(principal),
        now=request.state.now,
    )


async def back(request: Request) -> Response:
    """The address of a form that was posted is not a page of its own."""
    return RedirectResponse(ADDRESS, status_code=303)


async def _previews(
    request: Request, said: Content, vendor_id: UUID, asked: dict[str, str]
) -> list[Preview]:
    now: datetime = request.state.now
    return await policies.preview(
        principal=principal_of(request),
        version_id=said.version.id,
        vendor_id=vendor_id,
        category=asked["category"].strip(),
        shipping_method=asked["method"].strip() or STANDARD,
        now=now,
    )
