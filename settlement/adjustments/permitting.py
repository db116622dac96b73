"""Who corrects the books: one who proposes, and another one who agrees."""

from marketplace.kit.errors import Forbidden
from marketplace.kit.principal import Kind, Principal, StaffRole

PROPOSERS = frozenset({StaffRole.ACCOUNTANT, StaffRole.ADMINISTRATOR})
APPROVERS = frozenset({StaffRole.APPROVER, StaffRole.ADMINISTRATOR})


def check_proposer(principal: Principal, action: str) -> None:
    _check(principal, PROPOSERS, action)


def check_approver(principal: Principal, action: str) -> None:
    _check(principal, APPROVERS, action)


def _check(principal: Principal, roles: frozenset[StaffRole], action: str) -> None:
    if principal.kind is not Kind.STAFF or not principal.roles & roles:
        raise Forbidden(action)
