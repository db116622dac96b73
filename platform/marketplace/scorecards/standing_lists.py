"""How all vendors stand, for staff: a list by name, and the appeals that wait."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from marketplace.kit.errors import Forbidden
from marketplace.kit.principal import Kind, Principal
from marketplace.kit.transactions import transaction
from marketplace.scorecards import judging
from marketplace.scorecards.judging import Cause
from marketplace.scorecards.standing_models import StandingState

MOST = 200  # appeals on a page

_LISTED = """
    SELECT vendor.id, vendor.name, coalesce(standing.state, 'good') AS state,
        change.at AS since, change.reason, card.day, card.causes, appeal.made_at AS appealed_at
    FROM vendor
    LEFT JOIN scorecard_standing standing ON standing.vendor_id = vendor.id
    LEFT JOIN scorecard_standing_change change ON change.id = standing.change_id
    LEFT JOIN scorecard_appeal appeal ON appeal.vendor_id = vendor.id AND appeal.state = 'open'
    LEFT JOIN LATERAL (
        SELECT day, causes FROM scorecard WHERE vendor_id = vendor.id ORDER BY day DESC LIMIT 1
    ) card ON true
    WHERE ($1::text IS NULL OR coalesce(standing.state, 'good') = $1)
        AND ($2::text IS NULL OR position(lower($2) IN lower(vendor.name)) > 0)
        AND ($3::text IS NULL OR (vendor.name, vendor.id) {beyond} ($3, $4::uuid))
    ORDER BY vendor.name {way}, vendor.id {way} LIMIT $5
"""
_COUNTS = "SELECT state, count(*) FROM scorecard_standing GROUP BY state"
_APPEALS = """
    SELECT appeal.id, appeal.vendor_id, vendor.name AS vendor, appeal.text, appeal.made_at,
        change.at AS since, change.reason, change.causes, standing.state, standing.change_id,
        CASE WHEN standing.change_id <> change.id THEN last.at END AS moved_at,
        last.reason AS last_reason
    FROM scorecard_appeal appeal
    JOIN vendor ON vendor.id = appeal.vendor_id
    JOIN scorecard_standing_change change ON change.id = appeal.change_id
    JOIN scorecard_standing standing ON standing.vendor_id = appeal.vendor_id
    JOIN scorecard_standing_change last ON last.id = standing.change_id
    WHERE appeal.state = 'open' ORDER BY appeal.made_at, appeal.id LIMIT $1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedStanding:
    """`day` and `causes` are of the newest figures; `since` none where it always stood well."""

    id: UUID
    name: str
    state: StandingState
    since: datetime | None
    reason: str
    day: date | None
    causes: Sequence[Cause]
    appealed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An open appeal, with what the vendor was warned or suspended for when it wrote.

    It stands by `change_id` now; `moved_at` is when that came, none where it is what it wrote of.
    """

    id: UUID
    vendor_id: UUID
    vendor: str
    text: str
    made_at: datetime
    state: StandingState
    since: datetime
    reason: str
    causes: Sequence[Cause]
    change_id: UUID
    moved_at: datetime | None
    last_reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Up to `limit` vendors behind a name and id, or before it in reverse order."""

    limit: int
    after: tuple[str, UUID] | None = None
    before: tuple[str, UUID] | None = None


async def listed(
    *, principal: Principal, state: StandingState | None, search: str | None, part: Part
) -> Sequence[ListedStanding]:
    """By name. Refuses all but staff."""
    _check(principal)
    key, backwards = part.before or part.after, part.before is not None
    sql = _LISTED.format(beyond="<" if backwards else ">", way="DESC" if backwards else "ASC")
    async with transaction(principal, read_only=True) as connected:
        rows = await connected.fetch(
            sql, state, search or None, key and key[0], key and key[1], part.limit
        )
    return [_standing(row) for row in rows]


async def counts(*, principal: Principal) -> dict[StandingState, int]:
    """How many are warned and suspended; those that were never either are not counted."""
    _check(principal)
    async with transaction(principal, read_only=True) as connected:
        return {StandingState(row[0]): row[1] for row in await connected.fetch(_COUNTS)}


async def appeals(*, principal: Principal) -> Sequence[Waiting]:
    """Those that wait for an answer, the longest waiting first. Refuses all but staff."""
    _check(principal)
    async with transaction(principal, read_only=True) as connected:
        rows = await connected.fetch(_APPEALS, MOST)
    return [
        Waiting(**{**row, "state": StandingState(row["state"]), "causes": judging.kept(row)})
        for row in rows
    ]


def _standing(row: Any) -> ListedStanding:
    return ListedStanding(
        id=row["id"], name=row["name"], state=StandingState(row["state"]), since=row["since"],
        reason=row["reason"] or "", day=row["day"], causes=judging.kept(row),
        appealed_at=row["appealed_at"],
    )  # fmt: skip


def _check(principal: Principal) -> None:
    if principal.kind not in (Kind.STAFF, Kind.SYSTEM):
        raise Forbidden("see how vendors stand")
