"""Read the deadline policy: its versions, what one says, and what an order now would get by it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from marketplace.accounts.models import Vendor
from marketplace.kit.errors import Forbidden, NotFound
from marketplace.kit.principal import Kind, Principal
from marketplace.kit.transactions import transaction
from marketplace.sla import matching, starting, vendor_times
from marketplace.sla.models import ClockKind
from marketplace.sla.policy_models import PolicyAction, PolicyRule, PolicyState, PolicyVersion
from marketplace.sla.vendor_times import VendorTime

PREVIEWED = (ClockKind.ACCEPT_BY, ClockKind.SHIP_BY, ClockKind.DELIVER_BY)
MOST = 200  # vendors and versions on a page

_RUNNING = """
    SELECT policy_version_id, count(*) FROM sla_clock
    WHERE state IN ('running', 'warned', 'paused') AND policy_version_id IS NOT NULL
    GROUP BY policy_version_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionView:
    """`running` deadlines were started under it."""

    id: UUID
    version: int
    state: PolicyState
    note: str
    activated_at: datetime | None
    retired_at: datetime | None
    running: int


@dataclass(frozen=True, slots=True)
class Content:
    version: PolicyVersion
    rules: Sequence[PolicyRule]
    actions: Sequence[PolicyAction]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """When something that begins now would be due; `rule` is its number, none the vendor's own."""

    kind: ClockKind
    due_at: datetime | None
    rule: int | None


async def versions(*, principal: Principal) -> list[VersionView]:
    """The newest first."""
    _check(principal)
    async with transaction(principal, read_only=True) as connected:
        running = {row[0]: row[1] for row in await connected.fetch(_RUNNING)}
        found = await PolicyVersion.all().order_by("-version").limit(MOST)
    return [
        VersionView(
            id=one.id, version=one.version, state=one.state, note=one.note,
            activated_at=one.activated_at, retired_at=one.retired_at,
            running=running.get(one.id, 0),
        )
        for one in found
    ]  # fmt: skip


async def content(*, principal: Principal, version_id: UUID | None = None) -> Content:
    """What a version says; without an id the one in force."""
    _check(principal)
    async with transaction(principal, read_only=True):
        if version_id is None:
            version = await PolicyVersion.get_or_none(state=PolicyState.ACTIVE)
        else:
            version = await PolicyVersion.get_or_none(id=version_id)
        if version is None:
            raise NotFound("policy")
        rules = await PolicyRule.filter(policy_version_id=version.id).order_by("position")
        actions = await PolicyAction.filter(policy_version_id=version.id).order_by("position")
    return Content(version, rules, actions)


async def preview(
    *,
    principal: Principal,
    version_id: UUID,
    vendor_id: UUID,
    category: str,
    shipping_method: str,
    now: datetime,
) -> list[Preview]:
    """What an order of one vendor would get now by a version, each deadline beginning now."""
    said = await content(principal=principal, version_id=version_id)
    async with transaction(principal, read_only=True):
        times = await vendor_times.of_vendors([vendor_id])
    if vendor_id not in times:
        raise NotFound("vendor")
    return [
        _previewed(kind, said, times[vendor_id], category, shipping_method, now)
        for kind in PREVIEWED
    ]


async def vendors(*, principal: Principal) -> list[Vendor]:
    """For choosing one, by name."""
    _check(principal)
    async with transaction(principal, read_only=True):
        return await Vendor.all().order_by("name").limit(MOST)


def _previewed(
    kind: ClockKind,
    said: Content,
    vendor: VendorTime,
    category: str,
    shipping_method: str,
    now: datetime,
) -> Preview:
    rules = [starting.read_rule(vars(rule)) for rule in said.rules]
    rule = matching.first(
        rules, kind=kind, tier=vendor.tier, categories=[category], shipping_method=shipping_method
    )
    if rule is not None:
        number = next(each.position for each in said.rules if each.id == rule.id)
        return Preview(kind=kind, due_at=starting.dates(rule, vendor.calendar, now)[1], rule=number)
    hours = starting.own_hours(kind, vendor)
    due_at = None if hours is None else vendor.calendar.add_hours(now, hours)
    return Preview(kind=kind, due_at=due_at, rule=None)


def _check(principal: Principal) -> None:
    if principal.kind not in (Kind.STAFF, Kind.SYSTEM):
        raise Forbidden("see the deadline policy")
