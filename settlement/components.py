"""What a sale consists of, and its entries: forwards when earned, backwards when refunded."""

from dataclasses import dataclass
from uuid import UUID

from settlement import chart
from settlement.chart import Account
from settlement.ledger import Entry, Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Components:
    """Minor units of one sub-order. gross + funding = vendor + tax, whatever their signs.

    `tax` is what the platform owes the state; tax that the vendor owes is inside `vendor`.
    """

    order_id: UUID
    sub_order_id: UUID
    vendor_id: UUID
    currency: str
    gross: int
    funding: int
    vendor: int
    tax: int
    commission: int
    commission_vat: int

    @property
    def net(self) -> int:
        """What is the vendor's after commission and the tax on it."""
        return self.vendor - self.commission - self.commission_vat

    def earned(self, *, paid_from: Account) -> list[Entry]:
        """The vendor has earned it, the marketplace its commission with the tax on that."""
        return self._earned(paid_from, chart.vendor_pending(self.vendor_id))

    def refunded(self, *, paid_from: Account, vendor: Account) -> list[Entry]:
        """The exact reverse of what was earned on these components, out of this vendor account."""
        return [
            Entry(
                account=entry.account,
                amount_minor=-entry.amount_minor,
                currency=entry.currency,
                purpose=entry.purpose,
                order_id=entry.order_id,
                sub_order_id=entry.sub_order_id,
            )
            for entry in self._earned(paid_from, vendor)
        ]

    def given_back(self, *, paid_from: Account) -> list[Entry]:
        """Back to the customer before anybody earned it: only the prepayment is touched."""
        return [
            self._entry(chart.CUSTOMER_PREPAYMENTS, self.gross, Purpose.SALE),
            self._entry(paid_from, -self.gross, Purpose.SALE),
        ]

    def _earned(self, paid_from: Account, vendor: Account) -> list[Entry]:
        self._check()
        return [
            self._entry(paid_from, self.gross, Purpose.SALE),
            self._entry(chart.PLATFORM_DISCOUNTS, self.funding, Purpose.DISCOUNT),
            self._entry(vendor, -self.vendor, Purpose.SALE),
            self._entry(chart.FACILITATED_TAX, -self.tax, Purpose.TAX),
            self._entry(vendor, self.commission, Purpose.COMMISSION),
            self._entry(chart.COMMISSION, -self.commission, Purpose.COMMISSION),
            self._entry(vendor, self.commission_vat, Purpose.COMMISSION_VAT),
            self._entry(chart.COMMISSION_VAT, -self.commission_vat, Purpose.COMMISSION_VAT),
        ]

    def _entry(self, account: Account, amount_minor: int, purpose: Purpose) -> Entry:
        return Entry(
            account=account,
            amount_minor=amount_minor,
            currency=self.currency,
            purpose=purpose,
            order_id=self.order_id,
            sub_order_id=self.sub_order_id,
        )

    def _check(self) -> None:
        assert self.gross + self.funding == self.vendor + self.tax, self
