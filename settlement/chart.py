"""The chart of accounts, as far as it is posted to. A code's first digit says its kind."""

from dataclasses import dataclass
from uuid import UUID

from settlement.models import AccountKind


@dataclass(frozen=True, slots=True)
class Account:
    """An account in every currency it is used in; `vendor_id` says whose, if it is a vendor's."""

    code: str
    kind: AccountKind
    vendor_id: UUID | None = None


PROVIDER_BALANCE = Account("1120", AccountKind.ASSET)
CUSTOMER_PREPAYMENTS = Account("2010", AccountKind.LIABILITY)
REFUNDS_OWED = Account("2020", AccountKind.LIABILITY)
VENDOR_PENDING_CODE = "2110"
FACILITATED_TAX = Account("2210", AccountKind.LIABILITY)
COMMISSION_VAT = Account("2220", AccountKind.LIABILITY)
COMMISSION = Account("4110", AccountKind.INCOME)
PLATFORM_DISCOUNTS = Account("6110", AccountKind.EXPENSE)
PROVIDER_FEES = Account("6210", AccountKind.EXPENSE)


def vendor_pending(vendor_id: UUID) -> Account:
    """What a vendor has earned and cannot be paid yet."""
    return Account(VENDOR_PENDING_CODE, AccountKind.LIABILITY, vendor_id)
