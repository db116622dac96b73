"""Members of the staff with one role each, for tests of who may and of four eyes."""

from uuid import UUID

from marketplace.kit.principal import Kind, Principal, StaffRole


def staff(number: int, *roles: StaffRole) -> Principal:
    return Principal(Kind.STAFF, id=UUID(int=number), roles=frozenset(roles))


ACCOUNTANT = staff(101, StaffRole.ACCOUNTANT)
APPROVER = staff(102, StaffRole.APPROVER)
ADMINISTRATOR = staff(103, StaffRole.ADMINISTRATOR)
VIEWER = staff(104, StaffRole.FINANCE_VIEWER)
SUPPORT = staff(105, StaffRole.SUPPORT)
