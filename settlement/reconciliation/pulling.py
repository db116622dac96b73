"""Read the provider's books: what each account moved, paid out and holds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from settlement.reconciliation import keeping_books
from settlement.reconciliation.models import PLATFORM
from settlement.reconciliation.provider_books import BookedPayout, BookLine, Held, ProviderBooks

# Lines can show up late, and clocks differ: each pull reads the last days again.
OVERLAP = timedelta(days=3)
# A payout changes for as long as a bank may send it back.
PAYOUT_OVERLAP = timedelta(days=30)
CHUNK = 500
TRIES = 3  # to see an account that does not move while it is read

Tell = Callable[[str, int], None]

# A disconnected account is not shown to us any more: asking would end every pull there.
_ACCOUNTS = """
    SELECT provider_account_id AS account, vendor_id FROM connected_account
    WHERE provider_account_id IS NOT NULL AND state <> 'disconnected' ORDER BY provider_account_id
"""
_CURSOR = "SELECT read_until FROM pull_cursor WHERE account = $1"
# Beside another pull, the one that read further is believed.
_MOVE_CURSOR = """
    INSERT INTO pull_cursor (account, vendor_id, read_until, pulled_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (account) DO UPDATE SET read_until = greatest(pull_cursor.read_until, $3),
        pulled_at = greatest(pull_cursor.pulled_at, $4)
"""
_SNAPSHOT = """
    INSERT INTO provider_balance (id, account, vendor_id, currency, available_minor,
        pending_minor, reserved_minor, taken_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (account, currency, taken_at) DO UPDATE SET
        available_minor = $5, pending_minor = $6, reserved_minor = $7
"""


@dataclass(frozen=True, slots=True)
class Account:
    """`id` is what the provider is asked for; nothing for the platform itself."""

    name: str
    id: str | None
    vendor_id: UUID | None


async def pull(*, gateway: ProviderBooks, now: datetime, tell: Tell | None = None) -> int:
    """Read every account that is connected, from three days before it was last read; how many
    lines were kept.

    Any number may run at once and any may die: lines are kept by their id as they come, and an
    account's cursor moves only when all of it is there. `tell` hears an account and its count.
    Raises OutcomeUnknown while the provider does not answer; what was read is kept.
    """
    total = 0
    for account in await _accounts():
        count = await _pull(account, gateway, now)
        total += count
        if tell is not None:
            tell(account.name, count)
    return total


async def _accounts() -> list[Account]:
    async with transaction(SYSTEM, read_only=True) as connection:
        rows = await connection.fetch(_ACCOUNTS)
    connected = [Account(row["account"], row["account"], row["vendor_id"]) for row in rows]
    return [Account(PLATFORM, None, None), *connected]


async def _pull(account: Account, gateway: ProviderBooks, now: datetime) -> int:
    async with transaction(SYSTEM, read_only=True) as connection:
        since: datetime | None = await connection.fetchval(_CURSOR, account.name)
    created_from = None if since is None else since - OVERLAP
    count = 0
    for _ in range(TRIES):
        before = await gateway.balance(account.id)
        count += await _pull_lines(account, gateway, created_from, now)
        held = await gateway.balance(account.id)
        if list(before) == list(held):
            break
    else:
        held = []  # it never stood still: this time nothing is said about what it holds
    paid_from = None if since is None else since - PAYOUT_OVERLAP
    await _pull_payouts(account, gateway, paid_from, now)
    await _finish(account, held, now)
    return count


async def _pull_lines(
    account: Account, gateway: ProviderBooks, created_from: datetime | None, now: datetime
) -> int:
    count = 0
    chunk: list[BookLine] = []
    async for line in gateway.lines(account.id, created_from=created_from):
        chunk.append(line)
        if len(chunk) == CHUNK:
            count += await keeping_books.keep_lines(account.name, account.vendor_id, chunk, now)
            chunk = []
    return count + await keeping_books.keep_lines(account.name, account.vendor_id, chunk, now)


async def _pull_payouts(
    account: Account, gateway: ProviderBooks, created_from: datetime | None, now: datetime
) -> None:
    found: list[BookedPayout] = [
        payout async for payout in gateway.payouts(account.id, created_from=created_from)
    ]
    await keeping_books.keep_payouts(account.name, account.vendor_id, found, now)


async def _finish(account: Account, held: Sequence[Held], now: datetime) -> None:
    async with transaction(SYSTEM) as connection:
        await connection.executemany(
            _SNAPSHOT,
            [
                (
                    new_id(now),
                    account.name,
                    account.vendor_id,
                    one.currency,
                    one.available_minor,
                    one.pending_minor,
                    one.reserved_minor,
                    now,
                )
                for one in held
            ],
        )
        await connection.execute(_MOVE_CURSOR, account.name, account.vendor_id, now, now)
