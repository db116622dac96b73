"""Which event wakes whom. What happens next, anywhere in the marketplace, is a row here.

An event nobody waits for is listed as such: forgotten is not the same as nobody.
"""

from collections.abc import Sequence

from marketplace.carriers.protocol import Carrier
from marketplace.orders import crediting, handing_on, running_short
from marketplace.outbox.routes import Handler, Kind, Queue, Route, Routes
from marketplace.payments.gateway import PaymentGateway
from marketplace_runtime.consumers import Labels, Money, Provider, write_upload
from settlement import posting
from settlement.connected.gateway import ConnectGateway
from settlement.disputes import stopping

LEDGER = posting.CONSUMER
MAIL = "mail"
REFUNDS = "refunds"
CREDITS = "credits"
REROUTES = "reroutes"
PROVIDER = "provider"
SETTLEMENT = "settlement"
PAYOUTS = "payouts"
CARRIERS = "carriers"
UPLOADS = "uploads"
SHORTAGES = "shortages"
HOLDS = "holds"
NOBODY_WAITS = (
    "order.placed",
    "order.address_changed",
    "payment.failed",
    "sub_order.accepted",
    "sub_order.refused",
    "sub_order.expired",
    "sub_order.preparing",
    "sub_order.ready",
    "sub_order.partly_cancelled",
    "sub_order.cancelled",
    "sub_order.relocated",
    "substitution.accepted",
    "substitution.declined",
    "substitution.expired",
    "substitution.withdrawn",
    "sub_order.written_off",
    "sub_order.closed",
    "shipment.labelled",
    "shipment.handed_over",
    "shipment.in_transit",
    "shipment.out_for_delivery",
    "shipment.exception",
    "shipment.lost",
    "shipment.returned_to_sender",
    "shipment.collected",
    "shipment.cancelled",
    "refund.submitting",
    "refund.pending",
    "refund.settled",
    "adjustment.proposed",
    "adjustment.approved",
    "adjustment.rejected",
    "dispute.evidence_submitted",
    "dispute.asked_again",
    "dispute.answered",
    "dispute.accepted",
    "dispute.liable_changed",
    "sla.warned",
    "sla.breached",
    "sla.paused",
    "sla.resumed",
    "sla.escalated",
    "account.created",
    "account.onboarding",
    "account.enabled",
    "account.restricted",
    "account.disconnected",
    "order.address_corrected",
    "order_hold.placed",
    "order_hold.released",
    "hold.placed",
    "hold.released",
    "batch.drafted",
    "batch.approved",
    "batch.cancelled",
    "payout.drafted",
    "payout.reserved",
    "payout.transferred",
    "payout.sent",
    "payout.paid",
    "payout.failed",
    "payout.returned",
    "payout.matched",
    "payout.shortened",
    "payout.cancelled",
    "freeze.placed",
    "freeze.lifted",
    "appeal.opened",
    "appeal.granted",
    "appeal.overtaken",
    "break.opened",
    "break.investigating",
    "break.proposed",
    "break.resolved",
    "break.written_off",
    "break.false_positive",
)


def ledger_routes() -> Routes:
    """What the books hear: all that a replay of history needs to drain."""
    return {
        "payment.captured": [Route(LEDGER, posting.on_payment_captured)],
        "payment.fee_known": [Route(LEDGER, posting.on_fee_known)],
        "sub_order.rerouted": [Route(LEDGER, posting.on_sub_order_rerouted)],
        "sub_order.shipped": [Route(LEDGER, posting.on_sub_order_shipped)],
        "sub_order.delivered": [Route(LEDGER, posting.on_sub_order_delivered)],
        "refund.succeeded": [Route(LEDGER, posting.on_refund_succeeded)],
        "refund.failed": [Route(LEDGER, posting.on_refund_failed)],
        "sla.penalty_due": [Route(LEDGER, posting.on_sla_penalty_due)],
    }


def all_routes(
    *,
    postman: Handler,
    gateway: PaymentGateway,
    connect: ConnectGateway,
    carriers: Sequence[Carrier] = (),
) -> Routes:
    """Everything, by the event's name. `carriers` are those that make labels for us."""
    mail = Route(MAIL, postman, Kind.OUTSIDE)
    return {
        **_order_routes(mail),
        **_parcel_routes(mail, Labels(carriers)),
        **_payment_routes(mail, Provider(gateway)),
        **_deadline_routes(mail),
        **_stock_routes(mail),
        **_standing_routes(mail),
        **_money_routes(Money(connect)),
        **_dispute_routes(),
        **dict.fromkeys(NOBODY_WAITS, ()),
    }


def _order_routes(mail: Route) -> Routes:
    books = ledger_routes()
    return {
        "sub_order.released": [mail],
        "sub_order.rerouted": [*books["sub_order.rerouted"], mail],
        "sub_order.handed_on": [mail],
        "sub_order.partly_shipped": [mail],
        "sub_order.shipped": [*books["sub_order.shipped"], mail],
        "sub_order.delivered": books["sub_order.delivered"],
        "sub_order.delayed": [mail],
        "substitution.proposed": [mail],
        "order.declined": [mail],
        "order.address_asked": [mail],
    }


def _parcel_routes(mail: Route, labels: Labels) -> Routes:
    return {
        "shipment.created": [Route(CARRIERS, labels.label, Kind.OUTSIDE)],
        "shipment.ready_for_pickup": [mail],
        "shipment.delivered": [mail],
    }


def _deadline_routes(mail: Route) -> Routes:
    books = ledger_routes()
    return {
        "sla.vendor_notified": [mail],
        "sla.penalty_due": books["sla.penalty_due"],
        "sla.credit_due": [Route(CREDITS, crediting.on_credit_due)],
        "sla.reroute_due": [Route(REROUTES, handing_on.on_reroute_due)],
    }


def _stock_routes(mail: Route) -> Routes:
    return {
        "stock.low": [mail],
        "stock.short": [Route(SHORTAGES, running_short.on_stock_short)],
        "stock_upload.wanted": [Route(UPLOADS, write_upload, Kind.OUTSIDE)],
    }


def _standing_routes(mail: Route) -> Routes:
    return {
        "vendor.warned": [mail],
        "vendor.suspended": [mail],
        "vendor.recovered": [mail],
        "vendor.reinstated": [mail],
        "appeal.denied": [mail],
    }


def _payment_routes(mail: Route, provider: Provider) -> Routes:
    books = ledger_routes()
    submit = Route(REFUNDS, provider.submit_refund, Kind.OUTSIDE)
    return {
        "payment.captured": [*books["payment.captured"], mail],
        "payment.fee_known": books["payment.fee_known"],
        "refund.requested": [submit],
        "refund.retried": [submit],
        "refund.succeeded": [*books["refund.succeeded"], mail],
        "refund.failed": books["refund.failed"],
        "provider.event_received": [Route(PROVIDER, provider.apply_event, Kind.OUTSIDE)],
    }


def _dispute_routes() -> Routes:
    asked_by = (
        "dispute.opened", "dispute.won", "dispute.lost", "dispute.closed", "sub_order.replacing",
    )  # fmt: skip
    return {name: [Route(HOLDS, stopping.keep_back)] for name in asked_by}


def _money_routes(money: Money) -> Routes:
    pay = Route(PAYOUTS, money.pay, Kind.OUTSIDE, Queue.MONEY)
    return {
        "payout.approved": [pay],
        "payout.retried": [pay],
        "provider.settlement_event_received": [
            Route(SETTLEMENT, money.apply_event, Kind.OUTSIDE, Queue.MONEY)
        ],
    }
