"""One vendor's standing: how it is, how it came to it, its figures day by day, its appeals."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from marketplace.accounts.models import Vendor
from marketplace.kit.errors import NotFound
from marketplace.kit.principal import Kind, Principal
from marketplace.kit.transactions import connection, transaction
from marketplace.scorecards import figures, judging
from marketplace.scorecards.figures import Figure
from marketplace.scorecards.judging import Cause
from marketplace.scorecards.standing_models import AppealState, StandingMove, StandingState

LONGEST = 60  # changes, appeals and days of a story

_CHANGES = """
    SELECT change.id, change.move, change.to_state, change.at, change.reason, change.causes,
        split_part(change.actor, ':', 1) AS kind, person.name AS person
    FROM scorecard_standing_change change
    LEFT JOIN app_user person ON change.actor = 'staff:' || person.id
    WHERE change.vendor_id = $1 ORDER BY change.at DESC, change.id DESC LIMIT $2
"""
_APPEALS = """
    SELECT appeal.id, appeal.state, appeal.text, appeal.made_at, appeal.answer, appeal.ended_at,
        maker.name AS made_by, person.name AS ended_by
    FROM scorecard_appeal appeal
    LEFT JOIN app_user maker ON appeal.made_by = 'vendor:' || maker.id
    LEFT JOIN app_user person ON appeal.ended_by = 'staff:' || person.id
    WHERE appeal.vendor_id = $1 ORDER BY appeal.made_at DESC, appeal.id DESC LIMIT $2
"""
_CARDS = """
    SELECT card.day, card.figures, card.newer, card.causes, said.version
    FROM scorecard card JOIN scorecard_limit_version said ON said.id = card.limit_version_id
    WHERE card.vendor_id = $1 ORDER BY card.day DESC LIMIT $2
"""
_EXCUSED = """
    SELECT metric FROM scorecard_excuse WHERE vendor_id = $1
        AND until >= (SELECT max(taken_at) FROM scorecard WHERE vendor_id = $1)
"""
_NOW = """
    SELECT standing.state, change.id, change.causes, change.reason, change.at
    FROM scorecard_standing standing
    JOIN scorecard_standing_change change ON change.id = standing.change_id
    WHERE standing.vendor_id = $1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """`kind` is who did it: the system or staff; `person` the one of the staff."""

    id: UUID
    move: StandingMove
    to_state: StandingState
    at: datetime
    reason: str
    causes: Sequence[Cause]
    kind: str
    person: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldAppeal:
    id: UUID
    state: AppealState
    text: str
    made_at: datetime
    made_by: str | None
    answer: str | None
    ended_at: datetime | None
    ended_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A day's figures, and by which version of the limits they were judged."""

    day: date
    version: int
    figures: Sequence[Figure]
    newer: Sequence[Figure]
    causes: Sequence[Cause]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Each list has the newest first, up to `LONGEST`. `causes` and `reason` are of the state,
    as is `change_id`: none where it always stood well. `excused` metrics were so since the newest
    figures, which do not know it yet.
    """

    vendor_id: UUID
    vendor: str
    state: StandingState
    change_id: UUID | None
    since: datetime | None
    reason: str
    causes: Sequence[Cause]
    changes: Sequence[Change]
    appeals: Sequence[ToldAppeal]
    cards: Sequence[Card]
    excused: Collection[str]

    @property
    def open_appeal(self) -> ToldAppeal | None:
        return next((one for one in self.appeals if one.state is AppealState.OPEN), None)


async def of_vendor(*, principal: Principal, vendor_id: UUID) -> Story:
    """The vendor itself may ask, and staff; to others it does not exist."""
    if principal.kind not in (Kind.STAFF, Kind.SYSTEM) and principal.vendor_id != vendor_id:
        raise NotFound("vendor")
    async with transaction(principal, read_only=True):
        vendor = await Vendor.get_or_none(id=vendor_id)
        if vendor is None:
            raise NotFound("vendor")
        now = await connection().fetchrow(_NOW, vendor_id)
        changes = await connection().fetch(_CHANGES, vendor_id, LONGEST)
        appeals = await connection().fetch(_APPEALS, vendor_id, LONGEST)
        cards = await connection().fetch(_CARDS, vendor_id, LONGEST)
        excused = await connection().fetch(_EXCUSED, vendor_id)
    return Story(
        vendor_id=vendor_id,
        vendor=vendor.name,
        state=StandingState.GOOD if now is None else StandingState(now["state"]),
        change_id=now and now["id"],
        since=now and now["at"],
        reason="" if now is None else now["reason"],
        causes=[] if now is None else judging.kept(now),
        changes=[_change(row) for row in changes],
        appeals=[ToldAppeal(**{**row, "state": AppealState(row["state"])}) for row in appeals],
        cards=[_card(row) for row in cards],
        excused={row["metric"] for row in excused},
    )


def _change(row: Any) -> Change:
    return Change(
        **{
            **row,
            "move": StandingMove(row["move"]),
            "to_state": StandingState(row["to_state"]),
            "causes": judging.kept(row),
        }
    )


def _card(row: Any) -> Card:
    return Card(
        day=row["day"], version=row["version"], figures=figures.read(json.loads(row["figures"])),
        newer=figures.read(json.loads(row["newer"])), causes=judging.kept(row),
    )  # fmt: skip
