"""Who of the staff may do what with the marketplace's money."""

from marketplace.kit.errors import Forbidden
from marketplace.kit.principal import Kind, Principal, StaffRole

ACCOUNTANTS = frozenset({StaffRole.ACCOUNTANT, StaffRole.ADMINISTRATOR})
APPROVERS = frozenset({StaffRole.APPROVER, StaffRole.ADMINISTRATOR})
FINANCE = ACCOUNTANTS | APPROVERS
VIEWERS = FINANCE | {StaffRole.FINANCE_VIEWER}


def check_viewer(principal: Principal, to_do: str) -> None:
    """Refuses who may not see all the money; the system may."""
    _check(principal, VIEWERS, to_do)


def check_accountant(principal: Principal, to_do: str) -> None:
    """Refuses who may not prepare: draft, import, propose, comment."""
    _check(principal, ACCOUNTANTS, to_do)


def check_finance(principal: Principal, to_do: str) -> None:
    """Refuses who neither prepares nor decides: to stop and start what is agreed already."""
    _check(principal, FINANCE, to_do)


def check_approver(principal: Principal, to_do: str, *, in_person: bool = False) -> None:
    """Refuses who may not decide on what another has prepared; in person the system neither."""
    if in_person and principal.kind is Kind.SYSTEM:
        raise Forbidden(to_do)
    _check(principal, APPROVERS, to_do)


def _check(principal: Principal, roles: frozenset[StaffRole], to_do: str) -> None:
    is_one_of_them = principal.kind is Kind.STAFF and bool(principal.roles & roles)
    if principal.kind is not Kind.SYSTEM and not is_one_of_them:
        raise Forbidden(to_do)
