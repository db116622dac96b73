"""Adjustments in words: what each kind is for."""

from settlement.adjustments.models import AdjustmentKind, AdjustmentState

KINDS = {
    AdjustmentKind.PENALTY: ("Penalty", "The vendor owes us for breaking a rule."),
    AdjustmentKind.GOODWILL: ("Goodwill", "We give the vendor something."),
    AdjustmentKind.VENDOR_RECEIVABLE: (
        "Move a debt to receivables",
        "The vendor sells nothing any more; what it owes is claimed another way.",
    ),
    AdjustmentKind.WRITE_OFF: ("Write a debt off", "We do not expect the vendor to pay."),
    AdjustmentKind.TAX_REMITTED: ("Tax paid to the state", "The bank has paid it."),
    AdjustmentKind.CURRENCY_EXCHANGE: (
        "Currency exchanged",
        "The provider's balance was changed from one currency into another.",
    ),
    AdjustmentKind.CURRENCY_REVALUATION: (
        "Currency revalued",
        "At the end of a month; below zero where it is worth more.",
    ),
    AdjustmentKind.PROVIDER_RESERVE: (
        "Provider holds money back", "The provider keeps a part of our balance for a while."
    ),
    AdjustmentKind.PROVIDER_RESERVE_RELEASED: (
        "Provider releases money", "What the provider kept is in our balance again."
    ),
    AdjustmentKind.PROVIDER_FEE_RECHARGE: (
        "Charge a provider's fee on", "The vendor bears a fee of the provider."
    ),
    AdjustmentKind.SUSPENSE_CLEARED: (
        "Clear suspense", "What nobody could place belongs to another account."
    ),
    AdjustmentKind.DISPUTE_FEE_RECHARGE: (
        "Charge a dispute's fee on", "The vendor bears the fee of a dispute."
    ),
    AdjustmentKind.REFUND_PAID_OTHERWISE: (
        "Refund paid by other means", "The customer's money went by bank."
    ),
    AdjustmentKind.REVERSAL: ("Reverse a posting", "The exact opposite of it is booked."),
}  # fmt: skip
# What is proposed from the page of the thing itself.
FROM_ELSEWHERE = {
    AdjustmentKind.REFUND_PAID_OTHERWISE: "refund",
    AdjustmentKind.DISPUTE_FEE_RECHARGE: "dispute",
    AdjustmentKind.REVERSAL: "posting",
}
STATES = {
    AdjustmentState.PROPOSED: ("Waits for approval", "warn"),
    AdjustmentState.POSTED: ("Booked", "good"),
    AdjustmentState.REJECTED: ("Rejected", ""),
}
