"""What reconciling goes by. A change here is a new VERSION: runs remember theirs."""

from settlement.reconciliation.run_models import BreakCode, Severity

VERSION = 3

# How long a line of ours may be alone before it counts as missing at the provider, business days.
# A card's money is booked there up to a day late; what we send is booked as we send it.
PENDING_DAYS = 2
# A payout is with the bank on its arrival date, and five business days later at the latest.
BANK_DAYS = 5
# A bank line without a reference may be a payout that arrives this many business days around it.
SUGGEST_DAYS = 3
# A bank takes a booking back this many business days later at the most.
REVERSAL_DAYS = 20
# Payouts paid in one booking, at most; more combinations than this prove nothing.
MOST_TOGETHER = 4

FAILURES = frozenset({"refund_failure", "payout_failure", "payout_cancel", "transfer_failure"})
RESERVES = frozenset({"reserve_transaction", "reserved_funds", "reserve_hold", "reserve_release"})
CORRECTIONS = frozenset({"adjustment", "suspense"})  # kinds of our postings that people make
# The provider's own charges, which have no object of ours; any other type of fee is unclassified.
FEES = frozenset({"stripe_fee", "stripe_fx_fee", "tax_fee", "network_cost"})
# Types that tell of an object we may know.
OBJECTS = frozenset(
    {
        "charge", "payment", "refund", "payment_refund", "refund_failure", "payment_failure_refund",
        "partial_capture_reversal", "transfer", "transfer_refund", "transfer_cancel",
        "transfer_failure", "payout", "payout_cancel", "payout_failure",
    }
)  # fmt: skip
DISPUTES = frozenset({"dispute", "dispute_reversal"})  # categories of an adjustment

SEVERITIES = {
    BreakCode.T1: Severity.LOW,
    BreakCode.T2: Severity.LOW,
    BreakCode.M1: Severity.MEDIUM,
    BreakCode.M2: Severity.HIGH,
    BreakCode.M3: Severity.HIGH,
    BreakCode.A1: Severity.HIGH,
    BreakCode.A2: Severity.LOW,
    BreakCode.A3: Severity.MEDIUM,
    BreakCode.D1: Severity.HIGH,
    BreakCode.D2: Severity.MEDIUM,
    BreakCode.D3: Severity.HIGH,
    BreakCode.S1: Severity.MEDIUM,
    BreakCode.R1: Severity.MEDIUM,
    BreakCode.C1: Severity.HIGH,
    BreakCode.X1: Severity.HIGH,
    BreakCode.U1: Severity.MEDIUM,
    BreakCode.P1: Severity.MEDIUM,
}
NAMES = {
    BreakCode.T1: "Not at the provider yet",
    BreakCode.T2: "On its way to the bank",
    BreakCode.M1: "Missing in our books",
    BreakCode.M2: "Missing at the provider",
    BreakCode.M3: "Missing at the bank",
    BreakCode.A1: "Another amount",
    BreakCode.A2: "Another fee",
    BreakCode.A3: "Another exchange rate",
    BreakCode.D1: "Twice at the provider",
    BreakCode.D2: "Twice at the bank",
    BreakCode.D3: "Twice in our books",
    BreakCode.S1: "Another state",
    BreakCode.R1: "Reserve moved",
    BreakCode.C1: "Another currency",
    BreakCode.X1: "No place for it",
    BreakCode.U1: "Unknown money",
    BreakCode.P1: "Belongs to a closed month",
}
# Until somebody has looked, nothing more is paid to the vendor it touches.
FREEZING = frozenset({BreakCode.D1, BreakCode.M2})


def is_routable(type_: str, category: str) -> bool:
    """Whether a line of the provider tells of something that our books have a place for."""
    return type_ in OBJECTS or type_ in FEES or (type_ == "adjustment" and category in DISPUTES)
