"""The chart of accounts, as far as it is posted to. A code's first digit says its kind.

Assets and expenses grow by debits, liabilities and income by credits. The codes and their uses
are drawn in docs/ledger.md.
"""

from dataclasses import dataclass
from uuid import UUID

from settlement.models import AccountKind


@dataclass(frozen=True, slots=True)
class Account:
    """An account in every currency it is used in; `vendor_id` says whose, if it is a vendor's."""

    code: str
    kind: AccountKind
    vendor_id: UUID | None = None


BANK = Account("1010", AccountKind.ASSET)
PROVIDER_BALANCE = Account("1120", AccountKind.ASSET)
PROVIDER_RESERVED = Account("1130", AccountKind.ASSET)
VENDOR_CONNECTED_CODE = "1140"
VENDOR_IN_TRANSIT_CODE = "1150"
PLATFORM_IN_TRANSIT = Account("1160", AccountKind.ASSET)
DISPUTED = Account("1210", AccountKind.ASSET)
VENDOR_RECEIVABLE_CODE = "1310"
FX_TRADING = Account("1900", AccountKind.ASSET)
SUSPENSE = Account("1990", AccountKind.ASSET)
CUSTOMER_PREPAYMENTS = Account("2010", AccountKind.LIABILITY)
REFUNDS_OWED = Account("2020", AccountKind.LIABILITY)
VENDOR_PENDING_CODE = "2110"
VENDOR_AVAILABLE_CODE = "2120"
VENDOR_RESERVE_CODE = "2130"
VENDOR_IN_PROGRESS_CODE = "2140"
VENDOR_ON_HOLD_CODE = "2150"
# Where a vendor's money waits until it is paid.
VENDOR_CODES = (
    VENDOR_PENDING_CODE, VENDOR_AVAILABLE_CODE, VENDOR_RESERVE_CODE, VENDOR_IN_PROGRESS_CODE,
    VENDOR_ON_HOLD_CODE,
)  # fmt: skip
FACILITATED_TAX = Account("2210", AccountKind.LIABILITY)
COMMISSION_VAT = Account("2220", AccountKind.LIABILITY)
COMMISSION = Account("4110", AccountKind.INCOME)
PENALTIES = Account("4310", AccountKind.INCOME)
FX_RESULT = Account("4410", AccountKind.INCOME)
PLATFORM_DISCOUNTS = Account("6110", AccountKind.EXPENSE)
PROVIDER_FEES = Account("6210", AccountKind.EXPENSE)
DISPUTE_FEES = Account("6220", AccountKind.EXPENSE)
CHARGEBACK_LOSSES = Account("6310", AccountKind.EXPENSE)
VENDOR_BAD_DEBT = Account("6320", AccountKind.EXPENSE)
GOODWILL = Account("6410", AccountKind.EXPENSE)

NAMES = {
    "1010": "Bank",
    "1120": "Provider balance",
    "1130": "Provider reserved",
    "1140": "Connected account",
    "1150": "Vendor payout in transit",
    "1160": "Platform payout in transit",
    "1210": "Disputed funds",
    "1310": "Vendor receivable",
    "1900": "Currency trading",
    "1990": "Suspense",
    "2010": "Customer prepayments",
    "2020": "Refunds owed",
    "2110": "Vendor pending",
    "2120": "Vendor available",
    "2130": "Vendor reserve",
    "2140": "Vendor payout in progress",
    "2150": "Vendor on hold",
    "2210": "Facilitated tax",
    "2220": "VAT on commission",
    "4110": "Commission",
    "4310": "Penalties",
    "4410": "Currency result",
    "6110": "Platform discounts",
    "6210": "Provider fees",
    "6220": "Dispute fees",
    "6310": "Chargeback losses",
    "6320": "Vendor bad debt",
    "6410": "Goodwill",
}


def vendor_pending(vendor_id: UUID) -> Account:
    """What a vendor has earned and cannot be paid yet."""
    return Account(VENDOR_PENDING_CODE, AccountKind.LIABILITY, vendor_id)


def vendor_available(vendor_id: UUID) -> Account:
    """What the next payout pays; below zero the vendor owes it."""
    return Account(VENDOR_AVAILABLE_CODE, AccountKind.LIABILITY, vendor_id)


def vendor_reserve(vendor_id: UUID) -> Account:
    """What is held back of a vendor's earnings for a while."""
    return Account(VENDOR_RESERVE_CODE, AccountKind.LIABILITY, vendor_id)


def vendor_in_progress(vendor_id: UUID) -> Account:
    """What a payout under way has taken out of the available balance."""
    return Account(VENDOR_IN_PROGRESS_CODE, AccountKind.LIABILITY, vendor_id)


def vendor_on_hold(vendor_id: UUID) -> Account:
    """What waits for the end of a dispute, or of a question of ours."""
    return Account(VENDOR_ON_HOLD_CODE, AccountKind.LIABILITY, vendor_id)


def vendor_connected(vendor_id: UUID) -> Account:
    """The vendor's balance at the provider."""
    return Account(VENDOR_CONNECTED_CODE, AccountKind.ASSET, vendor_id)


def vendor_in_transit(vendor_id: UUID) -> Account:
    """On its way from the provider to the vendor's bank."""
    return Account(VENDOR_IN_TRANSIT_CODE, AccountKind.ASSET, vendor_id)


def vendor_receivable(vendor_id: UUID) -> Account:
    """What a vendor who left, or sells nothing, still owes us."""
    return Account(VENDOR_RECEIVABLE_CODE, AccountKind.ASSET, vendor_id)
