from dataclasses import dataclass
from typing import ClassVar

from marketplace.kit.errors import DomainError


@dataclass(eq=False)
class AlreadyPaid(DomainError):
    code: ClassVar[str] = "ALREADY_PAID"

    order_number: str

    @property
    def message(self) -> str:
        return f"Order {self.order_number} is paid already; nothing was charged."


@dataclass(eq=False)
class OrderNotPayable(DomainError):
    """Nothing of the order waits for money: it was cancelled, most often for lack of it."""

    code: ClassVar[str] = "ORDER_NOT_PAYABLE"

    order_number: str

    @property
    def message(self) -> str:
        return f"Order {self.order_number} was cancelled and cannot be paid any more."


@dataclass(eq=False)
class PaymentInProgress(DomainError):
    code: ClassVar[str] = "PAYMENT_IN_PROGRESS"
    retryable: ClassVar[bool] = True

    order_number: str

    @property
    def message(self) -> str:
        return f"A payment of order {self.order_number} is under way; ask again in a moment."
