"""Holds as staff see them: what waits, the longest first, and all of one order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace.kit.errors import Forbidden
from marketplace.kit.money import Money
from marketplace.kit.principal import Kind, Principal
from marketplace.kit.transactions import transaction
from marketplace.orders.hold_models import HoldKind

_COLUMNS = """
    hold.id, hold.order_id, hold.kind, hold.reason, hold.placed_at, hold.released_at, hold.note,
    orders.number, orders.customer_name, orders.total_minor, orders.currency,
    sub_order.number AS sub_order, split_part(hold.placed_by, ':', 1) AS placed_by,
    placer.name AS placer, split_part(hold.released_by, ':', 1) AS released_by,
    releaser.name AS releaser
"""
_FROM = """
    FROM order_hold hold JOIN orders ON orders.id = hold.order_id
    LEFT JOIN sub_order ON sub_order.id = hold.sub_order_id
    LEFT JOIN app_user placer ON hold.placed_by = 'staff:' || placer.id
    LEFT JOIN app_user releaser ON hold.released_by = 'staff:' || releaser.id
"""
# The longest waiting first; asked for those before a key, the other way round.
_QUEUE = f"""
    SELECT {_COLUMNS} {_FROM}
    WHERE hold.released_at IS NULL AND ($1::text IS NULL OR hold.kind = $1)
        AND ($2::timestamptz IS NULL OR hold.placed_at <= $2)
        AND ($3::timestamptz IS NULL OR (hold.placed_at, hold.id) {{beyond}} ($3, $4::uuid))
    ORDER BY hold.placed_at {{way}}, hold.id {{way}} LIMIT $5
"""
_OF_ORDER = f"""
    SELECT {_COLUMNS} {_FROM} WHERE hold.order_id = $1 ORDER BY hold.placed_at DESC, hold.id DESC
"""
_COUNTS = "SELECT kind, count(*) FROM order_hold WHERE released_at IS NULL GROUP BY kind"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedHold:
    """`placed_by` and `released_by` are a person's name, or else a word such as "system"."""

    id: UUID
    order_id: UUID
    number: str
    sub_order: str | None
    customer_name: str
    total: Money
    kind: HoldKind
    reason: str
    placed_by: str
    placed_at: datetime
    released_by: str | None
    released_at: datetime | None
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Up to `limit` open holds behind a key, or before it in reverse order."""

    limit: int
    after: tuple[datetime, UUID] | None = None
    before: tuple[datetime, UUID] | None = None


async def queue(
    *, principal: Principal, kind: HoldKind | None, placed_until: datetime | None, part: Part
) -> Sequence[ListedHold]:
    """Open holds, the longest waiting first. Refuses all but staff."""
    _check(principal)
    key = part.before or part.after
    backwards = part.before is not None
    sql = _QUEUE.format(beyond="<" if backwards else ">", way="DESC" if backwards else "ASC")
    async with transaction(principal, read_only=True) as connected:
        rows = await connected.fetch(
            sql, kind, placed_until, key and key[0], key and key[1], part.limit
        )
    return [_listed(row) for row in rows]


async def of_order(*, principal: Principal, order_id: UUID) -> Sequence[ListedHold]:
    """The newest first, open and ended. Refuses all but staff."""
    _check(principal)
    async with transaction(principal, read_only=True) as connected:
        return [_listed(row) for row in await connected.fetch(_OF_ORDER, order_id)]


async def count_open(*, principal: Principal) -> dict[HoldKind, int]:
    """How many are open of each kind there is one of. Refuses all but staff."""
    _check(principal)
    async with transaction(principal, read_only=True) as connected:
        return {HoldKind(row[0]): row[1] for row in await connected.fetch(_COUNTS)}


def _check(principal: Principal) -> None:
    if principal.kind not in (Kind.STAFF, Kind.SYSTEM):
        raise Forbidden("see holds")


def _listed(row: Any) -> ListedHold:
    return ListedHold(
        id=row["id"],
        order_id=row["order_id"],
        number=row["number"],
        sub_order=row["sub_order"],
        customer_name=row["customer_name"],
        total=Money(row["total_minor"], row["currency"]),
        kind=HoldKind(row["kind"]),
        reason=row["reason"],
        placed_by=row["placer"] or row["placed_by"],
        placed_at=row["placed_at"],
        released_by=row["releaser"] or row["released_by"],
        released_at=row["released_at"],
        note=row["note"],
    )
