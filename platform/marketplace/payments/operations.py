"""Calls to the payment provider: intend, commit, call, record.

A row stands before the call is made, with the key and the parameters it is made with, so that a
process that dies anywhere leaves behind what is to be done. Whoever makes the call takes the row
for a while first; when that while passes, somebody else carries on. Taking it again means the
outcome of the last call is unknown: look it up at the provider, then ask with the same key.
"""

import json
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from marketplace.kit.ids import new_id
from marketplace.kit.transactions import connection
from marketplace.payments.gateway import ProviderRefused
from marketplace.payments.operation import Operation, OperationKind

# Longer than one call can take: three tries of the library, twenty seconds each, and its pauses.
LEASE = timedelta(seconds=90)
ERROR_KEPT = 1000  # characters of a provider's error

_PLAN = """
    INSERT INTO provider_operation
        (id, kind, key, subject_id, params, state, attempts, next_at, account)
    VALUES ($1, $2, $3, $4, $5::jsonb, 'planned', 0, $6, $7)
    ON CONFLICT (key) DO NOTHING
"""
# Planned and taken in one go, for a caller that makes the call as soon as it has committed.
_BEGIN = """
    INSERT INTO provider_operation
        (id, kind, key, subject_id, params, state, attempts, next_at, first_sent_at)
    VALUES ($1, $2, $3, $4, $5::jsonb, 'sent', 1, $6::timestamptz + $7::interval, $6)
"""
_TAKE = """
    UPDATE provider_operation
    SET state = 'sent', attempts = attempts + 1, next_at = $2::timestamptz + $3::interval,
        first_sent_at = coalesce(first_sent_at, $2)
    WHERE key = $1 AND state IN ('planned', 'sent') AND next_at <= $2
    RETURNING *
"""
# Two sweepers beside each other share the due rows out instead of waiting for each other.
_TAKE_DUE = """
    UPDATE provider_operation
    SET state = 'sent', attempts = attempts + 1, next_at = $1::timestamptz + $2::interval,
        first_sent_at = coalesce(first_sent_at, $1)
    WHERE id IN (
        SELECT id FROM provider_operation
        WHERE state IN ('planned', 'sent') AND next_at <= $1 AND kind = ANY($4)
        ORDER BY next_at LIMIT $3 FOR UPDATE SKIP LOCKED)
    RETURNING *
"""
# Five seconds, ten, twenty ... and then every quarter of an hour.
_LATER = "$3::timestamptz + least(interval '5 s' * 2 ^ least(attempts - 1, 10), interval '15 min')"
_POSTPONE = f"""
    UPDATE provider_operation SET next_at = {_LATER}, last_error = $2
    WHERE key = $1 AND state = 'sent'
"""
_KEEP_LOOKING = f"""
    UPDATE provider_operation
    SET state = 'sent', attempts = greatest(attempts, 1), result_id = $2,
        first_sent_at = coalesce(first_sent_at, $3), next_at = {_LATER}
    WHERE key = $1 AND state IN ('planned', 'sent')
"""
_END = """
    UPDATE provider_operation
    SET state = $2, result_id = coalesce($3, result_id), last_error = coalesce($4, last_error)
    WHERE key = $1 AND state IN ('planned', 'sent')
"""
_FOUND = """
    UPDATE provider_operation SET state = 'succeeded', result_id = $2
    WHERE key = $1 AND state = 'failed'
"""
_STATE = "SELECT state FROM provider_operation WHERE key = $1 FOR UPDATE"
_ATTEMPTS = "SELECT attempts FROM provider_operation WHERE key = $1"
_REFUSAL = "SELECT last_error FROM provider_operation WHERE key = $1 AND state = 'failed'"


def key_of(kind: OperationKind, subject_id: UUID, generation: int) -> str:
    """Ours and deterministic: whoever carries on asks with the same one."""
    return f"mkt:{kind}:{subject_id}:{generation}"


