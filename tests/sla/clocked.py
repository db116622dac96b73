"""A vendor that answered, and its clocks; policies that say something about them."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from marketplace.orders import accepting
from marketplace.orders.models import SubOrder
from marketplace.sla.models import ClockKind, SlaClock
from marketplace.sla.policy_models import ActionKind, Moment, PolicyVersion
from tests.factories import NOON, make_offer, make_paid_order, member, parts_of

_RETIRE = """
    UPDATE sla_policy_version SET state = 'retired', retired_at = $1 WHERE state = 'active'
"""
_ACTIVATE = """
    UPDATE sla_policy_version SET state = 'active', activated_at = $2, activated_by = 'staff:1'
    WHERE id = $1
"""
_ACTION = """
    INSERT INTO sla_action (id, policy_version_id, position, kind, moment, after_hours, action,
        rate_ppm, delay_hours) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
_RULE = """
    INSERT INTO sla_rule (id, policy_version_id, position, kind, amount, unit, warn_hours)
    VALUES ($1, $2, $3, $4, $5, 'hours', 0)
"""


async def a_policy(
    *actions: tuple[ClockKind, Moment, ActionKind],
    after_hours: int = 24,
    rate_ppm: int = 100_000,
    hours: Mapping[ClockKind, int] | None = None,
) -> UUID:
    """Put a policy of these actions in force: ten per cent of the goods, a day later.

    `hours`, day and night, of kinds of deadlines that no vendor has by itself.
    """
    version_id = new_id(NOON)
    async with transaction(SYSTEM):
        await connection().execute(_RETIRE, NOON)
        await PolicyVersion.create(
            id=version_id, version=2, state="draft", note="Tried", created_by="staff:1",
            created_at=NOON,
        )  # fmt: skip
        for position, (kind, moment, action) in enumerate(actions):
            is_money = action in (ActionKind.PENALTY, ActionKind.CREDIT)
            await connection().execute(
                _ACTION, new_id(NOON), version_id, position, kind, moment,
                after_hours if moment is Moment.AFTER else 0, action,
                rate_ppm if is_money else None,
                8 if action is ActionKind.NOTIFY_CUSTOMER else None,
            )  # fmt: skip
        for position, (kind, most) in enumerate((hours or {}).items()):
            await connection().execute(_RULE, new_id(NOON), version_id, position, kind, most)
        await connection().execute(_ACTIVATE, version_id, NOON)
    return version_id


async def accepted(*, units: int = 2, now: datetime = NOON) -> SubOrder:
    """A sub-order whose vendor has to ship it now: due on Wednesday at noon in Berlin."""
    mug = await make_offer(on_hand=5)
    [part] = await parts_of(await make_paid_order({mug.id: units}, now=now))
    await accepting.accept(principal=member(part.vendor_id), sub_order_id=part.id, now=now)
    return part


async def clock_of(part: SubOrder, kind: ClockKind = ClockKind.SHIP_BY) -> SlaClock:
    async with transaction(SYSTEM):
        return await SlaClock.get(subject_id=part.id, kind=kind, superseded_at=None)
