"""Differences in deadlines: still running, standing still, or acted on for no reason."""

from tests.settlement.difference import Difference

_CLOCK = (
    "INSERT INTO sla_clock (id, kind, subject_id, order_id, sub_order_id, policy_version_id, state,"
    " started_at, due_at) SELECT sub_order.id, '{kind}', sub_order.id, order_id, sub_order.id,"
    " version.id, '{state}', now(), now() FROM sub_order, sla_policy_version version"
    " WHERE number LIKE '%-{letter}';"
)
_RUN = (
    "INSERT INTO sla_action_run (id, clock_id, action_id, action, order_id, ran_at)"
    " SELECT clock.id, clock.id, action.id, action.action, order_id, now()"
    " FROM sla_clock clock, sla_action action WHERE action.moment = 'breached' LIMIT 1"
)

DEADLINES = [
    Difference(
        "finished-sub-orders-run-no-clock",
        _CLOCK.format(kind="ship_by", state="running", letter="A"),
    ),
    Difference(
        "paused-clocks-have-a-pause",
        _CLOCK.format(kind="ship_by", state="paused", letter="B"),
    ),
    Difference(
        "actions-follow-deadlines", _CLOCK.format(kind="ship_by", state="met", letter="B") + _RUN
    ),
]
