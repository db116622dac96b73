"""News that could not be handled: seen with its error, and sent on its way again."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from back_office.face import office_page
from back_office.wording import CONSUMERS
from marketplace.kit.errors import Forbidden, NotFound
from marketplace.kit.principal import StaffRole
from marketplace.outbox import reviving
from marketplace_web.flashing import see_other
from marketplace_web.sessions import principal_of

ADDRESS = "/back-office/set-aside"
MAY_RETRY = frozenset({StaffRole.OPERATIONS, StaffRole.ADMINISTRATOR})


async def index(request: Request) -> Response:
    principal = principal_of(request)
    letters = await reviving.dead_letters(principal=principal)
    may_retry = bool(principal.roles & MAY_RETRY)
    return await office_page(
        request,
        "back_office/set_aside.html",
        letters=letters,
        consumers=CONSUMERS,
        may_retry=may_retry,
    )


async def retry(request: Request) -> Response:
    principal = principal_of(request)
    if not principal.roles & MAY_RETRY:
        raise Forbidden("send news on its way again")
    try:
        await reviving.revive(
            principal=principal,
            delivery_id=request.path_params["delivery_id"],
            now=request.state.now,
        )
    except NotFound:
        notice = "It is not set aside any more: somebody sent it on its way before."
        return see_other(request, ADDRESS, notice=notice, tone="info")
    return see_other(request, ADDRESS, notice="It is on its way again.")


async def back(request: Request) -> Response:
    return RedirectResponse(ADDRESS, status_code=303)
