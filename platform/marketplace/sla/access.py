"""Who of the staff may change deadlines, and speak for vendors about theirs."""

from marketplace.kit.errors import Forbidden
from marketplace.kit.principal import Kind, Principal, StaffRole

OPERATORS = frozenset({StaffRole.OPERATIONS, StaffRole.ADMINISTRATOR})


def is_operator(principal: Principal) -> bool:
    is_one = principal.kind is Kind.STAFF and bool(principal.roles & OPERATORS)
    return is_one or principal.kind is Kind.SYSTEM


def check_operator(principal: Principal, to_do: str) -> None:
    """Refuses who is neither of operations nor an administrator; the system may."""
    if not is_operator(principal):
        raise Forbidden(to_do)
