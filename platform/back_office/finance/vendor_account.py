"""A vendor's account at the payment provider: open it, and make the link to its questions."""

from starlette.requests import Request
from starlette.responses import Response

from back_office.finance.acting import BASE, gateway_of
from back_office.finance.vendor import vendor_page
from marketplace.payments.gateway import ProviderError
from marketplace_web.flashing import see_other
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of
from settlement.connected import opening

OPENED = "The account is opened. Make a link now, and send it to the vendor."
ASKED = "The provider has not answered yet. We keep asking; look again in a minute."
NO = "The payment provider would not open an account: {}"
NO_LINK = "The payment provider gives no link at the moment. Please try again in a minute."


async def open_account(request: Request) -> Response:
    """Sent twice it opens one."""
    vendor_id = request.path_params["vendor_id"]
    address = f"{BASE}/vendors/{vendor_id}"
    try:
        account = await opening.open_account(
            principal=principal_of(request), vendor_id=vendor_id, gateway=gateway_of(request),
            now=request.state.now,
        )  # fmt: skip
    except ProviderError as error:
        return see_other(request, address, notice=NO.format(error), tone="bad")
    if account.provider_account_id is None:
        return see_other(request, address, notice=ASKED, tone="warn")
    return see_other(request, address, notice=OPENED)


async def onboard(request: Request) -> Response:
    """Shows the link: it is the vendor's, good once and for minutes, so nothing keeps it."""
    home = f"{str(request.base_url).rstrip('/')}/portal/"
    try:
        link = await opening.onboarding_link(
            principal=principal_of(request), vendor_id=request.path_params["vendor_id"],
            return_url=home, refresh_url=home, gateway=gateway_of(request),
        )  # fmt: skip
    except ProviderError:
        address = f"{BASE}/vendors/{request.path_params['vendor_id']}"
        return see_other(request, address, notice=NO_LINK, tone="bad")
    return await vendor_page(request, Form.blank(), link=link)
