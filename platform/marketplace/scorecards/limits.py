"""Read the limits: their versions, and what one says."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from marketplace.kit.errors import Forbidden, NotFound
from marketplace.kit.principal import Kind, Principal
from marketplace.kit.transactions import transaction
from marketplace.scorecards.judging import Line
from marketplace.scorecards.limit_models import Limit, LimitState, LimitVersion
from marketplace.scorecards.metrics import Metric

MOST = 200  # versions on a page


@dataclass(frozen=True, slots=True)
class Content:
    version: LimitVersion
    lines: Sequence[Line]


async def versions(*, principal: Principal) -> Sequence[LimitVersion]:
    """The newest first. Staff may."""
    if principal.kind not in (Kind.STAFF, Kind.SYSTEM):
        raise Forbidden("see how the limits were changed")
    async with transaction(principal, read_only=True):
        return await LimitVersion.all().order_by("-version").limit(MOST)


async def content(*, principal: Principal, version_id: UUID | None = None) -> Content:
    """What a version says, in the metrics' order; without an id the one in force.

    Staff may; vendors what is in force.
    """
    allowed = (Kind.STAFF, Kind.SYSTEM) if version_id else (Kind.STAFF, Kind.SYSTEM, Kind.VENDOR)
    if principal.kind not in allowed:
        raise Forbidden("see the limits")
    async with transaction(principal, read_only=True):
        if version_id is None:
            version = await LimitVersion.get_or_none(state=LimitState.ACTIVE)
        else:
            version = await LimitVersion.get_or_none(id=version_id)
        if version is None:
            raise NotFound("version of the limits")
        found = await Limit.filter(limit_version_id=version.id)
    order = {metric.value: place for place, metric in enumerate(Metric)}
    found.sort(key=lambda one: order.get(one.metric, len(order)))
    return Content(version, [_line(one) for one in found])


def _line(one: Limit) -> Line:
    return Line(
        metric=one.metric, unit=one.unit, at_least=one.at_least, target=one.target, warn=one.warn,
        suspend=one.suspend, window_days=one.window_days, minimum_sample=one.minimum_sample,
    )  # fmt: skip
