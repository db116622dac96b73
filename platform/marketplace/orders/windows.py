"""Who may cancel what until when."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from marketplace.catalog.models import CancelUntil
from marketplace.kit.errors import DomainError, Forbidden, NotFound
from marketplace.kit.principal import Kind, Principal, StaffRole, VendorRole
from marketplace.orders.states import SubOrderState

S = SubOrderState

CANCELLERS = frozenset({StaffRole.OPERATIONS, StaffRole.SUPPORT, StaffRole.ADMINISTRATOR})
# Of a vendor's people, who does its books only looks.
PACKERS = frozenset({VendorRole.OWNER, VendorRole.FULFILMENT})
_BEFORE_ACCEPTANCE = frozenset({S.PENDING, S.AWAITING_ACCEPTANCE})
_ACCEPTED = frozenset({S.ACCEPTED, S.PREPARING, S.READY, S.PARTLY_SHIPPED})
_CUSTOMER = {
    CancelUntil.ACCEPTANCE: _BEFORE_ACCEPTANCE,
    CancelUntil.PREPARING: _BEFORE_ACCEPTANCE | {S.ACCEPTED},
}
CUSTOMERS = (Kind.CUSTOMER, Kind.GUEST, Kind.TOKEN)


class CancelReason(StrEnum):
    """Why a vendor cannot send what it had accepted."""

    OUT_OF_STOCK = "out_of_stock"
    DAMAGED = "damaged"
    WRONG_PRICE = "wrong_price"
    CANNOT_BE_SENT = "cannot_be_sent"
    CUSTOMER_ASKED = "customer_asked"
    OTHER = "other"


@dataclass(eq=False)
class CancelWindowClosed(DomainError):
    """It is too late for this person to cancel, or too early: a vendor refuses what is new."""

    code: ClassVar[str] = "CANCEL_WINDOW_CLOSED"

    number: str
    state: str

    @property
    def message(self) -> str:
        return f"{self.number} is {self.state.replace('_', ' ')} and cannot be cancelled like this."


def may_cancel(by: Principal, state: SubOrderState, until: CancelUntil) -> bool:
    """Customers until the channel's step, vendors what they accepted, staff until it has left."""
    match by.kind:
        case Kind.CUSTOMER | Kind.GUEST | Kind.TOKEN:
            return state in _CUSTOMER[until]
        case Kind.VENDOR:
            return state in _ACCEPTED
        case Kind.STAFF | Kind.SYSTEM:
            return state in _BEFORE_ACCEPTANCE | _ACCEPTED
        case _:
            raise NotFound("order")


def check_canceller(by: Principal, to_do: str = "cancel an order") -> None:
    """Of the staff, operations, support and administrators may cancel; of a vendor, who packs."""
    if not may_work(by):
        raise Forbidden(to_do)


def may_work(by: Principal) -> bool:
    """Whether somebody of a vendor or of the staff may change what becomes of an order."""
    match by.kind:
        case Kind.VENDOR:
            return bool(by.roles & PACKERS)
        case Kind.STAFF:
            return bool(by.roles & CANCELLERS)
        case _:
            return True
