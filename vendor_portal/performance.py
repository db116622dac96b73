"""How a vendor does: each measure with its target, and the orders behind it."""

from starlette.requests import Request
from starlette.responses import Response

from marketplace.kit.errors import NotFound
from marketplace.scorecards import computing
from marketplace.scorecards.metrics import MINIMUM_SAMPLE, TARGETS, WINDOWS, Metric
from marketplace_web.sessions import principal_of
from vendor_portal.face import portal_page

ADDRESS = "/portal/performance"
WORDS = {
    Metric.ACCEPTANCE: ("Accepted", "of the orders you were asked to accept"),
    Metric.ACCEPTANCE_DELAY: ("Time to answer", "from being asked to your yes or no, on average"),
    Metric.CANCELLATION: ("Cancelled by you", "of the orders you were given"),
    Metric.LATE_SHIPMENT: ("Sent late", "of the orders that were due to leave"),
    Metric.VALID_TRACKING: ("Valid tracking", "of the parcels you sent"),
    Metric.ON_TIME_DELIVERY: ("Delivered in time", "of the parcels that were due to arrive"),
    Metric.INCIDENT: ("Gone wrong", "of the orders you sent: lost, stuck, or disputed at a bank"),
    Metric.RETURNED_TO_SENDER: ("Came back to you", "of the parcels you sent"),
    Metric.REFUND: ("Refunded", "of the orders you sent"),
}


async def show(request: Request) -> Response:
    principal = principal_of(request)
    assert principal.vendor_id is not None, principal
    measured = await computing.measure(
        principal=principal, vendor_id=principal.vendor_id, now=request.state.now
    )
    return await portal_page(
        request,
        "portal/performance.html",
        windows=WINDOWS,
        rows=[
            (metric, *WORDS[metric], TARGETS[metric], [measured[days][place] for days in WINDOWS])
            for place, metric in enumerate(Metric)
        ],
        minimum=MINIMUM_SAMPLE,
    )


async def show_behind(request: Request) -> Response:
    principal = principal_of(request)
    assert principal.vendor_id is not None, principal
    days = request.path_params["days"]
    if request.path_params["metric"] not in list(Metric) or days not in WINDOWS:
        raise NotFound("page")
    metric = Metric(request.path_params["metric"])
    cases = await computing.behind(
        principal=principal, vendor_id=principal.vendor_id, metric=metric, days=days,
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
