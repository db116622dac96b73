"""One key, one effect: the claim commits or vanishes together with the effect."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import ClassVar
from uuid import UUID

from marketplace.kit.errors import DomainError, InvalidInput
from marketplace.kit.ids import new_id
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import connection

# A twin in flight makes the insert wait until it has committed or given up.
_CLAIM = """
    INSERT INTO idempotency_record
        (id, principal, operation, key, request_hash, result_id, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING
"""
_FIRST = """
    SELECT request_hash, result_id FROM idempotency_record
    WHERE principal = $1 AND operation = $2 AND key = $3
"""


@dataclass(eq=False)
class KeyReused(DomainError):
    code: ClassVar[str] = "IDEMPOTENCY_KEY_REUSED"
    field: ClassVar[str | None] = "idempotencyKey"

    key: str

    @property
    def message(self) -> str:
        return "This idempotency key was already used for something else; choose a new one."


async def claim(
    *, by: Principal, operation: str, key: str, request: str, result_id: UUID, now: datetime
) -> UUID | None:
    """None: the key is ours, go on. An id: what the first call made; answer with that.

    Call it first thing in the effect's transaction. Refuses a key used for another request.
    """
    if not 0 < len(key) <= 255:
        raise InvalidInput("idempotencyKey", "it is empty or too long", "1 to 255 characters")
    request_hash = sha256(request.encode()).hexdigest()
    status = await connection().execute(
        _CLAIM, new_id(now), by.key, operation, key, request_hash, result_id, now
    )
    if status == "INSERT 0 1":
        return None
    first = await connection().fetchrow(_FIRST, by.key, operation, key)
    if first["request_hash"] != request_hash:
        raise KeyReused(key)
    made: UUID = first["result_id"]
    return made
