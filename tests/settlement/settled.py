"""Differences between earning and payout, one for each check that must find them."""

from tests.settlement.difference import Difference
from tests.settlement.differences import A, B

SETTLED = [
    Difference("earnings-and-postings-agree", "UPDATE earning SET net_minor = net_minor + 1"),
    Difference(
        "only-pending-earnings-wait",
        f"UPDATE earning SET state = 'available', matured_at = matures_at"
        f" WHERE sub_order_id = ({B})",
    ),
    Difference(
        "earnings-mature-in-time",
        f"UPDATE earning SET matured_at = matures_at - interval '1 second'"
        f" WHERE sub_order_id = ({A})",
    ),
    Difference("reserves-are-kept", "UPDATE reserve_hold SET used_minor = used_minor + 1"),
    Difference("holds-are-kept", "UPDATE money_hold SET amount_minor = amount_minor + 1"),
    Difference(
        "moves-change-no-sum",
        "UPDATE ledger_entry SET account_id ="
        " (SELECT id FROM ledger_account WHERE code = '1120' AND currency = 'USD')"
        " WHERE id = (SELECT max(entry.id) FROM ledger_entry entry"
        " JOIN ledger_account account ON account.id = account_id WHERE code = '2140');"
        " UPDATE ledger_balance SET credits_minor = 0 WHERE account_id ="
        " (SELECT id FROM ledger_account WHERE code = '2140');"
        " UPDATE payout SET state = 'approved';"
        " UPDATE settlement_change SET to_state = 'approved' WHERE to_state = 'reserved';"
        " UPDATE ledger_entry SET vendor_id = NULL WHERE account_id ="
        " (SELECT id FROM ledger_account WHERE code = '1120' AND currency = 'USD')",
        frozenset({"payouts-are-booked", "vendor-stories-add-up"}),
    ),
    Difference(
        "payouts-are-where-their-money-is",
        "UPDATE payout SET amount_minor = amount_minor + 1",
        frozenset({"payouts-pay-their-statement", "payouts-are-booked"}),
    ),
    Difference(
        "payouts-are-booked",
        "UPDATE ledger_transaction SET idempotency_key = 'another'"
        " WHERE idempotency_key LIKE 'payout_reserved:%'",
    ),
    Difference("money-goes-out-once", "UPDATE payout SET transfer_id = 'tr_1'"),
    Difference(
        "statements-follow-one-another",
        "UPDATE statement SET number = number + 1",
    ),
    Difference(
        "statement-lines-are-entries",
        "UPDATE statement_line SET vendor_id = gen_random_uuid()",
    ),
    Difference(
        "payouts-pay-their-statement",
        "UPDATE statement SET batch_id = gen_random_uuid()",
    ),
    Difference("batches-are-decided-whole", "DELETE FROM payout_approval"),
    Difference(
        "settlement-histories-lead-to-today",
        "UPDATE settlement_change SET to_state = 'paid' WHERE to_state = 'reserved'",
    ),
    Difference(
        "settlement-changes-have-events",
        "UPDATE settlement_change SET event_id = gen_random_uuid() WHERE subject = 'hold'",
    ),
]
