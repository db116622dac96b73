"""Ask the rules once, when the money has come: go on, hold for a look, or give the order up."""

import json
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection
from marketplace.orders import cancelling, locking, placing_hold, releasing
from marketplace.orders.hold_events import OrderDeclined
from marketplace.orders.hold_models import HoldKind
from marketplace.orders.states import SubOrderState
from marketplace.outbox import recording
from marketplace.risk import facts, rule_sets
from marketplace.risk.models import Outcome
from marketplace.risk.scoring import Judgement, judge

PAID_TOO_LATE = "paid after the order was cancelled"
DECLINED = "we cannot accept this order"

_KEEP = """
    INSERT INTO risk_assessment
        (id, order_id, rule_set_id, score, outcome, inputs, hits, assessed_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (order_id) DO NOTHING RETURNING id
"""


async def admit(*, order_id: UUID, now: datetime, card_country: str | None = None) -> str | None:
    """Paid: judge the order, then release it, hold it or give it up; once, whoever tells again.

    Answers with why the money has to go back, or None where the order is wanted. Call it in the
    transaction that records the capture.
    """
    judgement = await _judged(order_id, card_country, now)
    if judgement is not None and judgement.outcome is Outcome.REJECT:
        await cancelling.cancel_declined(order_id=order_id, now=now)
        await recording.record([OrderDeclined(order_id=order_id)], now=now)
        return DECLINED
    if judgement is not None and judgement.outcome is Outcome.REVIEW:
        await placing_hold.hold(
            principal=SYSTEM, order_id=order_id, kind=HoldKind.FRAUD, reason=_why(judgement),
            now=now,
        )  # fmt: skip
    if await releasing.release(order_id=order_id, now=now):
        return None
    return PAID_TOO_LATE


async def _judged(order_id: UUID, card_country: str | None, now: datetime) -> Judgement | None:
    """None where no rules are in force, they were asked before, or nothing waits for the money."""
    found = await rule_sets.in_force()
    if found is None:
        return None
    sub_orders = await locking.lock_sub_orders(order_id)
    if all(part.state is not SubOrderState.PENDING for part in sub_orders):
        return None
    rule_set_id, rules = found
    known = (await facts.of_orders([order_id], rules))[order_id].paid_from(card_country)
    judgement = judge(rules, known)
    kept = await connection().fetchval(
        _KEEP, new_id(now), order_id, rule_set_id, judgement.score, judgement.outcome,
        json.dumps(facts.inputs(known)), json.dumps([asdict(hit) for hit in judgement.hits]), now,
    )  # fmt: skip
    return None if kept is None else judgement


def _why(judgement: Judgement) -> str:
    return f"The rules gave it {judgement.score} points"
