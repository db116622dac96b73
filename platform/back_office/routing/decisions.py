"""Why a sub-order is served from where it is, and how a simulation goes."""

from starlette.requests import Request
from starlette.responses import Response

from back_office.face import office_page
from marketplace.kit.errors import NotFound
from marketplace.routing import queries
from marketplace_web.flashing import see_other
from marketplace_web.forms import CONTROL_CHARACTERS
from marketplace_web.sessions import principal_of

VERDICTS = {
    "won": ("Won", "good"), "lost": ("Lost", ""), "stands_by": ("Stands by", "warn"),
    "out": ("Out", "bad"),
}  # fmt: skip
CAUSES = {
    "placed": "Decided when it was placed",
    "rerouted": "Decided when another seller could not send it",
    "before": "Placed before decisions were kept",
}


async def find(request: Request) -> Response:
    """A number typed into the search leads to its decision."""
    asked = CONTROL_CHARACTERS.sub("", request.query_params.get("number", "")).strip()[:40]
    try:
        found = await queries.decision(principal=principal_of(request), number=asked)
    except NotFound:
        notice = f"There is no sub-order {asked or 'without a number'}."
        return see_other(request, "/back-office/routing", notice=notice, tone="bad")
    return see_other(request, f"/back-office/routing/decisions/{found.number}")


async def show(request: Request) -> Response:
    found = await queries.decision(
        principal=principal_of(request), number=request.path_params["number"]
    )
    return await office_page(
        request,
        "back_office/routing/decision.html",
        found=found,
        verdicts=VERDICTS,
        cause=CAUSES[found.cause],
        wanted={line["id"]: line for line in found.inputs.get("lines", [])},
    )


async def simulation(request: Request) -> Response:
    found = await queries.simulation(
        principal=principal_of(request), simulation_id=request.path_params["simulation_id"]
    )
    return await office_page(request, "back_office/routing/simulation.html", found=found)
