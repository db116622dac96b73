from dataclasses import dataclass
from typing import ClassVar

from marketplace.kit.errors import DomainError
from marketplace.kit.money import Money


@dataclass(eq=False)
class RefundExceedsCapture(DomainError):
    """More would go back than came in; `available` is what can still be refunded."""

    code: ClassVar[str] = "REFUND_EXCEEDS_CAPTURE"

    asked: Money
    available: Money

    @property
    def message(self) -> str:
        return f"{self.asked} cannot be refunded: {self.available} is left of what was paid."


@dataclass(eq=False)
class ForgedWebhook(DomainError):
    code: ClassVar[str] = "FORGED_WEBHOOK"

    @property
    def message(self) -> str:
        return "The signature does not fit this body; nothing was kept."


@dataclass(eq=False)
class StaleWebhook(DomainError):
    code: ClassVar[str] = "STALE_WEBHOOK"

    @property
    def message(self) -> str:
        return "The signature is too old; send the event again with a new one."


@dataclass(eq=False)
class UnreadableWebhook(DomainError):
    code: ClassVar[str] = "UNREADABLE_WEBHOOK"

    @property
    def message(self) -> str:
        return "The body is signed and is not an event."
