"""Where the back office stands and how its pages are framed."""

from starlette.requests import Request
from starlette.responses import Response

from marketplace.accounts.sessions import Audience
from marketplace.orders import staff_lists
from marketplace_web.faces import Face, NavigationItem
from marketplace_web.rendering import render
from marketplace_web.sessions import principal_of
from settlement.access import VIEWERS

FACE = Face(
    audience=Audience.BACK_OFFICE,
    title="Back office",
    prefix="/back-office",
    home="/back-office/",
    navigation=(
        NavigationItem("orders", "Orders", "/back-office/"),
        NavigationItem("holds", "On hold", "/back-office/holds"),
        NavigationItem("deadlines", "Deadlines", "/back-office/deadlines"),
        NavigationItem("vendors", "Vendors", "/back-office/vendors"),
        NavigationItem("stock", "Stock", "/back-office/stock"),
        NavigationItem("set_aside", "Set aside", "/back-office/set-aside"),
        NavigationItem("routing", "Routing", "/back-office/routing"),
        NavigationItem("finance", "Finance", "/back-office/finance", roles=VIEWERS),
    ),
    uploads={"/back-office/finance/reconciliation/bank/": 24_000_000},  # bank files: 20 MB, framed
)


async def office_page(
    request: Request, template: str, *, status_code: int = 200, **context: object
) -> Response:
    """A page with the numbers that want attention beside the navigation."""
    waiting = await staff_lists.waiting(principal=principal_of(request))
    request.state.nav_counts = {name: count for name, count in waiting.items() if count}
    return render(request, template, status_code=status_code, **context)
