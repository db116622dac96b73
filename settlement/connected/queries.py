"""A vendor's account at the provider, as we last heard of it."""

from uuid import UUID

from marketplace.kit.errors import NotFound
from marketplace.kit.principal import Kind, Principal
from marketplace.kit.transactions import transaction
from settlement.connected.models import ConnectedAccount


async def account_of(*, principal: Principal, vendor_id: UUID) -> ConnectedAccount | None:
    """None before it was opened. Somebody else's vendor does not exist: NotFound."""
    if principal.kind not in (Kind.STAFF, Kind.SYSTEM) and principal.vendor_id != vendor_id:
        raise NotFound("vendor")
    async with transaction(principal):
        return await ConnectedAccount.get_or_none(vendor_id=vendor_id)
