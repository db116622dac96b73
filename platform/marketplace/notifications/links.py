"""Addresses that stand in e-mails."""

from dataclasses import dataclass
from uuid import UUID

from marketplace.kit.signing import sign_correction, sign_order


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Where the pages are: the public address, and the secret that signs a customer's link."""

    base_url: str
    secret: str

    def tracking(self, order_id: UUID) -> str:
        """The page with all parcels of one order; whoever holds the link may see it."""
        return f"{self.base_url}/track/{sign_order(self.secret, order_id)}"

    def address(self, correction_id: UUID) -> str:
        """The page where the customer puts an address right, once."""
        return f"{self.base_url}/track/address/{sign_correction(self.secret, correction_id)}"

    def sub_order(self, sub_order_id: UUID) -> str:
        """The vendor's page of one sub-order, behind its sign-in."""
        return f"{self.base_url}/portal/sub-orders/{sub_order_id}"

    def performance(self) -> str:
        """The vendor's page of its figures and its standing, behind its sign-in."""
        return f"{self.base_url}/portal/performance"

    def stock(self, stock_id: UUID) -> str:
        """The vendor's page of one stock item, behind its sign-in."""
        return f"{self.base_url}/portal/stock/{stock_id}"
