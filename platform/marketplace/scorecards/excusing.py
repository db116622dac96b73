"""What does not count against a vendor any more: cases of a metric, up to a moment.

An excused metric is judged by its newer cases alone, and only once there are enough of them;
when its window has passed, what was excused lies outside anyway.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from marketplace.kit.ids import new_id
from marketplace.scorecards import computing, figures
from marketplace.scorecards.figures import Figure
from marketplace.scorecards.metrics import WINDOWS, Metric
from marketplace.scorecards.standing_models import Excuse


async def excuse(
    vendor_id: UUID, metrics: Iterable[str], *, change_id: UUID, now: datetime
) -> None:
    """Inside the transaction of the move that excuses them."""
    for metric in sorted(set(metrics)):
        await Excuse.filter(vendor_id=vendor_id, metric=metric).delete()
        await Excuse.create(
            id=new_id(now), vendor_id=vendor_id, metric=metric, until=now, change_id=change_id
        )


async def newer(vendor_id: UUID, *, now: datetime) -> list[Figure]:
    """Of each excused metric, over the windows that reach back to before it was excused."""
    found = []
    for one in await Excuse.filter(vendor_id=vendor_id).order_by("metric"):
        spans = [days for days in WINDOWS if one.until > now - timedelta(days=days)]
        if spans:
            measured = await computing.since(
                vendor_id=vendor_id, metric=Metric(one.metric), moment=one.until, now=now
            )
            found += [figures.of(measured, days=days) for days in spans]
    return found
