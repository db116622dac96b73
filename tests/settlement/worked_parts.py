"""The worked order with its parts, and what a handler of the ledger is told of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from tests.settlement.rows import NOW


@dataclass(frozen=True, slots=True)
class Heard:
    """What a handler of the ledger is told."""

    name: str
    payload: Mapping[str, object]
    happened_at: datetime = NOW


@dataclass(frozen=True, slots=True)
class Part:
    id: UUID
    number: str
    vendor_id: UUID
    line_id: UUID
    stock_id: UUID
    reservation_id: UUID
    allocation_id: UUID


@dataclass(slots=True)
class Worked:
    order_id: UUID
    number: str
    payment_id: UUID
    capture_id: UUID
    parts: dict[str, Part] = field(default_factory=dict)

    def captured(self) -> Heard:
        return Heard("payment.captured", {"capture_id": str(self.capture_id)})

    def fee_known(self) -> Heard:
        return Heard("payment.fee_known", {"capture_id": str(self.capture_id)})

    def shipped(self, letter: str) -> Heard:
        return Heard("sub_order.shipped", {"sub_order_id": str(self.parts[letter].id)})
