"""Where the portal stands and how its pages are framed."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from marketplace.accounts.sessions import Audience
from marketplace.inventory.access import VENDOR_KEEPERS
from marketplace.kit.errors import Forbidden
from marketplace.kit.principal import Principal, VendorRole
from marketplace.orders import vendor_counts
from marketplace_web.faces import Face, NavigationItem
from marketplace_web.rendering import render
from marketplace_web.sessions import principal_of

STOCK = "/portal/stock"
STOCK_FILES = "/portal/stock/uploads"
CONNECTIONS = "/portal/stock/connections"
LOCATIONS = "/portal/locations"
OUTAGES = "/portal/places"
DAYS_OFF = "/portal/vacations"
SHIPPING = "/portal/shipping"
BALANCE = "/portal/balance"
PAYOUTS = "/portal/payouts"
STATEMENTS = "/portal/statements"
GETTING_PAID = "/portal/getting-paid"
MONEY_READERS = frozenset({VendorRole.OWNER, VendorRole.FINANCE})
FACE = Face(
    audience=Audience.PORTAL,
    title="Vendor portal",
    prefix="/portal",
    home="/portal/",
    navigation=(
        NavigationItem("work", "Orders", "/portal/"),
        NavigationItem("stock", "Stock", STOCK),
        NavigationItem("places", "Locations", LOCATIONS, also=(OUTAGES, DAYS_OFF, SHIPPING)),
        NavigationItem("performance", "Performance", "/portal/performance"),
        NavigationItem("balance", "Balance", BALANCE, roles=MONEY_READERS),
        NavigationItem("payouts", "Payouts", PAYOUTS, roles=MONEY_READERS),
        NavigationItem("statements", "Statements", STATEMENTS, roles=MONEY_READERS),
        NavigationItem("getting_paid", "Getting paid", GETTING_PAID, roles=MONEY_READERS),
    ),
    uploads={STOCK_FILES: 2_500_000},  # files of stock levels: 2 MB, framed
)


def may_see_money(principal: Principal) -> bool:
    """The vendor's account is its owner's to see, and of those who do its books."""
    return bool(principal.roles & MONEY_READERS)


def may_keep_stock(principal: Principal) -> bool:
    """Who packs or owns the shop changes stock; who does its books only looks."""
    return bool(principal.roles & VENDOR_KEEPERS)


def money_reader(request: Request) -> tuple[Principal, UUID]:
    """Who asks and its vendor. Refuses (Forbidden) whoever packs and does no books."""
    principal = principal_of(request)
    if not may_see_money(principal):
        raise Forbidden("see the money")
    assert principal.vendor_id is not None, principal
    return principal, principal.vendor_id


async def portal_page(
    request: Request, template: str, *, status_code: int = 200, **context: object
) -> Response:
    """A page with what wants attention beside the navigation: orders, or the vendor's standing."""
    principal = principal_of(request)
    waiting = await vendor_counts.waiting(principal=principal)
    request.state.nav_counts = {name: count for name, count in waiting.items() if count}
    return render(request, template, status_code=status_code, **context)
