"""Which tier a vendor is of: rules of the deadline policy go by it."""

import re
from uuid import UUID

from marketplace.accounts.models import Vendor
from marketplace.kit.errors import InvalidInput, NotFound
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import atomic
from marketplace.sla import access

_TIER = re.compile(r"[a-z][a-z0-9-]{0,19}")


@atomic()
async def change(*, principal: Principal, vendor_id: UUID, tier: str) -> None:
    """What starts from now goes by it. Operations may; refuses what is no short plain word."""
    access.check_operator(principal, "change a vendor's tier")
    tier = tier.strip().lower()
    if not _TIER.fullmatch(tier):
        raise InvalidInput("tier", f"{tier!r} will not do", "a word such as gold, up to 20 letters")
    if not await Vendor.filter(id=vendor_id).update(tier=tier):
        raise NotFound("vendor")
