from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from marketplace.kit.errors import DomainError


@dataclass(eq=False)
class UnknownOffer(DomainError):
    code: ClassVar[str] = "UNKNOWN_OFFER"
    field: ClassVar[str | None] = "offerId"

    offer_ids: Sequence[UUID]

    @property
    def message(self) -> str:
        if len(self.offer_ids) == 1:
            return "This offer is not for sale, or no longer."
        return f"{len(self.offer_ids)} of these offers are not for sale, or no longer."


@dataclass(eq=False)
class CurrencyMismatch(DomainError):
    code: ClassVar[str] = "CURRENCY_MISMATCH"
    field: ClassVar[str | None] = "offerId"

    offer_currency: str
    cart_currency: str

    @property
    def message(self) -> str:
        return (
            f"This offer is priced in {self.offer_currency}; a cart in {self.cart_currency} "
            f"takes offers in {self.cart_currency} only."
        )
