"""Why one entry of the balance is what it is, back to the order and on to the payout."""

from starlette.requests import Request
from starlette.responses import Response

from marketplace.kit.errors import NotFound
from settlement.explaining import entries as explaining
from vendor_portal import explained
from vendor_portal.face import money_reader, portal_page

LARGEST = 2**63 - 1  # what the ledger's numbers can be


async def show(request: Request) -> Response:
    """NotFound for somebody else's, as for one that is not."""
    principal, _ = money_reader(request)
    entry_id = request.path_params["entry_id"]
    if entry_id > LARGEST:
        raise NotFound("entry")
    found = await explaining.explain_entry(principal=principal, entry_id=entry_id)
    return await portal_page(request, "portal/entry.html", story=explained.story_of(found))
