"""Set a deadline: the policy's rule, the vendor's calendar, and the moment it begins."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from marketplace.kit.transactions import connection
from marketplace.pricing.shipping import STANDARD
from marketplace.sla import clocks, matching, vendor_times
from marketplace.sla.calendars import BusinessCalendar
from marketplace.sla.clocks import Start
from marketplace.sla.matching import Rule
from marketplace.sla.models import ClockKind
from marketplace.sla.policy_models import Unit
from marketplace.sla.vendor_times import VendorTime

_POLICY = """
    SELECT version.id, (SELECT json_agg(rule ORDER BY rule.position) FROM sla_rule rule
        WHERE rule.policy_version_id = version.id) AS rules
    FROM sla_policy_version version WHERE version.state = 'active'
"""
_GOODS = """
    SELECT sub_order.id, coalesce(sub_order.shipping_method, $2) AS shipping_method,
        array(SELECT DISTINCT product.category FROM order_line line
            JOIN offer ON offer.id = line.offer_id
            JOIN variant ON variant.id = offer.variant_id
            JOIN product ON product.id = variant.product_id
            WHERE line.sub_order_id = sub_order.id) AS categories
    FROM sub_order WHERE sub_order.id = ANY($1)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A deadline that a vendor, or what it sends, is to have.

    `subject_id` is the sub-order unless it is for one shipment of it. `fixed_due_at` was agreed
    when the order was placed, and no calendar moves it.
    """

    kind: ClockKind
    sub_order_id: UUID
    order_id: UUID
    vendor_id: UUID
    subject_id: UUID | None = None
    fixed_due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    version_id: UUID
    rules: Sequence[Rule]


async def start(wanted: Sequence[Wanted], *, now: datetime, again: bool = False) -> list[UUID]:
    """Start what the policy in force has a deadline for; answers with the clocks' ids.

    Statements are constant in number. For accepting and shipping a vendor without a rule has its
    own hours; for anything else no rule means no deadline. `again` as in `clocks.start`.
    """
    return await clocks.start(await starts(wanted, now=now), again=again)


async def starts(wanted: Sequence[Wanted], *, now: datetime) -> list[Start]:
    """The clocks as they would be if they began now; nothing is written."""
    if not wanted:
        return []
    vendor_ids = [item.vendor_id for item in wanted]
    await vendor_times.hold(vendor_ids)
    times = await vendor_times.of_vendors(vendor_ids)
    policy = await active()
    goods = await _goods(wanted, policy)
    found = [_start(item, times[item.vendor_id], policy, goods, now) for item in wanted]
    return [start for start in found if start is not None]


async def active() -> Policy:
    """The version in force: there is always one."""
    row = await connection().fetchrow(_POLICY)
    return Policy(row["id"], [read_rule(rule) for rule in json.loads(row["rules"] or "[]")])


def read_rule(row: Mapping[str, Any]) -> Rule:
    return Rule(
        id=UUID(str(row["id"])),
        kind=ClockKind(row["kind"]),
        vendor_tier=row["vendor_tier"],
        category=row["category"],
        shipping_method=row["shipping_method"],
        amount=row["amount"],
        unit=Unit(row["unit"]),
        warn_hours=row["warn_hours"],
        cut_off=time.fromisoformat(row["cut_off"]) if row["cut_off"] else None,
    )


def dates(rule: Rule, calendar: BusinessCalendar, now: datetime) -> tuple[datetime, datetime]:
    """When to warn and when it is due, of what begins now."""
    if rule.unit is Unit.HOURS:
        due = now + timedelta(hours=rule.amount)
        return max(due - timedelta(hours=rule.warn_hours), now), due
    begins = now if rule.cut_off is None else calendar.begins(now, rule.cut_off)
    if rule.unit is Unit.BUSINESS_DAYS:
        due = calendar.add_days(begins, rule.amount)
    else:
        due = calendar.add_hours(begins, rule.amount)
    return max(calendar.before(due, timedelta(hours=rule.warn_hours)), now), due


async def _goods(wanted: Sequence[Wanted], policy: Policy) -> dict[UUID, Any]:
    """Categories and shipping methods, where a rule asks for them."""
    if all(rule.category is None and rule.shipping_method is None for rule in policy.rules):
        return {}
    rows = await connection().fetch(_GOODS, [item.sub_order_id for item in wanted], STANDARD)
    return {row["id"]: row for row in rows}


def _start(
    item: Wanted, vendor: VendorTime, policy: Policy, goods: Mapping[UUID, Any], now: datetime
) -> Start | None:
    of = goods.get(item.sub_order_id)
    rule = matching.first(
        policy.rules,
        kind=item.kind,
        tier=vendor.tier,
        categories=of["categories"] if of else (),
        shipping_method=of["shipping_method"] if of else STANDARD,
    )
    if rule is not None:
        warn_at, due_at = dates(rule, vendor.calendar, now)
    elif (hours := own_hours(item.kind, vendor)) is not None:
        warn_at = vendor.calendar.add_hours(now, max(hours - vendor.warn_hours, 0))
        due_at = vendor.calendar.add_hours(now, hours)
    else:
        return None
    if item.fixed_due_at is not None:
        due_at, warn_at = item.fixed_due_at, min(warn_at, item.fixed_due_at)
    in_all_hours = item.fixed_due_at is not None or (rule and rule.unit is Unit.HOURS)
    return Start(
        kind=item.kind,
        subject_id=item.subject_id or item.sub_order_id,
        order_id=item.order_id,
        sub_order_id=item.sub_order_id,
        vendor_id=item.vendor_id,
        started_at=now,
        warn_at=warn_at,
        due_at=due_at,
        on_calendar_of=None if in_all_hours else item.vendor_id,
        policy_version_id=policy.version_id,
        rule_id=rule.id if rule else None,
    )


def own_hours(kind: ClockKind, vendor: VendorTime) -> int | None:
    """What was agreed with the vendor itself: for accepting and shipping."""
    return {ClockKind.ACCEPT_BY: vendor.accept_hours, ClockKind.SHIP_BY: vendor.ship_hours}.get(
        kind
    )
