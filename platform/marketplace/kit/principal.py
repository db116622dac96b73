"""Who asks. Every domain call takes a Principal, and every query is scoped by it."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Kind(StrEnum):
    CUSTOMER = "customer"
    GUEST = "guest"
    TOKEN = "token"
    VENDOR = "vendor"
    STAFF = "staff"
    SYSTEM = "system"


class StaffRole(StrEnum):
    OPERATIONS = "operations"
    SUPPORT = "support"
    FINANCE_VIEWER = "finance_viewer"
    ACCOUNTANT = "accountant"
    APPROVER = "approver"
    ADMINISTRATOR = "administrator"


class VendorRole(StrEnum):
    OWNER = "owner"
    FULFILMENT = "fulfilment"
    FINANCE = "finance"


class KeyRole(StrEnum):
    """What a vendor's own system may do that comes with a key."""

    STOCK = "stock"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks, and `id` says which one.

    The user (vendor, staff), a vendor's key, the customer, a guest's cart, or the order a signed
    link speaks for; the system has none.
    """

    kind: Kind
    id: UUID | None = None
    vendor_id: UUID | None = None
    roles: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        assert (self.kind is Kind.VENDOR) == (self.vendor_id is not None), self

    @property
    def scope(self) -> str:
        """What row-level security lets through: one vendor's rows, or all (scoped by query)."""
        return str(self.vendor_id) if self.vendor_id is not None else "all"

    @property
    def key(self) -> str:
        """Names the principal in idempotency keys and histories."""
        return self.kind.value if self.id is None else f"{self.kind.value}:{self.id}"


SYSTEM = Principal(Kind.SYSTEM)
