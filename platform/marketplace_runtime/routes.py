"""Which event wakes whom. What happens next, anywhere in the marketplace, is a row here.

An event nobody waits for has an empty row: forgotten is not the same as nobody.
"""

from dataclasses import dataclass
from datetime import datetime

from marketplace.checkout import provider_events
from marketplace.orders import crediting
from marketplace.outbox.routes import Handler, Kind, Queue, Received, Route, Routes
from marketplace.payments import submitting
from marketplace.payments.gateway import PaymentGateway
from settlement import posting
from settlement import provider_events as settlement_events
from settlement.connected.gateway import ConnectGateway
from settlement.payouts import paying

LEDGER = posting.CONSUMER
MAIL = "mail"
REFUNDS = "refunds"
CREDITS = "credits"
PROVIDER = "provider"
SETTLEMENT = "settlement"
PAYOUTS = "payouts"


def ledger_routes() -> Routes:
    """What the books hear: all that a replay of history needs to drain."""
    return {
        "payment.captured": [Route(LEDGER, posting.on_payment_captured)],
        "payment.fee_known": [Route(LEDGER, posting.on_fee_known)],
        "sub_order.shipped": [Route(LEDGER, posting.on_sub_order_shipped)],
        "sub_order.delivered": [Route(LEDGER, posting.on_sub_order_delivered)],
        "refund.succeeded": [Route(LEDGER, posting.on_refund_succeeded)],
        "refund.failed": [Route(LEDGER, posting.on_refund_failed)],
        "sla.penalty_due": [Route(LEDGER, posting.on_sla_penalty_due)],
    }


def all_routes(*, postman: Handler, gateway: PaymentGateway, connect: ConnectGateway) -> Routes:
    """Everything, by the event's name."""
    books = ledger_routes()
    mail = Route(MAIL, postman, Kind.OUTSIDE)
    provider = Provider(gateway)
    money = Money(connect)
    pay = Route(PAYOUTS, money.pay, Kind.OUTSIDE, Queue.MONEY)
    return {
        "order.placed": [],
        "order.declined": [mail],
        "order.address_asked": [mail],
        "order.address_corrected": [],
        "order_hold.placed": [],
        "order_hold.released": [],
        "payment.captured": [*books["payment.captured"], mail],
        "payment.fee_known": books["payment.fee_known"],
        "payment.failed": [],
        "sub_order.released": [mail],
        "sub_order.accepted": [],
        "sub_order.refused": [],
        "sub_order.expired": [],
        "sub_order.cancelled": [],
        "sub_order.partly_shipped": [mail],
        "sub_order.shipped": [*books["sub_order.shipped"], mail],
        "shipment.delivered": [mail],
        "sub_order.delivered": books["sub_order.delivered"],
        "refund.requested": [Route(REFUNDS, provider.submit_refund, Kind.OUTSIDE)],
        "refund.submitting": [],
        "refund.pending": [],
        "refund.succeeded": [*books["refund.succeeded"], mail],
        "refund.failed": books["refund.failed"],
        "refund.retried": [Route(REFUNDS, provider.submit_refund, Kind.OUTSIDE)],
        "refund.settled": [],
        "adjustment.proposed": [],
        "adjustment.approved": [],
        "adjustment.rejected": [],
        "dispute.opened": [],
        "dispute.evidence_submitted": [],
        "dispute.asked_again": [],
        "dispute.won": [],
        "dispute.lost": [],
        "dispute.closed": [],
        "dispute.answered": [],
        "dispute.accepted": [],
        "dispute.liable_changed": [],
        "sla.warned": [],
        "sla.breached": [],
        "sla.paused": [],
        "sla.resumed": [],
        "sla.vendor_notified": [mail],
        "sla.escalated": [],
        "sla.penalty_due": books["sla.penalty_due"],
        "sla.credit_due": [Route(CREDITS, crediting.on_credit_due)],
        "sub_order.delayed": [mail],
        "provider.event_received": [Route(PROVIDER, provider.apply_event, Kind.OUTSIDE)],
        "provider.settlement_event_received": [
            Route(SETTLEMENT, money.apply_event, Kind.OUTSIDE, Queue.MONEY)
        ],
        "account.created": [],
        "account.onboarding": [],
        "account.enabled": [],
        "account.restricted": [],
        "account.disconnected": [],
        "hold.placed": [],
        "hold.released": [],
        "batch.drafted": [],
        "batch.approved": [],
        "batch.cancelled": [],
        "payout.drafted": [],
        "payout.approved": [pay],
        "payout.reserved": [],
        "payout.transferred": [],
        "payout.sent": [],
        "payout.paid": [],
        "payout.failed": [],
        "payout.returned": [],
        "payout.retried": [pay],
        "payout.cancelled": [],
        "freeze.placed": [],
        "freeze.lifted": [],
        "break.opened": [],
        "break.investigating": [],
        "break.proposed": [],
        "break.resolved": [],
        "break.written_off": [],
        "break.false_positive": [],
    }


@dataclass(frozen=True, slots=True)
class Provider:
    """Consumers that ask the payment provider."""

    gateway: PaymentGateway

    async def submit_refund(self, event: Received, *, now: datetime) -> None:
        refund_id = event.id_of("refund_id")
        await submitting.submit_refund(refund_id=refund_id, gateway=self.gateway, now=now)

    async def apply_event(self, event: Received, *, now: datetime) -> None:
        await provider_events.handle(
            provider_event_id=event.id_of("provider_event_id"), gateway=self.gateway, now=now
        )


@dataclass(frozen=True, slots=True)
class Money:
    """Consumers that ask the payment provider about vendors' money."""

    gateway: ConnectGateway

    async def pay(self, event: Received, *, now: datetime) -> None:
        payout_id = event.id_of("payout_id")
        await paying.pay_payout(payout_id=payout_id, gateway=self.gateway, now=now)

    async def apply_event(self, event: Received, *, now: datetime) -> None:
        await settlement_events.handle(
            provider_event_id=event.id_of("provider_event_id"), gateway=self.gateway, now=now
        )
