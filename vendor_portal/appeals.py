"""What a vendor says against a warning or a suspension."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from marketplace.kit.errors import IllegalMove
from marketplace.scorecards import appealing
from marketplace.scorecards.errors import AlreadyAppealed
from marketplace_web.flashing import see_other
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of
from vendor_portal import performance

ADDRESS = "/portal/performance"
SENT = "We have it. The answer comes by e-mail and stands here."
WELL = "There is nothing to appeal against: you stand well."


async def create(request: Request) -> Response:
    form = await Form.read(request)
    text = form.text("text", longest=appealing.LONGEST_TEXT)
    if form.errors:
        return await performance.page(request, form, status_code=422)
    try:
        await appealing.appeal(principal=principal_of(request), text=text, now=request.state.now)
    except AlreadyAppealed as refused:
        return see_other(request, ADDRESS, notice=refused.message, tone="info")
    except IllegalMove:
        return see_other(request, ADDRESS, notice=WELL, tone="info")
    return see_other(request, ADDRESS, notice=SENT)


async def back(request: Request) -> Response:
    """The address of a form that was posted is not a page of its own."""
    return RedirectResponse(ADDRESS, status_code=303)
