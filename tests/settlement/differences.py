"""One difference for each check: what an error, or a hand in the database, might leave."""

from tests.settlement.deadline_differences import DEADLINES
from tests.settlement.difference import Difference
from tests.settlement.hold_differences import HOLDS
from tests.settlement.later_differences import LATER

A = "SELECT id FROM sub_order WHERE number LIKE '%-A'"
B = "SELECT id FROM sub_order WHERE number LIKE '%-B'"
POSTING = "(SELECT id FROM ledger_transaction WHERE kind = '{}' LIMIT 1)"

DIFFERENCES = [
    *DEADLINES,
    *HOLDS,
    Difference("orders-add-up", "UPDATE orders SET discount_minor = discount_minor + 1"),
    Difference(
        "sub-orders-add-up",
        f"UPDATE sub_order SET shipping_minor = shipping_minor + 1 WHERE id = ({A});"
        " UPDATE orders SET shipping_minor = shipping_minor + 1",
    ),
    Difference(
        "lines-add-up",
        f"UPDATE order_line SET vendor_minor = vendor_minor + 1 WHERE sub_order_id = ({B})",
    ),
    Difference("payments-cover-orders", "UPDATE payment SET amount_minor = amount_minor + 1"),
    Difference("stock-is-never-oversold", "UPDATE stock SET reserved = reserved + 1"),
    Difference(
        "live-units-are-reserved",
        "UPDATE reservation SET quantity = 1 WHERE state = 'committed';"
        " UPDATE stock SET reserved = 1 WHERE reserved > 0",
    ),
    Difference(
        "shelf-and-parcels-agree", "UPDATE reservation SET consumed = 2 WHERE state = 'consumed'"
    ),
    Difference("movements-add-up", "UPDATE stock SET on_hand = on_hand + 1"),
    Difference(
        "payments-count-what-happened",
        "UPDATE payment SET refunded_minor = refunded_minor - 1;"
        f" UPDATE payment_allocation SET refunded_minor = refunded_minor - 1"
        f" WHERE sub_order_id = ({A})",
        frozenset({"shares-count-their-refunds"}),
    ),
    Difference(
        "shares-add-up-to-the-payment",
        f"UPDATE payment_allocation SET captured_minor = captured_minor - 1"
        f" WHERE sub_order_id = (SELECT id FROM sub_order WHERE id = ({A}))",
        frozenset({"nothing-is-released-unpaid"}),
    ),
    Difference(
        "shares-count-their-refunds",
        f"UPDATE payment_allocation SET refunded_minor = refunded_minor"
        f" + CASE WHEN sub_order_id = ({A}) THEN 1 ELSE -1 END",
    ),
    Difference(
        "refunds-add-up",
        "UPDATE refund SET amount_minor = amount_minor + 1 WHERE id ="
        " (SELECT refund_id FROM refund_line WHERE is_earned);"
        " UPDATE payment SET refunded_minor = refunded_minor + 1",
        frozenset({"shares-add-up-to-the-payment", "refunds-are-booked", "money-is-accounted-for"}),
    ),
    Difference(
        "postings-balance",
        f"DELETE FROM ledger_entry WHERE transaction_id = {POSTING.format('provider_fee')};",
        frozenset(),
    ),
    Difference(
        "trial-balance-is-zero",
        "UPDATE ledger_entry SET amount_minor = amount_minor + 1 WHERE amount_minor = 328",
        frozenset({"postings-balance"}),
    ),
    Difference(
        "kept-balances-agree",
        "UPDATE ledger_balance SET debits_minor = debits_minor + 1",
        frozenset({"vendor-stories-add-up"}),
    ),
    Difference(
        "entries-are-in-their-place",
        f"UPDATE ledger_transaction SET effective_date = '2030-01-01'"
        f" WHERE id = {POSTING.format('capture')}",
    ),
    Difference(
        "money-is-accounted-for",
        "UPDATE capture SET amount_minor = amount_minor + 1;"
        " UPDATE payment SET captured_minor = captured_minor + 1, amount_minor = amount_minor + 1;"
        " UPDATE orders SET total_minor = total_minor + 1",
        frozenset({"orders-add-up", "payments-cover-orders", "shares-add-up-to-the-payment"}),
    ),
    Difference(
        "every-shipped-sub-order-earned-once",
        f"DELETE FROM ledger_entry WHERE transaction_id = {POSTING.format('earning')};"
        f" DELETE FROM ledger_transaction WHERE id = {POSTING.format('earning')};"
        " UPDATE ledger_balance SET credits_minor = 275, debits_minor = 1834",
        frozenset({"finished-sub-orders-keep-no-prepayment", "earnings-and-postings-agree"}),
    ),
    Difference(
        "earnings-are-exact",
        f"""WITH moved AS (SELECT DISTINCT ON (code) entry.id, code FROM ledger_entry entry
            JOIN ledger_account account ON account.id = account_id
            WHERE transaction_id = {POSTING.format("earning")} AND code IN ('2210', '4110'))
        UPDATE ledger_entry entry SET amount_minor = amount_minor
            + CASE code WHEN '2210' THEN 1 ELSE -1 END
        FROM moved WHERE moved.id = entry.id""",
    ),
    Difference(
        "captures-are-booked",
        f"DELETE FROM ledger_entry WHERE transaction_id = {POSTING.format('provider_fee')};"
        f" DELETE FROM ledger_transaction WHERE id = {POSTING.format('provider_fee')}",
    ),
    Difference(
        "refunds-are-booked",
        "UPDATE refund SET state = 'failed'; UPDATE payment SET refunded_minor = 0;"
        " UPDATE payment_allocation SET refunded_minor = 0",
    ),
    Difference(
        "refunds-reverse-exactly",
        """WITH moved AS (SELECT entry.id, code FROM ledger_entry entry
            JOIN ledger_account account ON account.id = account_id
            JOIN ledger_transaction posted ON posted.id = transaction_id
            WHERE posted.kind = 'refund' AND code IN ('6110', '2210'))
        UPDATE ledger_entry entry SET amount_minor = amount_minor
            + CASE code WHEN '2210' THEN 1 ELSE -1 END
        FROM moved WHERE moved.id = entry.id""",
    ),
    Difference(
        "postings-have-sources",
        "UPDATE ledger_transaction SET source_id = id WHERE kind = 'provider_fee'",
        frozenset({"captures-are-booked"}),
    ),
    Difference(
        "vendor-stories-add-up",
        "UPDATE order_line SET commission_vat_minor = commission_vat_minor + 1"
        f" WHERE sub_order_id = ({A})",
        frozenset({"earnings-are-exact", "commission-is-frozen"}),
    ),
    Difference(
        "finished-sub-orders-keep-no-prepayment",
        f"UPDATE ledger_entry SET sub_order_id = ({A})"
        f" WHERE transaction_id = {POSTING.format('capture')} AND sub_order_id = ({B})",
    ),
    Difference(
        "no-news-of-money-is-set-aside",
        "INSERT INTO delivery (id, event_id, consumer, attempts, next_at, dead_at, last_error)"
        " SELECT id, id, 'ledger', 8, now(), now(), 'no' FROM outbox_event"
        " WHERE name = 'sub_order.shipped'",
    ),
    Difference("units-match-their-parcels", "UPDATE shipment SET delivered_at = now()"),
    Difference(
        "packed-units-wait-once",
        "INSERT INTO shipment (id, sub_order_id, order_id, vendor_id, state, carrier,"
        " tracking_number, created_at) SELECT id, id, order_id, vendor_id, 'created', 'Post', '',"
        f" now() FROM sub_order WHERE id = ({B});"
        " INSERT INTO shipment_line (id, shipment_id, line_id, vendor_id, quantity)"
        " SELECT id, sub_order_id, id, vendor_id, quantity + 1 FROM order_line"
        f" WHERE sub_order_id = ({B})",
        frozenset({"parcels-have-histories"}),
    ),
    Difference("parcels-have-histories", "UPDATE shipment SET state = 'lost'"),
    Difference(
        "states-match-their-units",
        f"UPDATE sub_order SET delivered_at = now() WHERE id = ({A})",
        frozenset({"earnings-mature-in-time"}),
    ),
    Difference(
        "finished-sub-orders-reserve-nothing",
        "UPDATE reservation SET state = 'committed' WHERE state = 'consumed'",
    ),
    Difference(
        "changes-have-events", "UPDATE state_change SET order_id = id WHERE subject = 'refund'"
    ),
    Difference("events-have-no-gaps", "UPDATE event_stream SET last_seq = last_seq + 1"),
    Difference(  # a number given twice, in two months, in place of another
        "events-have-no-gaps",
        "UPDATE event_stream SET last_seq = last_seq + 1;"
        " UPDATE outbox_event SET seq = last_seq FROM event_stream"
        " WHERE event_stream.id = stream_id AND seq = last_seq - 1;"
        " INSERT INTO outbox_event (id, name, stream_id, seq, payload, happened_at, routed_at)"
        " SELECT uuidv7(), 'bell.rang', id, 1, '{}', now(), now() FROM event_stream",
    ),
    Difference(
        "histories-lead-to-today",
        f"UPDATE state_change SET to_state = 'refused' WHERE subject_id = ({B})",
    ),
    Difference(
        "nothing-is-released-unpaid", f"UPDATE sub_order SET released_at = NULL WHERE id = ({B})"
    ),
    Difference(
        "released-stock-is-committed",
        "UPDATE reservation SET state = 'held', expires_at = now() WHERE state = 'committed'",
    ),
    Difference(
        "one-key-one-effect",
        "INSERT INTO idempotency_record (id, principal, operation, key, request_hash, result_id,"
        " created_at) SELECT id, 'guest', 'place_order', 'k', 'h', id, now() FROM capture",
    ),
    Difference("an-order-is-paid-once", "UPDATE payment_attempt SET state = 'expired'"),
    Difference("commission-is-frozen", "UPDATE commission_rule SET vat_ppm = vat_ppm + 10000"),
    Difference(
        "refunds-return-exactly",
        "UPDATE refund_line SET commission_minor = commission_minor + 1 WHERE NOT is_earned",
    ),
    Difference(
        "shipping-returns-exactly",
        "INSERT INTO refund_line (id, refund_id, sub_order_id, quantity, is_earned, gross_minor,"
        " tax_minor, funding_minor, vendor_minor, commission_minor, commission_vat_minor)"
        " SELECT gen_random_uuid(), refund_id, sub_order_id, 0, false, 0, 0, 0, 0, 1, 0"
        " FROM refund_line WHERE NOT is_earned",
    ),
    Difference(
        "serious-breaks-stop-payouts",
        "INSERT INTO reconciliation_break (id, key, code, severity, state, account, amount_minor,"
        " currency, detail, vendor_id, items, happened_on, first_run_id, last_run_id,"
        " first_seen_at) SELECT id, 'tr_1', 'D1', 'high', 'open', 'platform', 1, 'USD', '', id,"
        " '[]', now()::date, id, id, now() FROM vendor LIMIT 1",
    ),
    *LATER,
]