async def plan(
    *,
    kind: OperationKind,
    subject_id: UUID,
    key: str,
    params: Mapping[str, object],
    now: datetime,
    account: str | None = None,
) -> None:
    """Write down, in the caller's transaction, a call to make. Planned once, whoever plans it."""
    await connection().execute(
        _PLAN, new_id(now), kind, key, subject_id, json.dumps(params), now, account
    )


async def begin(
    *, kind: OperationKind, subject_id: UUID, key: str, params: Mapping[str, object], now: datetime
) -> Operation:
    """Write down, in the caller's transaction, a call that is the caller's to make next."""
    await connection().execute(
        _BEGIN, new_id(now), kind, key, subject_id, json.dumps(params), now, LEASE
    )
    return Operation(kind, key, subject_id, _sorted(params), 1, now, None)


async def take(key: str, *, now: datetime) -> Operation | None:
    """Make the call ours, or None while it is somebody else's or done. Commit, then call."""
    row = await connection().fetchrow(_TAKE, key, now, LEASE)
    return None if row is None else _operation(row)


async def take_due(
    *, kinds: Collection[OperationKind], now: datetime, limit: int
) -> list[Operation]:
    """Calls of these kinds whose time has come, ours from now on. Commit, then make them."""
    rows = await connection().fetch(_TAKE_DUE, now, LEASE, limit, list(kinds))
    return [_operation(row) for row in rows]


async def make_each(due: Iterable[Operation], make: Callable[[Operation], Awaitable[None]]) -> None:
    """Make calls one after the other; one that breaks does not keep the others from being made.

    The first unforeseen error is raised when all were made: its call is due again later.
    """
    broken: list[Exception] = []
    for operation in due:
        try:
            await make(operation)
        except Exception as error:
            broken.append(error)
    if broken:
        raise broken[0]


async def postpone(key: str, *, error: Exception, now: datetime) -> None:
    """The outcome is unknown: somebody looks again later."""
    await connection().execute(_POSTPONE, key, str(error)[:ERROR_KEPT], now)


async def keep_looking(key: str, *, result_id: str, now: datetime) -> None:
    """It was done and is not over at the provider: look again, in case no webhook says so."""
    await connection().execute(_KEEP_LOOKING, key, result_id, now)


async def refusal_of(key: str) -> ProviderRefused | None:
    """What the provider said to a call that it refused."""
    said: str | None = await connection().fetchval(_REFUSAL, key)
    if said is None:
        return None
    code, _, message = said.partition(": ")
    return ProviderRefused(code, message)


async def is_planned(key: str) -> bool:
    """Whether a call has never been made; nobody takes it until the caller's transaction ends."""
    return bool(await connection().fetchval(_STATE, key) == "planned")


async def times_asked(key: str) -> int:
    """How often a call was made: one that was refused the first time never lost an answer."""
    return int(await connection().fetchval(_ATTEMPTS, key) or 0)


async def withdraw(key: str) -> bool:
    """Make sure that a call is not made; False where it was, and nobody knows what became of it."""
    state = await connection().fetchval(_STATE, key)
    if state == "planned":
        await fail(key, error="withdrawn")
    return state not in ("sent", "succeeded")


async def succeed(key: str, *, result_id: str) -> None:
    await connection().execute(_END, key, "succeeded", result_id, None)


async def succeed_after_all(key: str, *, result_id: str) -> None:
    """A call that we had given up has been found at the provider."""
    await connection().execute(_FOUND, key, result_id)


async def fail(key: str, *, error: str, result_id: str | None = None) -> None:
    await connection().execute(_END, key, "failed", result_id, error[:ERROR_KEPT])


def _operation(row: Any) -> Operation:
    return Operation(
        kind=OperationKind(row["kind"]),
        key=row["key"],
        subject_id=row["subject_id"],
        params=_sorted(json.loads(row["params"])),
        attempts=row["attempts"],
        first_sent_at=row["first_sent_at"],
        result_id=row["result_id"],
        account=row["account"],
    )


def _sorted(value: Any) -> Any:
    """The provider compares bodies byte for byte; PostgreSQL keeps no order of keys."""
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    return value
