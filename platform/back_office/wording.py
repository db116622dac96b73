"""What happened, in words: one sentence for each event, and a tone."""

from collections.abc import Callable

from back_office.dispute_wording import DISPUTE_EVENTS
from back_office.payout_wording import PAYOUT_EVENTS
from marketplace.kit.money import Money
from marketplace.orders.staff_lists import Flag
from marketplace.orders.staff_stories import Happening
from marketplace.payments.models import RefundState

FLAGS = {
    Flag.UNPAID: ("Not paid yet", ""),
    Flag.ON_HOLD: ("On hold", "warn"),
    Flag.LATE: ("Late", "bad"),
    Flag.REFUSED: ("Refused units", "warn"),
    Flag.REFUND_FAILED: ("Refund failed", "bad"),
    Flag.REFUNDING: ("Refund under way", "info"),
    Flag.STUCK: ("News set aside", "bad"),
}

EVENTS = {
    "order.placed": ("Order placed", "info"),
    "order.address_changed": ("The address was corrected", "info"),
    "vendor.warned": ("A vendor is warned", "warn"),
    "vendor.suspended": ("A vendor's offers are off sale", "bad"),
    "vendor.recovered": ("A vendor's figures are within their limits again", "good"),
    "vendor.reinstated": ("A vendor stands well again", "good"),
    "appeal.opened": ("A vendor appeals", "warn"),
    "appeal.granted": ("An appeal was granted", "good"),
    "appeal.denied": ("An appeal was denied", ""),
    "appeal.overtaken": ("An appeal is no longer needed", ""),
    "stock.low": ("A shelf runs low", "warn"),
    "stock.short": ("A shelf is short of what was promised", "bad"),
    "stock_upload.wanted": ("A stock file is to be read", ""),
    "order.declined": ("Declined: the rules found it too risky", "bad"),
    "order.address_asked": ("The customer is asked for the right address", "warn"),
    "order.address_corrected": ("The customer corrected the address", "good"),
    "order_hold.placed": ("Put on hold", "warn"),
    "order_hold.released": ("A hold has ended", "good"),
    "payment.captured": ("Payment of {amount} arrived", "good"),
    "payment.fee_known": ("The provider keeps a fee of {amount}", ""),
    "payment.failed": ("A payment was declined", "bad"),
    "sub_order.released": ("Sent to {vendor}", "info"),
    "sub_order.accepted": ("Accepted by {vendor}", "info"),
    "sub_order.refused": ("Refused by {vendor}", "bad"),
    "sub_order.expired": ("{vendor} did not answer in time", "bad"),
    "sub_order.preparing": ("{vendor} is packing it", "info"),
    "sub_order.ready": ("Packed at {vendor}", "info"),
    "sub_order.partly_cancelled": ("Units of {vendor} were cancelled", "warn"),
    "sub_order.handed_on": ("{vendor} was told to send no more of it", "info"),
    "sub_order.rerouted": ("Another seller sends what {vendor} could not", "info"),
    "sub_order.cancelled": ("Cancelled at {vendor}", "bad"),
    "sub_order.relocated": ("{vendor} sends it from another of its locations", "info"),
    "substitution.proposed": ("{vendor} offers the customer something else", "warn"),
    "substitution.accepted": ("The customer takes what {vendor} offered instead", "good"),
    "substitution.declined": ("The customer declined what {vendor} offered instead", "warn"),
    "substitution.expired": ("No answer about what {vendor} offered instead", "warn"),
    "substitution.withdrawn": ("{vendor} does not offer something else any more", ""),
    "sub_order.partly_shipped": ("Partly shipped by {vendor}", "info"),
    "sub_order.shipped": ("Shipped by {vendor}, who has earned it", "good"),
    "sub_order.replacing": ("{vendor} sends it again", "warn"),
    "sub_order.written_off": ("Units of {vendor} are given up as lost", "bad"),
    "sub_order.closed": ("Closed at {vendor}: the time for returns is over", "good"),
    "shipment.created": ("{vendor} packed a parcel", ""),
    "shipment.labelled": ("A parcel of {vendor} has its label", ""),
    "shipment.handed_over": ("The carrier has a parcel of {vendor}", "info"),
    "shipment.in_transit": ("A parcel of {vendor} is on its way", "info"),
    "shipment.out_for_delivery": ("A parcel of {vendor} comes today", "info"),
    "shipment.exception": ("The carrier has a problem with a parcel of {vendor}", "warn"),
    "shipment.lost": ("A parcel of {vendor} is lost", "bad"),
    "shipment.returned_to_sender": ("A parcel came back to {vendor}", "warn"),
    "shipment.ready_for_pickup": ("Ready to be collected at {vendor}", "info"),
    "shipment.collected": ("Collected at {vendor}", "good"),
    "shipment.cancelled": ("A parcel of {vendor} was taken apart", "warn"),
    "shipment.delivered": ("A parcel of {vendor} was delivered", "good"),
    "sub_order.delivered": ("Everything of {vendor} is delivered", "good"),
    "refund.requested": ("Refund of {amount} asked for", "warn"),
    "refund.submitting": ("Refund of {amount} sent to the provider", ""),
    "refund.pending": ("Refund of {amount} is pending at the provider", ""),
    "refund.succeeded": ("Refund of {amount} is done", "good"),
    "refund.failed": ("Refund of {amount} failed", "bad"),
    "refund.retried": ("Refund of {amount} is sent once more", "warn"),
    "refund.settled": ("Refund of {amount} was paid by other means", "good"),
    "sla.warned": ("{who} was warned: {clock} soon", "warn"),
    "sla.breached": ("{who} missed the deadline to {clock}", "bad"),
    "sla.paused": ("The deadlines stand still", ""),
    "sla.resumed": ("The deadlines go on", ""),
    "sla.vendor_notified": ("{vendor} was reminded", "warn"),
    "sla.escalated": ("Staff are to look at it", "warn"),
    "sla.penalty_due": ("{vendor} pays for the delay", "warn"),
    "sla.reroute_due": ("Another seller is to be asked for what {vendor} has not sent", "warn"),
    "sla.credit_due": ("The customer gets something back for the delay", "warn"),
    "sub_order.delayed": ("The customer is told of a new date", "warn"),
    "provider.event_received": ("The payment provider sent news", ""),
    "provider.settlement_event_received": ("The payment provider sent news of a payout", ""),
    **PAYOUT_EVENTS,
    **DISPUTE_EVENTS,
}
_CLOCKS = {
    "pay_by": "pay",
    "accept_by": "answer",
    "ship_by": "ship",
    "deliver_by": "deliver",
    "answer_by": "settle a lost parcel",
    "collect_by": "hand over",
}
ACTORS = {
    "system": "Souk",
    "customer": "The customer",
    "guest": "The customer",
    "token": "The customer, on the tracking page",
    "provider": "The payment provider",
    "vendor": "The seller",
    "staff": "Staff",
}
CONSUMERS = {
    "ledger": "the books",
    "mail": "an e-mail",
    "refunds": "the refund at the provider",
    "provider": "the payment",
    "settlement": "the vendor's money",
    "payouts": "the payout",
    "carriers": "a parcel's label",
    "credits": "what a delay gives back",
    "uploads": "a stock file",
    "shortages": "who else has what is missing",
    "reroutes": "who else sends what is late",
    "holds": "orders whose payment is disputed",
}
REFUNDS = {
    RefundState.REQUESTED: ("Asked for", "info"),
    RefundState.SUBMITTING: ("Being sent", "info"),
    RefundState.PENDING: ("Pending at the provider", "info"),
    RefundState.SUCCEEDED: ("Done", "good"),
    RefundState.FAILED: ("Failed", "bad"),
    RefundState.SETTLED: ("Paid by other means", "good"),
}
MAILS = {
    "order_confirmed": "Order confirmed",
    "new_order": "New order",
    "shipped": "Shipped",
    "delivered": "Delivered",
    "ready_for_pickup": "Ready to collect",
    "rerouted": "Another seller sends it",
    "handed_on": "Another seller sends what was late",
    "substitution": "Would something else do?",
    "refunded": "Refunded",
    "late_warning": "Late warning",
    "overdue": "Overdue",
    "delayed": "A new date",
    "low_stock": "A shelf runs low",
    "standing_warned": "A warning",
    "standing_suspended": "Off sale for now",
    "standing_good": "Well again",
    "appeal_denied": "About an appeal",
    "order_declined": "Not accepted",
    "correct_address": "Is the address right?",
}


def happening(item: Happening, *, money: Callable[[Money], str]) -> dict[str, object]:
    """An item of the timeline macro; `money` writes an amount for the reader.

    An event that is newer than these words shows its name.
    """
    words, tone = EVENTS.get(item.name, (item.name, ""))
    what = words.format(
        vendor=item.vendor,
        who=item.vendor or "The customer",
        amount=item.amount and money(item.amount),
        clock=_CLOCKS.get(item.clock or ""),
    )
    details = [item.sub_order, item.parcel, item.reason and f"“{item.reason}”"]
    return {
        "at": item.at,
        "what": what,
        "who": item.person or ACTORS.get(item.actor or "", item.actor),
        "detail": " · ".join(detail for detail in details if detail),
        "tone": tone,
    }
