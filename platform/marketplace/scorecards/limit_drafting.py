"""Change the limits: a draft that can be tried on today's figures, then the next version."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from marketplace.kit import locks
from marketplace.kit.errors import IllegalMove, InvalidInput, NotFound
from marketplace.kit.ids import new_id
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import atomic, connection
from marketplace.scorecards.judging import Line
from marketplace.scorecards.limit_models import Limit, LimitState, LimitVersion
from marketplace.scorecards.metrics import WINDOWS, Metric, Unit
from marketplace.sla import access

LONGEST_NOTE = 200  # characters
MOST_CASES = 10_000
MOST = {Unit.BASIS_POINTS: 100_00, Unit.MINUTES: 90 * 24 * 60}
LOCK = "scorecard limits"
TO_DO = "change the limits"

_NEXT = "SELECT max(version) + 1 FROM scorecard_limit_version"
_RETIRE = """
    UPDATE scorecard_limit_version SET state = 'retired', retired_at = $1 WHERE state = 'active'
"""


@atomic()
async def save(*, principal: Principal, lines: Sequence[Line], note: str, now: datetime) -> UUID:
    """Keep the draft, instead of the one there was; its id. Nobody is judged by it.

    Its id is a new one: what was looked at under the old one cannot be put in force any more.
    Operations and administrators may. Refuses (InvalidInput, naming the metric) amounts out of
    range, limits that are milder than what comes before them, a metric twice, windows that are
    not measured, and a draft without a note.
    """
    access.check_operator(principal, TO_DO)
    note = note.strip()
    if not 0 < len(note) <= LONGEST_NOTE:
        raise InvalidInput("note", "it says what changes", f"1 to {LONGEST_NOTE} characters")
    for place, line in enumerate(lines):
        _check(line, lines[:place])
    await locks.hold(LOCK)
    before = await LimitVersion.get_or_none(state=LimitState.DRAFT)
    if before is not None:
        await _throw_away(before)
    draft = await LimitVersion.create(
        id=new_id(now), version=await connection().fetchval(_NEXT), state=LimitState.DRAFT,
        note=note, created_by=principal.key, created_at=now,
    )  # fmt: skip
    await Limit.bulk_create([
        Limit(
            id=new_id(now), limit_version_id=draft.id, metric=line.metric, unit=line.unit,
            at_least=line.at_least, target=line.target, warn=line.warn, suspend=line.suspend,
            window_days=line.window_days, minimum_sample=line.minimum_sample,
        )
        for line in lines
    ])  # fmt: skip
    return draft.id


@atomic()
async def activate(*, principal: Principal, version_id: UUID, now: datetime) -> None:
    """Put the draft in force: each vendor's next figures are judged by it.

    Refuses what is no draft any more (IllegalMove), and one that another has replaced (NotFound).
    """
    access.check_operator(principal, TO_DO)
    await locks.hold(LOCK)
    draft = await LimitVersion.get_or_none(id=version_id)
    if draft is None:
        raise NotFound("version of the limits")
    if draft.state is not LimitState.DRAFT:
        raise IllegalMove(thing="version of the limits", state=draft.state, move="activate")
    await connection().execute(_RETIRE, now)
    draft.state, draft.activated_by, draft.activated_at = LimitState.ACTIVE, principal.key, now
    await draft.save(update_fields=["state", "activated_by", "activated_at"])


@atomic()
async def discard(*, principal: Principal, version_id: UUID) -> None:
    """Throw the draft away; NotFound where there is none. What was ever in force stays."""
    access.check_operator(principal, TO_DO)
    await locks.hold(LOCK)
    draft = await LimitVersion.get_or_none(id=version_id, state=LimitState.DRAFT)
    if draft is None:
        raise NotFound("draft")
    await _throw_away(draft)


async def _throw_away(draft: LimitVersion) -> None:
    await Limit.filter(limit_version_id=draft.id).delete()
    await draft.delete()


def _check(line: Line, earlier: Sequence[Line]) -> None:
    name = line.metric
    if name not in list(Metric):
        raise InvalidInput(name, "nobody measures it", ", ".join(Metric))
    metric = Metric(name)
    if (line.unit, line.at_least) != (metric.unit, metric.is_wanted_high):
        raise InvalidInput(name, "it is measured otherwise", f"in {metric.unit}")
    if any(other.metric == name for other in earlier):
        raise InvalidInput(name, "it is there twice", "each metric once")
    amounts = [one for one in (line.target, line.warn, line.suspend) if one is not None]
    if not all(0 <= amount <= MOST[line.unit] for amount in amounts):
        raise InvalidInput(name, "an amount is out of range", f"0 to {MOST[line.unit]}")
    if amounts != sorted(amounts, reverse=line.at_least):
        accepts = "a warning no milder than the target, a suspension no milder than the warning"
        raise InvalidInput(name, "the limits are in the wrong order", accepts)
    if line.window_days not in WINDOWS:
        raise InvalidInput(name, "that window is not measured", ", ".join(map(str, WINDOWS)))
    if not 1 <= line.minimum_sample <= MOST_CASES:
        raise InvalidInput(name, "the smallest sample is out of range", f"1 to {MOST_CASES}")
