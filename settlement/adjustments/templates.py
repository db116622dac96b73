"""What each kind of adjustment books: one fixed posting each (docs/ledger.md)."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from settlement import chart
from settlement.adjustments.models import Adjustment, AdjustmentKind
from settlement.chart import Account
from settlement.ledger import Entry, Kind, Purpose

# Where what lies in suspense may turn out to belong.
CLEARS_TO = {
    account.code: account
    for account in (
        chart.BANK, chart.PROVIDER_BALANCE, chart.PROVIDER_RESERVED, chart.PLATFORM_IN_TRANSIT,
        chart.DISPUTED, chart.REFUNDS_OWED, chart.FACILITATED_TAX, chart.PROVIDER_FEES,
        chart.DISPUTE_FEES, chart.CHARGEBACK_LOSSES, chart.GOODWILL,
    )
}  # fmt: skip

OfVendor = Callable[[UUID], Account]


@dataclass(frozen=True, slots=True)
class Template:
    """Debit and credit of an amount above zero; a vendor's account is made for the vendor."""

    debit: Account | OfVendor
    credit: Account | OfVendor
    purpose: Purpose
    kind: Kind = Kind.ADJUSTMENT
    is_signed: bool = False
    needs_reference: bool = False

    @property
    def needs_vendor(self) -> bool:
        return not isinstance(self.debit, Account) or not isinstance(self.credit, Account)


TEMPLATES = {
    AdjustmentKind.PENALTY: Template(chart.vendor_available, chart.PENALTIES, Purpose.PENALTY),
    AdjustmentKind.GOODWILL: Template(chart.GOODWILL, chart.vendor_available, Purpose.GOODWILL),
    AdjustmentKind.REFUND_PAID_OTHERWISE: Template(
        chart.REFUNDS_OWED, chart.BANK, Purpose.PAYMENT, needs_reference=True
    ),
    AdjustmentKind.VENDOR_RECEIVABLE: Template(
        chart.vendor_receivable, chart.vendor_available, Purpose.CORRECTION
    ),
    AdjustmentKind.WRITE_OFF: Template(
        chart.VENDOR_BAD_DEBT, chart.vendor_receivable, Purpose.CORRECTION
    ),
    AdjustmentKind.TAX_REMITTED: Template(
        chart.FACILITATED_TAX, chart.BANK, Purpose.TAX, needs_reference=True
    ),
    AdjustmentKind.CURRENCY_EXCHANGE: Template(
        chart.FX_TRADING, chart.PROVIDER_BALANCE, Purpose.CURRENCY, Kind.CURRENCY
    ),
    AdjustmentKind.CURRENCY_REVALUATION: Template(
        chart.FX_RESULT, chart.FX_TRADING, Purpose.CURRENCY, Kind.CURRENCY, is_signed=True
    ),
    AdjustmentKind.PROVIDER_RESERVE: Template(
        chart.PROVIDER_RESERVED, chart.PROVIDER_BALANCE, Purpose.RESERVE, Kind.PROVIDER_RESERVE
    ),
    AdjustmentKind.PROVIDER_RESERVE_RELEASED: Template(
        chart.PROVIDER_BALANCE, chart.PROVIDER_RESERVED, Purpose.RESERVE, Kind.PROVIDER_RESERVE
    ),
    AdjustmentKind.DISPUTE_FEE_RECHARGE: Template(
        chart.vendor_available, chart.DISPUTE_FEES, Purpose.DISPUTE_FEE
    ),
    AdjustmentKind.PROVIDER_FEE_RECHARGE: Template(
        chart.vendor_available, chart.PROVIDER_FEES, Purpose.FEE
    ),
}


def entries(adjustment: Adjustment) -> list[Entry]:
    """The posting of an adjustment that is not a reversal, to the cent."""
    if adjustment.kind is AdjustmentKind.SUSPENSE_CLEARED:
        assert adjustment.account is not None
        template = Template(CLEARS_TO[adjustment.account], chart.SUSPENSE, Purpose.CORRECTION)
    else:
        template = TEMPLATES[adjustment.kind]
    debit = _account(template.debit, adjustment.vendor_id)
    credit = _account(template.credit, adjustment.vendor_id)
    sides = [(debit, adjustment.amount_minor, adjustment.currency),
        (credit, -adjustment.amount_minor, adjustment.currency)]  # fmt: skip
    if adjustment.amount_to_minor is not None:
        # Each currency is zero by itself; the position stays on the trading account.
        assert adjustment.currency_to is not None
        sides += [(credit, adjustment.amount_to_minor, adjustment.currency_to),
            (debit, -adjustment.amount_to_minor, adjustment.currency_to)]  # fmt: skip
    return [
        Entry(account=account, amount_minor=minor, currency=currency, purpose=template.purpose)
        for account, minor, currency in sides
    ]


def kind_of(adjustment: Adjustment) -> Kind:
    if adjustment.kind is AdjustmentKind.SUSPENSE_CLEARED:
        return Kind.SUSPENSE
    return TEMPLATES[adjustment.kind].kind


def _account(side: Account | OfVendor, vendor_id: UUID | None) -> Account:
    if isinstance(side, Account):
        return side
    assert vendor_id is not None
    return side(vendor_id)
