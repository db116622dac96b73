"""A person changes what is on hand: from a figure that was seen, to another one."""

from datetime import datetime
from uuid import UUID

from marketplace.inventory import moving, shortening
from marketplace.inventory.access import check_keeper, check_pieces, check_reason, lock_shelf
from marketplace.inventory.errors import StaleStock, StockIsPromised
from marketplace.inventory.models import MovementKind, Stock
from marketplace.kit.errors import InvalidInput
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import atomic


@atomic()
async def adjust(
    *,
    principal: Principal,
    stock_id: UUID,
    change_from: int,
    to: int,
    reason: str,
    now: datetime,
) -> Stock:
    """Set what is on hand, if it still is `change_from`.

    Refuses another figure than that (StaleStock says the present one), fewer than customers were
    promised (StockIsPromised), and a change without a reason.
    """
    reason = check_reason(reason)
    shelf = await _held(principal, stock_id, change_from, to)
    least = max(shelf.reserved - shelf.backorder_limit, 0)
    if to < least:
        raise StockIsPromised(reserved=shelf.reserved, least=least)
    return await _moved(shelf, to, MovementKind.ADJUSTED, principal, now, reason)


@atomic()
async def count(
    *,
    principal: Principal,
    stock_id: UUID,
    change_from: int,
    to: int,
    now: datetime,
    reason: str = "",
) -> Stock:
    """Somebody stood before the shelf and counted; what they found is so, whatever was promised.

    Promises of pieces that are not there are taken back and told of (`stock.short`). Refuses
    another figure than `change_from` (StaleStock), as `adjust` does. It needs no reason.
    """
    said = check_reason(reason) if reason.strip() else None
    shelf = await _held(principal, stock_id, change_from, to)
    await shortening.take_back(shortening.missing_of([shelf], {shelf.id: to}), now=now)
    return await _moved(shelf, to, MovementKind.COUNTED, principal, now, said)


@atomic()
async def set_levels(
    *, principal: Principal, stock_id: UUID, safety: int, low_at: int | None
) -> Stock:
    """How many are kept back from sale, and at how few the vendor is told; None is never.

    What was promised before stays promised, also out of what is now kept back.
    """
    check_keeper(principal)
    check_pieces("safety", safety)
    if low_at is not None:
        check_pieces("low_at", low_at)
    shelf = await lock_shelf(stock_id, by=principal)
    shelf.safety, shelf.low_at = safety, low_at
    shelf.is_low = shelf.is_low and low_at is not None
    await shelf.save(update_fields=["safety", "low_at", "is_low"])
    return shelf


async def _held(principal: Principal, stock_id: UUID, change_from: int, to: int) -> Stock:
    check_keeper(principal)
    check_pieces("to", to)
    shelf = await lock_shelf(stock_id, by=principal)
    if shelf.on_hand != change_from:
        raise StaleStock(expected=change_from, current=shelf.on_hand)
    return shelf


async def _moved(
    shelf: Stock, to: int, kind: MovementKind, by: Principal, now: datetime, reason: str | None
) -> Stock:
    if kind is MovementKind.ADJUSTED and to == shelf.on_hand:
        raise InvalidInput("to", "that is what is on hand already", "another number")
    await moving.move_to({shelf.id: to}, kind, actor=by.key, now=now, reason=reason)
    await shelf.refresh_from_db()
    return shelf
