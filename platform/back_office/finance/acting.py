"""What the pages about money share: who may do what, and how an act is answered."""

import re
from collections.abc import Awaitable, Sequence

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from back_office.face import office_page
from back_office.wording import ACTORS, EVENTS
from marketplace.kit.errors import DomainError, Forbidden, NotFound
from marketplace.kit.principal import StaffRole
from marketplace_web.flashing import see_other
from marketplace_web.forms import CONTROL_CHARACTERS
from marketplace_web.sessions import principal_of
from settlement.access import ACCOUNTANTS, APPROVERS
from settlement.connected.gateway import ConnectGateway
from settlement.history.reading import Moved

BASE = "/back-office/finance"
_ONE = re.compile(r"^.*?/(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


async def finance_page(
    request: Request, template: str, *, status_code: int = 200, **context: object
) -> Response:
    """A page that knows what its reader may do; the operations refuse by themselves too."""
    principal = principal_of(request)
    return await office_page(
        request,
        f"back_office/finance/{template}",
        status_code=status_code,
        may_prepare=bool(principal.roles & ACCOUNTANTS),
        may_decide=bool(principal.roles & APPROVERS),
        is_administrator=StaffRole.ADMINISTRATOR in principal.roles,
        me=principal.key,
        explain_href=explain_href,
        **context,
    )


def explain_href(entry_id: int) -> str:
    """Where an entry of the ledger is explained."""
    return f"{BASE}/explain/entries/{entry_id}"


async def answer(request: Request, href: str, doing: Awaitable[object], *, notice: str) -> Response:
    """Back to a page with what became of it; a refusal is said there, in its own words.

    Who may not, and what is not there, are pages of their own.
    """
    try:
        await doing
    except (Forbidden, NotFound):
        raise
    except DomainError as refusal:
        return see_other(request, href, notice=refusal.message, tone="bad")
    return see_other(request, href, notice=notice)


def gateway_of(request: Request) -> ConnectGateway:
    """The application's, which the runtime opens and closes."""
    gateway: ConnectGateway = request.app.state.connect_gateway
    return gateway


async def above(request: Request) -> Response:
    """Where a form was sent from, for who opens its address: the page of what it is about."""
    page = _ONE.match(request.url.path)
    href = page[0] if page else request.url.path.rsplit("/", 1)[0]
    return RedirectResponse(href, status_code=303)


def searched(request: Request) -> str | None:
    """What somebody looks for, cleaned; None for nothing."""
    asked = request.query_params.get("q", "")
    return CONTROL_CHARACTERS.sub("", asked).strip()[:200] or None


def happenings(story: Sequence[Moved]) -> list[dict[str, object]]:
    """Items of the timeline macro."""
    items = []
    for moved in story:
        what, tone = EVENTS.get(moved.event, (moved.event, ""))
        actor = moved.actor.partition(":")[0]
        items.append(
            {
                "at": moved.at,
                "what": what,
                "who": moved.person or ACTORS.get(actor, actor),
                "detail": moved.reason or "",
                "tone": tone,
            }
        )
    return items
