"""The names behind the keys that histories keep, and who work may be given to."""

from collections.abc import Iterable, Mapping

from marketplace.kit.principal import Kind, Principal
from marketplace.kit.transactions import transaction
from settlement import access

_NAMES = "SELECT 'staff:' || id AS key, name FROM app_user WHERE 'staff:' || id = ANY($1)"
_ACCOUNTANTS = """
    SELECT DISTINCT 'staff:' || person.id AS key, person.name FROM app_user person
    JOIN staff_membership seat ON seat.user_id = person.id
    WHERE seat.role = ANY($1) ORDER BY person.name, key
"""


async def names(*, principal: Principal, keys: Iterable[str | None]) -> Mapping[str, str]:
    """What people are called, by a principal's key; who is nobody's name stays the key itself."""
    access.check_viewer(principal, "see who did what")
    wanted = sorted({key for key in keys if key})
    async with transaction(principal, read_only=True) as connection:
        found = await connection.fetch(_NAMES, wanted)
    known = {row["key"]: row["name"] for row in found} | {Kind.SYSTEM.value: "Souk"}
    return {key: known.get(key, key) for key in wanted}


async def accountants(*, principal: Principal) -> list[tuple[str, str]]:
    """Key and name of everybody who may work on breaks, by name."""
    access.check_viewer(principal, "see who works here")
    async with transaction(principal, read_only=True) as connection:
        rows = await connection.fetch(_ACCOUNTANTS, sorted(access.ACCOUNTANTS))
    return [(row["key"], row["name"]) for row in rows]
