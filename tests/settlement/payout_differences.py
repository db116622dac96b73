"""One difference for each check of payouts; see `differences`."""

from tests.settlement.differences import Difference

BATCH = """
    INSERT INTO payout_batch (id, number, cycle, cut_off, state, created_by, created_at)
    SELECT uuidv7(), 1, 'by hand', now(), 'draft', 'nobody', now();
    INSERT INTO settlement_change (id, event_id, subject, subject_id, to_state, move, actor, at)
    SELECT uuidv7(), uuidv7(), 'batch', id, state, 'draft', 'nobody', now() FROM payout_batch;
"""
PAYOUT = f"""{BATCH}
    INSERT INTO payout (id, batch_id, vendor_id, currency, amount_minor, state, statement_id,
        provider_account_id, transfer_generation, attempt, created_at, transfer_id)
    SELECT uuidv7(), id, (SELECT vendor_id FROM sub_order WHERE number LIKE '%-A'), 'USD', 100,
        '{{state}}', uuidv7(), 'acct_1', 1, 1, now(), {{transfer}} FROM payout_batch;
"""
HISTORY = """
    INSERT INTO settlement_change (id, event_id, subject, subject_id, to_state, move, actor, at)
    SELECT uuidv7(), uuidv7(), 'payout', id, state, 'draft', 'nobody', now() FROM payout
"""
RESERVED = PAYOUT.format(state="reserved", transfer="NULL") + HISTORY

PAYOUT_DIFFERENCES = [
    Difference("payouts-are-where-their-money-is", RESERVED, frozenset({"payouts-are-booked"})),
    Difference("payouts-are-booked", RESERVED, frozenset({"payouts-are-where-their-money-is"})),
    Difference("money-goes-out-once", PAYOUT.format(state="draft", transfer="'tr_1'") + HISTORY),
    Difference("payout-histories-lead-to-today", PAYOUT.format(state="draft", transfer="NULL")),
]
