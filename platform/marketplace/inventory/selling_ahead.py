"""Sell an offer before it is on hand: as a backorder, or as a pre-order until its release."""

from datetime import date, datetime
from uuid import UUID

from marketplace.catalog.errors import UnknownOffer
from marketplace.inventory.access import check_keeper, check_pieces
from marketplace.inventory.errors import InThePast, StockIsPromised
from marketplace.inventory.models import AheadKind, SellingAhead, Stock
from marketplace.kit.errors import InvalidInput
from marketplace.kit.ids import new_id
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import atomic, connection

LONGEST_LEAD_DAYS = 365

# The shelves in id order; the one that is asked first among the open ones sells ahead.
_SHELVES = """
    SELECT stock.id FROM stock JOIN location ON location.id = stock.location_id
    WHERE stock.offer_id = $1 AND ($2::uuid IS NULL OR stock.vendor_id = $2)
    ORDER BY location.closed_at IS NOT NULL, location.priority, stock.id LIMIT 1
"""
_ALLOW = """
    INSERT INTO selling_ahead (id, offer_id, vendor_id, kind, lead_days, release_on)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (offer_id) DO UPDATE SET kind = excluded.kind, lead_days = excluded.lead_days,
        release_on = excluded.release_on
"""


@atomic()
async def allow(
    *,
    principal: Principal,
    offer_id: UUID,
    kind: AheadKind,
    limit: int,
    now: datetime,
    lead_days: int | None = None,
    release_on: date | None = None,
) -> None:
    """Sell up to `limit` pieces beyond what is on hand, at the location that is asked first.

    A backorder leaves `lead_days` after it was bought, a pre-order on `release_on` (UTC). Refuses
    a limit below what was sold ahead already (StockIsPromised), and release days that are over.
    """
    check_keeper(principal)
    check_pieces("limit", limit, least=1)
    _check_terms(kind, lead_days, release_on, now)
    vendor_id = await _set_limit(principal, offer_id, limit)
    await connection().execute(
        _ALLOW, new_id(now), offer_id, vendor_id, kind,
        lead_days if kind is AheadKind.BACKORDER else None,
        release_on if kind is AheadKind.PRE_ORDER else None,
    )  # fmt: skip


@atomic()
async def forbid(*, principal: Principal, offer_id: UUID) -> None:
    """Sell from the shelf only. Refuses (StockIsPromised) while pieces sold ahead are owed."""
    check_keeper(principal)
    await _set_limit(principal, offer_id, 0)
    await SellingAhead.filter(offer_id=offer_id).delete()


def _check_terms(
    kind: AheadKind, lead_days: int | None, release_on: date | None, now: datetime
) -> None:
    if kind is AheadKind.BACKORDER:
        if lead_days is None or not 0 <= lead_days <= LONGEST_LEAD_DAYS:
            raise InvalidInput("lead_days", "a backorder needs them", f"0 to {LONGEST_LEAD_DAYS}")
    elif release_on is None:
        raise InvalidInput("release_on", "a pre-order needs one", "a day")
    elif release_on < now.date():
        raise InThePast(name="release_on", day=release_on)


async def _set_limit(principal: Principal, offer_id: UUID, limit: int) -> UUID:
    """The limit on one shelf and none on the others; answers with whose they are."""
    first = await connection().fetchval(_SHELVES, offer_id, principal.vendor_id)
    if first is None:
        raise UnknownOffer([offer_id])
    shelves = await Stock.filter(offer_id=offer_id).order_by("id").select_for_update(no_key=True)
    for shelf in shelves:
        shelf.backorder_limit = limit if shelf.id == first else 0
        owed = shelf.reserved - shelf.on_hand
        if shelf.backorder_limit < owed:
            raise StockIsPromised(reserved=shelf.reserved, least=owed)
        await shelf.save(update_fields=["backorder_limit"])
    return shelves[0].vendor_id
