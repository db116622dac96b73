"""Transactions: one database connection, ambient for the code inside, given back whatever happens.

Tortoise 1.1's own `in_transaction` loses a pool connection when it is cancelled, or the server
dies, between acquiring and BEGIN; ruff bans it. This one cannot: docs/decisions/0002. It uses
private names of the driver, so the pin `tortoise-orm<1.2` and its leak test belong to it.

Each transaction carries its principal's scope into PostgreSQL, where row-level security compares
it with a row's vendor; a connection without a scope sees no vendor's rows at all.
"""

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext
from contextvars import ContextVar
from functools import wraps
from itertools import count
from typing import Any, Literal, ParamSpec, TypeVar

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import NestedTransactionContext
from tortoise.connection import get_connections

from marketplace.kit.principal import Principal

Isolation = Literal["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"]
P = ParamSpec("P")
R = TypeVar("R")

_savepoints = count(1)
_held: ContextVar[Any] = ContextVar("_held", default=None)


@asynccontextmanager
async def transaction(
    principal: Principal,
    *,
    isolation: Isolation = "READ COMMITTED",
    read_only: bool = False,
    acquire_seconds: float = 5.0,
) -> AsyncIterator[Any]:
    """Everything inside commits or nothing does; inside another one it is a savepoint.

    Yields the asyncpg connection, for SQL that says it better than the ORM. An inner transaction
    keeps the outer one's scope. Start no tasks inside.
    """
    connections = get_connections()
    client: Any = connections.get("default")
    if isinstance(client, TransactionWrapper):
        async with _savepoint(client._connection):
            yield client._connection
        return

    async with await _borrowed(client, acquire_seconds) as connection:
        wrapper: Any = _Ambient(client)
        wrapper._connection = connection
        mode = "READ ONLY" if read_only else "READ WRITE"
        # One message: BEGIN and the scope cost one round trip.
        begin = f"BEGIN ISOLATION LEVEL {isolation} {mode}; SET LOCAL souk.scope = "
        async with _until_end(connection, f"{begin}'{principal.scope}'"):
            token = connections.set("default", wrapper)
            try:
                yield connection
            finally:
                connections.reset(token)
                wrapper._finalized = True


def atomic() -> Callable[[Callable[P, Awaitable[R]]], Callable[P, Awaitable[R]]]:
    """The whole operation in one transaction, scoped by its `principal` keyword."""

    def decorate(operation: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
        assert "principal" in inspect.signature(operation).parameters, operation

        @wraps(operation)
        async def inside(*args: P.args, **kwargs: P.kwargs) -> R:
            principal = kwargs["principal"]
            assert isinstance(principal, Principal)
            async with transaction(principal):
                return await operation(*args, **kwargs)

        return inside

    return decorate


async def fetch_value_alone(sql: str, *args: object, acquire_seconds: float = 5.0) -> Any:
    """One statement that is its own transaction: its locks never wait for a client.

    Inside a transaction it joins that one, as a savepoint, so that a refusal leaves it usable.
    """
    client: Any = get_connections().get("default")
    if isinstance(client, TransactionWrapper):
        async with _savepoint(client._connection):
            return await client._connection.fetchval(sql, *args)
    async with await _borrowed(client, acquire_seconds) as alone:
        return await alone.fetchval(sql, *args)


@asynccontextmanager
async def reading_alone(*, acquire_seconds: float = 5.0) -> AsyncIterator[Any]:
    """A connection for one statement that reads what has no owner: no BEGIN, no COMMIT, no scope.

    Inside a transaction it is that one's.
    """
    client: Any = get_connections().get("default")
    if isinstance(client, TransactionWrapper):
        yield client._connection
        return
    async with await _borrowed(client, acquire_seconds) as alone:
        yield alone


@asynccontextmanager
async def one_connection(*, acquire_seconds: float = 5.0) -> AsyncIterator[None]:
    """What is sent inside, transactions too, goes over one connection, one after the other.

    Taking one from the pool and giving it back costs as much as a short statement. Start no tasks
    inside.
    """
    client: Any = get_connections().get("default")
    if isinstance(client, TransactionWrapper):
        yield
        return
    async with await _borrowed(client, acquire_seconds) as held:
        token = _held.set(held)
        try:
            yield
        finally:
            _held.reset(token)


def in_transaction() -> bool:
    return isinstance(get_connections().get("default"), TransactionWrapper)


@asynccontextmanager
async def elevated() -> AsyncIterator[None]:
    """The platform's own part of what a vendor started: sees all rows until the block ends.

    For effects on rows that are not the vendor's, such as a refund; never around a vendor's input.
    """
    scope = await connection().fetchval("SELECT current_setting('souk.scope')")
    await connection().execute("SET LOCAL souk.scope = 'all'")
    yield
    await connection().execute("SELECT set_config('souk.scope', $1, true)", scope)


def connection() -> Any:
    """The asyncpg connection of the transaction we are in."""
    client: Any = get_connections().get("default")
    assert isinstance(client, TransactionWrapper), "not in a transaction"
    return client._connection


class _Ambient(TransactionWrapper):
    """What the ORM sees: its own inner transactions, as in `get_or_create`, become savepoints.

    asyncpg's transaction objects refuse a transaction that they did not begin.
    """

    _name = ""

    def _in_transaction(self) -> Any:
        return NestedTransactionContext(_Ambient(self))

    async def savepoint(self) -> None:
        self._name = f"s{next(_savepoints)}"
        await self._connection.execute(f"SAVEPOINT {self._name}")

    async def release_savepoint(self) -> None:
        await self._connection.execute(f"RELEASE {self._name}")
        self._finalized = True

    async def savepoint_rollback(self) -> None:
        await self._connection.execute(f"ROLLBACK TO {self._name}")
        self._finalized = True


@asynccontextmanager
async def _until_end(connection: Any, begin: str) -> AsyncIterator[None]:
    try:
        await connection.execute(begin)
        yield
    except BaseException:
        # A connection that is closed or still busy is discarded by the pool, not reused.
        if not _is_lost(connection):
            await connection.execute("ROLLBACK")
        raise
    # PostgreSQL answers COMMIT with ROLLBACK when a statement failed and somebody hid it.
    done = await connection.execute("COMMIT")
    assert done == "COMMIT", "a failed statement was hidden, so nothing was written"


@asynccontextmanager
async def _savepoint(connection: Any) -> AsyncIterator[None]:
    name = f"s{next(_savepoints)}"
    await connection.execute(f"SAVEPOINT {name}")
    try:
        yield
    except BaseException:
        if not _is_lost(connection):
            await connection.execute(f"ROLLBACK TO {name}")
        raise
    await connection.execute(f"RELEASE {name}")


def _is_lost(connection: Any) -> bool:
    """A connection that broke was taken back by its pool, and then refuses even this question."""
    try:
        closed: bool = connection.is_closed()
    except asyncpg.InterfaceError:
        return True
    return closed


async def _borrowed(client: AsyncpgDBClient, acquire_seconds: float) -> Any:
    """For `async with`. A connection that is idle needs no deadline: that is a task and a timer."""
    held = _held.get()
    if held is not None:
        return nullcontext(held)
    pool = await _pool(client)
    return pool.acquire(timeout=None if pool.get_idle_size() else acquire_seconds)


async def _pool(client: AsyncpgDBClient) -> Any:
    if client._pool is None:
        async with client._pool_init_lock:
            if client._pool is None:
                await client.create_connection(with_db=True)
    return client._pool
