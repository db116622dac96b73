"""Differences in what comes after the sale: disputes, corrections, closed months."""

from tests.settlement.difference import Difference

A = "SELECT id FROM sub_order WHERE number LIKE '%-A'"
_DISPUTE = (
    "INSERT INTO dispute (id, provider_dispute_id, order_id, charge_id, currency, amount_minor,"
    " withdrawn_minor, fee_minor, reason, status, state, liable, evidence, opened_at, closed_at)"
    " SELECT order_id, 'du_1', order_id, charge_id, 'USD', 500, {taken}, 0, 'fraudulent', 'x',"
    " '{state}', 'vendor', '{{}}', now(), {closed} FROM capture;"
)
_HISTORY = (
    "INSERT INTO outbox_event (id, name, payload, happened_at)"
    " SELECT id, 'x', '{{}}', now() FROM {subject};"
    "INSERT INTO settlement_change (id, event_id, subject, subject_id, to_state, move, actor, at)"
    " SELECT id, (SELECT id FROM outbox_event LIMIT 1), '{subject}', id, state, 'x', 'system',"
    " now() FROM {subject};"
)
_HOLD = (
    "INSERT INTO money_hold (id, vendor_id, currency, amount_minor, taken_from, kind, state,"
    " dispute_id, reason, placed_by, placed_at) SELECT id, vendor_id, 'USD', 7, '2110', 'dispute',"
    f" 'held', order_id, 'x', 'system', now() FROM sub_order WHERE id = ({A});"
)

_UNDECIDED = (
    "INSERT INTO ledger_account (code, kind, currency)"
    " VALUES ('1210', 'asset', 'USD'), ('6310', 'expense', 'USD');"
    "INSERT INTO ledger_transaction (id, kind, idempotency_key, fingerprint, effective_date,"
    " recorded_at, period_id, source_type, source_id) SELECT order_id, 'dispute', 'x', fingerprint,"
    " effective_date, recorded_at, period_id, 'dispute', order_id FROM ledger_transaction, capture"
    " WHERE kind = 'capture';"
    "INSERT INTO ledger_entry (transaction_id, account_id, currency, amount_minor, purpose)"
    " SELECT order_id, account.id, 'USD', CASE code WHEN '1210' THEN 7 ELSE -7 END, 'dispute'"
    " FROM capture, ledger_account account WHERE code IN ('1210', '6310');"
)

LATER = [
    Difference(
        "sub-orders-have-decisions", f"DELETE FROM routing_decision WHERE sub_order_id = ({A})"
    ),
    Difference(
        "channels-have-one-rule-set",
        "INSERT INTO channel (id, code, name, currency, locale, time_zone, countries,"
        " prices_include_tax)"
        " SELECT uuidv7(), 'x', 'x', 'USD', 'en', 'UTC', '[]', false FROM orders;"
        " DELETE FROM routing_rule_set WHERE state = 'active'",
    ),
    Difference(
        "replaced-units-count-once",
        f"UPDATE order_line SET rerouted = 1 WHERE sub_order_id = ({A})",
    ),
    Difference(
        "disputes-are-counted",
        "UPDATE payment SET disputed_minor = 1; UPDATE payment_allocation SET disputed_minor = 1"
        f" WHERE sub_order_id = ({A})",
    ),
    Difference(
        "disputes-are-booked",
        _DISPUTE.format(taken=500, state="needs_response", closed="NULL")
        + _HISTORY.format(subject="dispute"),
    ),
    Difference(
        "closed-disputes-leave-nothing-undecided",
        _DISPUTE.format(taken=0, state="lost", closed="now()")
        + _HISTORY.format(subject="dispute")
        + _UNDECIDED,
    ),
    Difference(
        "decided-disputes-hold-nothing",
        _DISPUTE.format(taken=0, state="won", closed="now()")
        + _HISTORY.format(subject="dispute")
        + _HOLD,
        frozenset({"holds-are-kept"}),
    ),
    Difference(
        "adjustments-are-booked",
        "INSERT INTO adjustment (id, kind, currency, amount_minor, effective_date, note, state,"
        " proposed_by, proposed_at, decided_by, decided_at) SELECT id, 'provider_reserve', 'USD',"
        " 5, now(), 'x', 'posted', 'staff:1', now(), 'staff:2', now() FROM capture;"
        + _HISTORY.format(subject="adjustment"),
    ),
    Difference(
        "reversals-are-exact",
        "UPDATE ledger_transaction SET reverses_id = (SELECT id FROM ledger_transaction"
        " WHERE kind = 'capture') WHERE kind = 'provider_fee'",
    ),
    Difference(
        "settled-refunds-were-paid",
        "UPDATE refund SET state = 'settled' WHERE id = (SELECT refund_id FROM refund_line"
        " WHERE is_earned)",
        frozenset({"refunds-are-booked"}),
    ),
    Difference(
        "closed-months-stay",
        "UPDATE accounting_period SET status = 'closed';"
        " INSERT INTO period_change (id, period_id, move, note, trial_balance_hash, asked_by,"
        " asked_at, done_at) SELECT gen_random_uuid(), id, 'close', 'x', 'another', 'staff:1',"
        " now(), now() FROM accounting_period",
    ),
    Difference(
        "decisions-have-histories",
        _DISPUTE.format(taken=0, state="needs_response", closed="NULL"),
    ),
]
