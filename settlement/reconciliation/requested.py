"""Comparisons that people ask for on a page: the worker makes them, and everybody sees how far.

One is asked for once: the same day again, while it is under way, is the same. A worker that dies
leaves it to the next, which begins anew; a run that was kept meanwhile stays, and does no harm.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM, Principal
from marketplace.kit.transactions import atomic, connection, transaction
from settlement import access
from settlement.reconciliation import running
from settlement.reconciliation.models import RunRequest

LEASE = timedelta(minutes=10)  # longer than a run of any size takes
TOLD_FOR = timedelta(hours=1)  # of one that broke

_ASK = """
    INSERT INTO run_request (id, until, asked_by, asked_at, step) VALUES ($1, $2, $3, $4, 0)
    ON CONFLICT (until) WHERE finished_at IS NULL DO NOTHING
"""
_CLAIM = """
    UPDATE run_request SET begun_at = $1, step = 0, count = NULL WHERE id = (
        SELECT id FROM run_request WHERE finished_at IS NULL
            AND (begun_at IS NULL OR begun_at < $2) ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id, until, asked_by
"""
_TELL = "UPDATE run_request SET step = $2, count = $3 WHERE id = $1"
_END = "UPDATE run_request SET finished_at = $2, run_id = $3 WHERE id = $1"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestView:
    """`step` of the steps are done; the last one came to `count`."""

    until: date
    asked_by: str
    asked_at: datetime
    begun_at: datetime | None
    step: int
    count: int | None
    is_broken: bool


@atomic()
async def ask(*, principal: Principal, until: date, now: datetime) -> None:
    """Have the books compared up to the end of a day, UTC, soon. For accountants.

    Refuses a day that has not come.
    """
    running.check(principal, until, now)
    await connection().execute(_ASK, new_id(now), until, principal.key, now)


async def work_off(*, now: datetime) -> int:
    """Make the comparison that waits longest; how many that was. Safe beside itself.

    One that breaks is over, and told as such: whoever wants it asks again.
    """
    async with transaction(SYSTEM):
        row = await connection().fetchrow(_CLAIM, now, now - LEASE)
    if row is None:
        return 0

    async def tell(step: str, count: int) -> None:
        await _write(_TELL, row["id"], running.STEPS.index(step) + 1, count)

    try:
        run_id: UUID = await running.run(
            principal=SYSTEM, until=row["until"], now=now, asked_by=row["asked_by"], tell=tell
        )
    except Exception:
        await _write(_END, row["id"], now, None)
        raise
    await _write(_END, row["id"], now, run_id)
    return 1


async def under_way(*, principal: Principal, now: datetime) -> Sequence[RequestView]:
    """What waits or is worked on, the first to come first; and lately broken ones, last."""
    access.check_viewer(principal, "see reconciliation")
    async with transaction(principal, read_only=True):
        waiting = await RunRequest.filter(finished_at=None).order_by("id")
        broken = await RunRequest.filter(run_id=None, finished_at__gt=now - TOLD_FOR).order_by(
            "-id"
        )
        done = await RunRequest.filter(run_id__isnull=False).order_by("-finished_at").first()
    told = None if done is None else done.finished_at
    since = [one for one in broken if told is None or (one.finished_at or now) > told]
    return [_view(request) for request in [*waiting, *since[:1]]]


def _view(request: RunRequest) -> RequestView:
    return RequestView(
        until=request.until,
        asked_by=request.asked_by,
        asked_at=request.asked_at,
        begun_at=request.begun_at,
        step=request.step,
        count=request.count,
        is_broken=request.finished_at is not None,
    )


async def _write(sql: str, *values: object) -> None:
    async with transaction(SYSTEM):
        await connection().execute(sql, *values)
