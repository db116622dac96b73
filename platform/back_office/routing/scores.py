"""How well each seller does, as the ranker `vendor_score` takes it: set by hand, 0 to 1000."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from back_office.routing.places import ADDRESS, places_page
from marketplace.routing import closing, places
from marketplace.routing.closing import BEST_SCORE
from marketplace_web.flashing import see_other
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of


async def create(request: Request) -> Response:
    form, principal = await Form.read(request), principal_of(request)
    there, _ = await places.everything(principal=principal, now=request.state.now)
    sellers = {str(place.vendor_id): place.vendor for place in there}
    seller = form.choice("seller", sellers)
    score = form.integer("score", minimum=0, maximum=BEST_SCORE)
    if form.errors:
        return await places_page(request, Form.blank(), score=form, status_code=422)
    await closing.set_standing(
        principal=principal, vendor_id=UUID(seller), score=score, now=request.state.now
    )
    notice = f"Noted. Rules that rank by vendor_score take {score} for {sellers[seller]} now."
    return see_other(request, ADDRESS, notice=notice)
