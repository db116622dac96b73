"""Who may do what here: viewers read, accountants work, approvers agree."""

from marketplace.kit.errors import Forbidden
from marketplace.kit.principal import Kind, Principal, StaffRole

READERS = frozenset(
    {
        StaffRole.FINANCE_VIEWER,
        StaffRole.ACCOUNTANT,
        StaffRole.APPROVER,
        StaffRole.ADMINISTRATOR,
    }
)
WORKERS = frozenset({StaffRole.ACCOUNTANT, StaffRole.ADMINISTRATOR})
APPROVERS = frozenset({StaffRole.APPROVER, StaffRole.ADMINISTRATOR})


def check(principal: Principal, allowed: frozenset[StaffRole], action: str) -> None:
    """Refuses (Forbidden) staff without one of the roles, and everybody who is no staff."""
    if principal.kind is Kind.SYSTEM:
        return
    if principal.kind is not Kind.STAFF or not principal.roles & allowed:
        raise Forbidden(action=action)
