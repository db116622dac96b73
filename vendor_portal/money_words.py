"""The ledger's words for a vendor: its accounts, and what an entry did."""

from settlement.ledger import Kind, Purpose

# Where a vendor's money waits: the word of an address, its account's code, and the page's word.
ACCOUNTS = {
    "pending": ("2110", "Pending"),
    "available": ("2120", "Available"),
    "reserve": ("2130", "Reserve"),
    "on_hold": ("2150", "On hold"),
    "in_progress": ("2140", "In progress"),
}
PLACES = dict(ACCOUNTS.values())
_SALES = {
    Purpose.SALE: "Sale",
    Purpose.COMMISSION: "Commission",
    Purpose.COMMISSION_VAT: "VAT on commission",
}
_REFUNDS = {
    Purpose.SALE: "Refund",
    Purpose.COMMISSION: "Commission returned",
    Purpose.COMMISSION_VAT: "VAT on commission returned",
}
_BY_PURPOSE = {
    Kind.EARNING: _SALES,
    Kind.REFUND: _REFUNDS,
    Kind.REFUND_OWED: _REFUNDS,
    Kind.ADJUSTMENT: {
        Purpose.PENALTY: "Penalty",
        Purpose.GOODWILL: "Goodwill",
        Purpose.CORRECTION: "Correction",
        Purpose.PRIOR_PERIOD: "Correction of an earlier month",
    },
    Kind.DISPUTE_LOST: {Purpose.DISPUTE_FEE: "Fee of a lost dispute"},
}
_BY_KIND = {
    Kind.RESERVE_HELD: "Kept in reserve",
    Kind.RESERVE_RELEASED: "Released from the reserve",
    Kind.RESERVE_USED: "Reserve used for a refund",
    Kind.MATURED: "Became available",
    Kind.HOLD: "Put on hold",
    Kind.HOLD_RELEASED: "Released from hold",
    Kind.PAYOUT_RESERVED: "Set aside for a payout",
    Kind.PAYOUT_CANCELLED: "Payout cancelled, back to available",
    Kind.TRANSFER: "Sent to your account at the payment provider",
    Kind.TRANSFER_REVERSAL: "Taken back from your account at the payment provider",
    Kind.PAYOUT_SENT: "Sent to your bank",
    Kind.PAYOUT_FAILED: "Payout failed",
    Kind.PAYOUT_PAID: "Paid out",
    Kind.PAYOUT_RETURNED: "Payout sent back by your bank",
    Kind.DISPUTE: "Disputed by the customer's bank",
    Kind.DISPUTE_WON: "Dispute won",
    Kind.DISPUTE_LOST: "Dispute lost",
    Kind.DISPUTE_REGAINED: "Lost dispute won after all",
}


def entry_in_words(kind: str, purpose: str) -> str:
    """What an entry did; one that pages have no words for says its own names."""
    if kind in _BY_PURPOSE and purpose in _BY_PURPOSE[Kind(kind)]:
        return _BY_PURPOSE[Kind(kind)][Purpose(purpose)]
    if kind in _BY_KIND:
        return _BY_KIND[Kind(kind)]
    return f"{kind}, {purpose}".replace("_", " ").capitalize()


def title_in_words(title: str) -> str:
    """The same for an entry named by an explanation: "Earning, commission vat"."""
    kind, _, purpose = title.lower().replace(" ", "_").partition(",_")
    return entry_in_words(kind, purpose)
