from marketplace.kit.transactions import connection


async def hold(key: str) -> None:
    """Wait for, then hold until this transaction ends, the lock named `key`."""
    await connection().execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", key)
