"""Who may read of money: finance all of it, a vendor's owner and finance people their own."""

from uuid import UUID

from marketplace.kit.errors import Forbidden, NotFound
from marketplace.kit.principal import Kind, Principal, VendorRole
from settlement.access import VIEWERS

VENDOR_FINANCE = frozenset({VendorRole.OWNER, VendorRole.FINANCE})


def reads_everything(principal: Principal) -> bool:
    """The system, and staff whose work is money."""
    is_finance = principal.kind is Kind.STAFF and bool(principal.roles & VIEWERS)
    return principal.kind is Kind.SYSTEM or is_finance


def whose(principal: Principal, *, asked: UUID | None) -> UUID | None:
    """The vendor whose rows the principal gets: as asked, or a vendor's own whatever is asked.

    Somebody else's vendor does not exist: NotFound. Refuses whoever has no business with money.
    """
    if reads_everything(principal):
        return asked
    if principal.kind is not Kind.VENDOR or not principal.roles & VENDOR_FINANCE:
        raise Forbidden("read of money")
    if asked is not None and asked != principal.vendor_id:
        raise NotFound(thing="vendor")
    return principal.vendor_id
