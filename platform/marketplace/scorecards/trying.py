"""Try limits on the newest figures: who would be warned, and who suspended. Changes nothing."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from marketplace.kit.errors import Forbidden
from marketplace.kit.principal import Kind, Principal
from marketplace.kit.transactions import transaction
from marketplace.scorecards import figures, judging, limits
from marketplace.scorecards.judging import Cause, Grade

# A row a vendor that was ever looked at, with the metrics that were excused since then.
_NEWEST = """
    SELECT vendor.id, vendor.name, card.figures, card.newer, ARRAY(
        SELECT metric FROM scorecard_excuse
        WHERE vendor_id = vendor.id AND until >= card.taken_at) AS excused
    FROM vendor JOIN LATERAL (
        SELECT taken_at, figures, newer FROM scorecard
        WHERE vendor_id = vendor.id ORDER BY day DESC LIMIT 1
    ) card ON true
    ORDER BY vendor.name, vendor.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    vendor_id: UUID
    vendor: str
    causes: Sequence[Cause]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """Of so many vendors with figures; each is in one list at most."""

    vendors: int
    warned: Sequence[Found]
    suspended: Sequence[Found]


async def on_newest(*, principal: Principal, version_id: UUID | None = None) -> Tried:
    """By a version of the limits, without one by what is in force.

    Staff may. How a vendor stands now makes no difference: a suspended one counts as suspended
    only where these limits say so.
    """
    if principal.kind not in (Kind.STAFF, Kind.SYSTEM):
        raise Forbidden("try the limits")
    lines = (await limits.content(principal=principal, version_id=version_id)).lines
    async with transaction(principal, read_only=True) as connected:
        rows = await connected.fetch(_NEWEST)
    by_grade: dict[Grade, list[Found]] = {grade: [] for grade in Grade}
    for row in rows:
        taken, newer = (figures.read(json.loads(row[name])) for name in ("figures", "newer"))
        judged = [line for line in lines if line.metric not in row["excused"]]
        causes = judging.causes(judging.judge(judged, figures=taken, newer=newer))
        found = Found(vendor_id=row["id"], vendor=row["name"], causes=causes)
        by_grade[judging.worst(causes)].append(found)
    return Tried(vendors=len(rows), warned=by_grade[Grade.WARN], suspended=by_grade[Grade.SUSPEND])
