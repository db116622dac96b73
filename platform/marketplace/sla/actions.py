"""What the policy wants done about deadlines: claimed once each, whoever else is at it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace.kit.ids import new_id
from marketplace.kit.money import at_rate
from marketplace.kit.transactions import connection
from marketplace.sla.policy_models import ActionKind, Moment

MONEY = frozenset({ActionKind.PENALTY, ActionKind.CREDIT})

# What stood still since it was missed was not the vendor's doing: it does not count as hours after.
# Pauses may overlap, hence ranges; one that lasts counts until $2.
_STOOD = """(
    SELECT coalesce(sum(upper(span) - lower(span)), interval '0') FROM unnest((
        SELECT range_agg(tstzrange(greatest(paused_at, clock.due_at),
            greatest(coalesce(resumed_at, $2), paused_at, clock.due_at)))
        FROM sla_pause WHERE sla_pause.order_id = clock.order_id
            AND (sla_pause.subject_id IS NULL OR sla_pause.subject_id = clock.subject_id)
    )) AS span)"""
# What the customer still pays for the goods: a rate is of that.
_WANTED = f"""
    SELECT clock.id AS clock_id, action.id AS action_id, action.action, action.rate_ppm,
        action.delay_hours, clock.order_id, clock.vendor_id, sub_order.id AS sub_order_id,
        sub_order.currency, coalesce((SELECT sum(gross_minor - refunded_minor) FROM order_line line
            WHERE line.sub_order_id = sub_order.id), 0)::bigint AS goods_minor
    FROM sla_clock clock
    JOIN sla_action action ON action.policy_version_id = clock.policy_version_id
        AND action.kind = clock.kind
    JOIN sub_order ON sub_order.id = clock.sub_order_id
    WHERE clock.id = ANY($1) AND action.moment = $3 AND (action.moment <> 'after'
            OR clock.met_at IS NULL AND clock.void_at IS NULL
            AND clock.due_at + action.after_hours * interval '1 hour' + {_STOOD} <= $2)
        AND NOT EXISTS (SELECT 1 FROM sla_action_run run
            WHERE run.clock_id = clock.id AND run.action_id = action.id)
    ORDER BY clock.due_at, clock.id, action.position
"""
_CLAIM = """
    INSERT INTO sla_action_run (id, clock_id, action_id, action, order_id, vendor_id, ran_at,
        amount_minor, currency)
    SELECT id, clock_id, action_id, action, order_id, vendor_id, $9, amount_minor, currency
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::uuid[], $6::uuid[],
        $7::bigint[], $8::text[]) AS item (id, clock_id, action_id, action, order_id, vendor_id,
            amount_minor, currency)
    ON CONFLICT (clock_id, action_id) DO NOTHING
    RETURNING id
"""
_NEXT = f"""
    UPDATE sla_clock SET next_action_at = (
        SELECT min(at) FROM (
            SELECT clock.due_at + action.after_hours * interval '1 hour' + {_STOOD} AS at
            FROM sla_clock clock JOIN sla_action action
                ON action.policy_version_id = clock.policy_version_id
                AND action.kind = clock.kind AND action.moment = 'after'
            WHERE clock.id = sla_clock.id AND clock.met_at IS NULL AND clock.void_at IS NULL
        ) action WHERE at > $2)
    WHERE id = ANY($1)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One action of one deadline, ours to carry out. Minor units of the order's currency."""

    id: UUID
    clock_id: UUID
    action_id: UUID
    action: ActionKind
    order_id: UUID
    vendor_id: UUID | None
    sub_order_id: UUID
    delay_hours: int | None
    amount_minor: int | None
    currency: str | None


async def claim(
    *,
    clock_ids: Collection[UUID],
    moment: Moment,
    now: datetime,
    of: Collection[ActionKind] = tuple(ActionKind),
) -> list[Run]:
    """The actions of this moment that nobody has carried out, now claimed by this transaction.

    Call it under the orders' locks. Two statements, however many clocks there are.
    """
    rows = await connection().fetch(_WANTED, list(clock_ids), now, moment)
    wanted = [_run(row, now) for row in rows if ActionKind(row["action"]) in of]
    if not wanted:
        return []
    claimed = await connection().fetch(_CLAIM, *_columns(wanted), now)
    mine = {row["id"] for row in claimed}
    return [run for run in wanted if run.id in mine]


async def plan_next(*, clock_ids: Collection[UUID], now: datetime) -> None:
    """Note when the next of the later actions comes, if there is one."""
    await connection().execute(_NEXT, list(clock_ids), now)


def _run(row: Any, now: datetime) -> Run:
    action = ActionKind(row["action"])
    amount_minor = None
    if action in MONEY:
        amount_minor = at_rate(row["goods_minor"], row["rate_ppm"])
    return Run(
        id=new_id(now),
        clock_id=row["clock_id"],
        action_id=row["action_id"],
        action=action,
        order_id=row["order_id"],
        vendor_id=row["vendor_id"],
        sub_order_id=row["sub_order_id"],
        delay_hours=row["delay_hours"],
        amount_minor=amount_minor,
        currency=None if amount_minor is None else row["currency"],
    )


def _columns(runs: Sequence[Run]) -> list[list[object]]:
    names = ("id", "clock_id", "action_id", "action", "order_id", "vendor_id", "amount_minor",
        "currency")  # fmt: skip
    return [[getattr(run, name) for run in runs] for name in names]
