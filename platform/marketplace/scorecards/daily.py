"""Once a day: take each vendor's figures, judge them, and warn, suspend or be content.

A vendor's day is one transaction under its lock, and one row: a tick that dies loses nothing,
two at once share the work, and a second look on the same day does nothing.
"""

import logging
from collections.abc import Sequence
from datetime import UTC, date, datetime
from uuid import UUID

from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.scorecards import computing, excusing, figures, judging, limits, moving
from marketplace.scorecards.judging import Cause, Grade
from marketplace.scorecards.standing_models import (
    Scorecard,
    Standing,
    StandingChange,
    StandingMove,
    StandingState,
)

BATCH = 25

logger = logging.getLogger(__name__)

_DUE = """
    SELECT id FROM vendor WHERE NOT EXISTS (
        SELECT 1 FROM scorecard WHERE scorecard.vendor_id = vendor.id AND day = $1)
        AND ($2::uuid IS NULL OR id > $2)
    ORDER BY id LIMIT $3
"""


async def work_off(*, now: datetime) -> int:
    """Look at `BATCH` vendors or so that nobody has looked at today (UTC); how many there were.

    One whose figures cannot be taken is logged, and keeps nobody else waiting.
    """
    done, last = 0, None
    while done < BATCH:
        async with transaction(SYSTEM, read_only=True) as connected:
            rows = await connected.fetch(_DUE, day_of(now), last, BATCH)
        if not rows:
            break
        for row in rows:
            done += await _looked(row["id"], now)
        last = rows[-1]["id"]
    return done


async def look(*, vendor_id: UUID, now: datetime) -> bool:
    """Keep a vendor's figures of the day and do what follows; false where that was done."""
    day = day_of(now)
    async with transaction(SYSTEM):
        await moving.hold(vendor_id)
        if await Scorecard.filter(vendor_id=vendor_id, day=day).exists():
            return False
        said = await limits.content(principal=SYSTEM)
        measured = await computing.measure(principal=SYSTEM, vendor_id=vendor_id, now=now)
        taken = figures.taken(measured)
        newer = await excusing.newer(vendor_id, now=now)
        causes = judging.causes(judging.judge(said.lines, figures=taken, newer=newer))
        card = await Scorecard.create(
            id=new_id(now), vendor_id=vendor_id, day=day, taken_at=now,
            limit_version_id=said.version.id, figures=figures.written(taken),
            newer=figures.written(newer), causes=judging.written(causes),
        )  # fmt: skip
        await _follow(card, causes, now=now)
    return True


def day_of(now: datetime) -> date:
    return now.astimezone(UTC).date()


def what_follows(
    state: StandingState, causes: Sequence[Cause], told: Sequence[Cause]
) -> StandingMove | None:
    """The move for what is beyond a limit today; `told` is what the vendor was warned of.

    A suspension ends by a person, and a warning that nothing has joined is not repeated.
    """
    if state is StandingState.SUSPENDED:
        return None
    grade = judging.worst(causes)
    if grade is Grade.SUSPEND:
        return StandingMove.SUSPEND
    if state is StandingState.GOOD:
        return StandingMove.WARN if grade is Grade.WARN else None
    if grade is not Grade.WARN:
        return StandingMove.RECOVER
    is_more = {cause.metric for cause in causes} - {cause.metric for cause in told}
    return StandingMove.WARN_AGAIN if is_more else None


async def _looked(vendor_id: UUID, now: datetime) -> bool:
    try:
        return await look(vendor_id=vendor_id, now=now)
    except Exception:  # whatever it is, the other vendors are looked at
        logger.exception("the figures of vendor %s", vendor_id)
        return False


async def _follow(card: Scorecard, causes: Sequence[Cause], *, now: datetime) -> None:
    standing = await Standing.get_or_none(vendor_id=card.vendor_id)
    told: Sequence[Cause] = ()
    if standing is not None:
        told = judging.read((await StandingChange.get(id=standing.change_id)).causes)
    state = StandingState.GOOD if standing is None else standing.state
    follows = what_follows(state, causes, told)
    if follows is not None:
        await moving.move(
            card.vendor_id, follows, actor=SYSTEM.key, now=now, causes=causes, scorecard_id=card.id
        )
