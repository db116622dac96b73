"""Who may do what with stock, and the locks all changes take: shelves in id order, before all else.

Stock is a vendor's own. Its owner, whoever packs and its own systems may change it.
"""

from collections.abc import Collection
from uuid import UUID

from marketplace.inventory.models import Stock
from marketplace.kit.errors import Forbidden, InvalidInput, NotFound
from marketplace.kit.principal import KeyRole, Kind, Principal, VendorRole

VENDOR_KEEPERS = frozenset({VendorRole.OWNER, VendorRole.FULFILMENT, KeyRole.STOCK})
MOST_PIECES = 1_000_000
LONGEST_REASON = 200


def check_keeper(principal: Principal) -> None:
    """Refuses (Forbidden) those who only look, and everybody from outside."""
    match principal.kind:
        case Kind.SYSTEM:
            return
        case Kind.VENDOR if principal.roles & VENDOR_KEEPERS:
            return
    raise Forbidden("change stock")


async def lock_shelf(stock_id: UUID, *, by: Principal) -> Stock:
    """One stock item, held; another vendor's does not exist (NotFound)."""
    found = await lock_shelves([stock_id], by=by)
    if not found:
        raise NotFound("stock item")
    return found[0]


async def lock_shelves(stock_ids: Collection[UUID], *, by: Principal) -> list[Stock]:
    """Those of the stock items that are theirs, held, by id."""
    theirs = Stock.filter(id__in=list(stock_ids))
    if by.vendor_id is not None:
        theirs = theirs.filter(vendor_id=by.vendor_id)
    return await theirs.order_by("id").select_for_update(no_key=True)


def check_pieces(name: str, pieces: int, *, least: int = 0) -> None:
    if not least <= pieces <= MOST_PIECES:
        raise InvalidInput(name, f"{pieces} is out of range", f"{least} to {MOST_PIECES}")


def check_reason(reason: str) -> str:
    reason = " ".join(reason.split())
    if not 0 < len(reason) <= LONGEST_REASON:
        raise InvalidInput("reason", "it is empty or too long", f"1 to {LONGEST_REASON} characters")
    return reason
