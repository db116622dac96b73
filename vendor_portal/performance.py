"""How a vendor does: each measure with its limits, the orders behind it, and how it stands."""

from collections.abc import Mapping
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from marketplace.kit.errors import NotFound
from marketplace.kit.principal import Principal
from marketplace.scorecards import computing, figures, judging, limits
from marketplace.scorecards.judging import Line
from marketplace.scorecards.metrics import WINDOWS, Measured, Metric
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of
from vendor_portal import standing
from vendor_portal.face import portal_page

WORDS = {
    Metric.ACCEPTANCE: ("Accepted", "of the orders you were asked to accept"),
    Metric.ACCEPTANCE_DELAY: ("Time to answer", "from being asked to your yes or no, on average"),
    Metric.CANCELLATION: ("Cancelled by you", "of the orders you were given"),
    Metric.LATE_SHIPMENT: ("Sent late", "of the orders that were due to leave"),
    Metric.VALID_TRACKING: ("Valid tracking", "of the parcels you sent, two days after they left"),
    Metric.ON_TIME_DELIVERY: ("Delivered in time", "of the parcels that were due to arrive"),
    Metric.INCIDENT: ("Gone wrong", "of the orders you sent: lost, stuck, or disputed at a bank"),
    Metric.RETURNED_TO_SENDER: ("Came back to you", "of the parcels you sent"),
    Metric.REFUND: ("Refunded", "of the orders you sent"),
}


async def show(request: Request) -> Response:
    return await page(request, Form.blank())


async def page(request: Request, form: Form, *, status_code: int = 200) -> Response:
    """With the form of an appeal, as it was typed."""
    principal, vendor_id = _who(request)
    measured = await computing.measure(
        principal=principal, vendor_id=vendor_id, now=request.state.now
    )
    said = {line.metric: line for line in (await limits.content(principal=principal)).lines}
    all_in = standing.window_of(said.values())
    return await portal_page(
        request,
        "portal/performance.html",
        status_code=status_code,
        windows=WINDOWS,
        all_in=all_in,
        rows=[
            (metric, *WORDS[metric], standing.limits_of(said.get(metric), all_in=all_in),
             [_cell(measured[days][place], days, said) for days in WINDOWS])
            for place, metric in enumerate(Metric)
        ],
        form=form,
        **await standing.context(principal=principal, vendor_id=vendor_id),
    )  # fmt: skip


def _cell(one: Measured, days: int, said: Mapping[str, Line]) -> tuple[Measured, bool | None]:
    """A figure, and whether it keeps its target; none where nobody says or too few cases do."""
    line = said.get(one.metric)
    if line is None:
        return one, None
    return one, judging.is_met(line, figures.of(one, days=days))


async def show_behind(request: Request) -> Response:
    principal, vendor_id = _who(request)
    days = request.path_params["days"]
    if request.path_params["metric"] not in list(Metric) or days not in WINDOWS:
        raise NotFound("page")
    metric = Metric(request.path_params["metric"])
    cases = await computing.behind(
        principal=principal, vendor_id=vendor_id, metric=metric, days=days,
        now=request.state.now,
    )  # fmt: skip
    return await portal_page(
        request,
        "portal/performance_orders.html",
        metric=metric,
        title=WORDS[metric][0],
        meaning=WORDS[metric][1],
        days=days,
        cases=cases,
        longest=computing.LONGEST_LIST,
    )


def _who(request: Request) -> tuple[Principal, UUID]:
    principal = principal_of(request)
    assert principal.vendor_id is not None, principal
    return principal, principal.vendor_id
