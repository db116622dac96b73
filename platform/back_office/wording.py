"""What happened, in words: one sentence for each event, and a tone."""

from marketplace.orders.staff_lists import Flag
from marketplace.orders.staff_stories import Happening

FLAGS = {
    Flag.UNPAID: ("Not paid yet", ""),
    Flag.LATE: ("Late", "bad"),
    Flag.REFUSED: ("Refused units", "warn"),
    Flag.REFUND_FAILED: ("Refund failed", "bad"),
    Flag.REFUNDING: ("Refund under way", "info"),
}

_WORDS = {
    "order.placed": ("Order placed", "info"),
    "payment.captured": ("Payment arrived", "good"),
    "payment.fee_known": ("The provider's fee is known", ""),
    "payment.failed": ("A payment was declined", "bad"),
    "sub_order.released": ("Sent to {vendor}", "info"),
    "sub_order.accepted": ("Accepted by {vendor}", "info"),
    "sub_order.refused": ("Refused by {vendor}", "bad"),
    "sub_order.expired": ("{vendor} did not answer in time", "bad"),
    "sub_order.cancelled": ("Cancelled", "bad"),
    "sub_order.partly_shipped": ("Partly shipped by {vendor}", "info"),
    "sub_order.shipped": ("Shipped by {vendor}, who has earned it", "good"),
    "shipment.delivered": ("A parcel was delivered", "good"),
    "sub_order.delivered": ("Delivered", "good"),
    "refund.requested": ("Refund of {amount} asked for", "warn"),
    "refund.submitting": ("Refund of {amount} sent to the provider", ""),
    "refund.pending": ("Refund of {amount} is pending at the provider", ""),
    "refund.succeeded": ("Refund of {amount} is done", "good"),
    "refund.failed": ("Refund of {amount} failed", "bad"),
    "sla.warned": ("{vendor} was warned: {clock}", "warn"),
    "sla.breached": ("Deadline passed: {clock}", "bad"),
}
_CLOCKS = {"pay_by": "pay by", "accept_by": "accept by", "ship_by": "ship by"}


def happening(item: Happening) -> dict[str, object]:
    """An item of the timeline macro. An event without words of its own shows its name."""
    words, tone = _WORDS.get(item.name, (item.name, ""))
    what = words.format(
        vendor=item.vendor or "the seller",
        amount=item.amount,
        clock=_CLOCKS.get(item.clock or "", "deadline"),
    )
    return {
        "at": item.at,
        "what": what if item.about is None else f"{what} · {item.about}",
        "who": item.who,
        "detail": item.reason,
        "tone": tone,
    }
