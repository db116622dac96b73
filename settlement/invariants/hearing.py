"""Events that the ledger has yet to hear: what they tell is late, not wrong."""

from settlement.posting import CONSUMER

# A delivery that was set aside counts as unheard here; `set_aside` reports it.
UNHEARD = f"""
    unheard AS MATERIALIZED (
        SELECT event.id, event.name, event.stream_id AS order_id, event.payload
        FROM outbox_event event WHERE event.routed_at IS NULL AND event.name IN (
            'payment.captured', 'payment.fee_known', 'sub_order.shipped',
            'sub_order.delivered', 'sub_order.rerouted', 'refund.succeeded', 'refund.failed')
        UNION ALL
        SELECT event.id, event.name, event.stream_id, event.payload
        FROM delivery JOIN outbox_event event ON event.id = delivery.event_id
        WHERE delivery.consumer = '{CONSUMER}' AND delivery.done_at IS NULL
    )
"""

WAITING = f"WITH {UNHEARD} SELECT count(*) FROM unheard"
