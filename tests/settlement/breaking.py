"""The ways to break the ledger, as SQL that any connection could send."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from tests.settlement.rows import NOW

DAY = date(2026, 3, 2)
CHECK, GRANT, SEALED, EXCLUDED = "23514", "42501", "55000", "23P01"
DUPLICATE, FOREIGN = "23505", "23503"


@dataclass(frozen=True)
class Books:
    """Two dollar accounts, one in euros, one that may not fall below zero, and one posting."""

    money: int
    owed: int
    euros: int
    floored: int
    posting: UUID


async def header(inside: Any, **columns: object) -> UUID:
    said = {
        "id": uuid4(), "kind": "capture", "idempotency_key": uuid4().hex, "fingerprint": "f",
        "effective_date": DAY, "recorded_at": NOW, "source_type": "capture", "source_id": uuid4(),
    } | columns  # fmt: skip
    places = ", ".join(f"${n}" for n in range(1, len(said) + 1))
    await inside.execute(
        f"INSERT INTO ledger_transaction ({', '.join(said)}) VALUES ({places})", *said.values()
    )
    made = said["id"]
    assert isinstance(made, UUID)
    return made


async def entry(
    inside: Any, posting: UUID, account: int, amount: int, *, currency: str = "USD"
) -> None:
    await inside.execute(
        "INSERT INTO ledger_entry (transaction_id, account_id, currency, amount_minor, purpose)"
        " VALUES ($1, $2, $3, $4, 'sale')",
        posting, account, currency, amount,
    )  # fmt: skip


async def posting(inside: Any, debit: int, credit: int, amount: int = 100, **said: object) -> UUID:
    made = await header(inside, **said)
    await entry(inside, made, debit, amount)
    await entry(inside, made, credit, -amount)
    return made


async def open_books() -> Books:
    """The accounts, made once, and a posting of its own for each call."""
    async with transaction(SYSTEM) as inside:

        async def account(code: str, kind: str, currency: str, floor: int | None = None) -> int:
            await inside.execute(
                "INSERT INTO ledger_account (code, kind, currency, floor_minor)"
                " VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
                code, kind, currency, floor,
            )  # fmt: skip
            made: int = await inside.fetchval(
                "SELECT id FROM ledger_account WHERE (code, currency) = ($1, $2)", code, currency
            )
            return made

        await inside.execute("SELECT ledger_open_period($1)", DAY)
        money = await account("1120", "asset", "USD")
        owed = await account("2010", "liability", "USD")
        euros = await account("2010", "liability", "EUR")
        floored = await account("2130", "liability", "USD", 0)
        return Books(money, owed, euros, floored, await posting(inside, money, owed))


async def unbalanced(inside: Any, books: Books) -> None:
    made = await header(inside)
    await entry(inside, made, books.money, 100)
    await entry(inside, made, books.owed, -99)


async def balanced_across_currencies(inside: Any, books: Books) -> None:
    made = await header(inside)
    await entry(inside, made, books.money, 100)
    await entry(inside, made, books.euros, -100, currency="EUR")


async def one_entry(inside: Any, books: Books) -> None:
    await entry(inside, await header(inside), books.money, 100)


async def no_entry(inside: Any, books: Books) -> None:
    await header(inside)


async def entry_of_zero(inside: Any, books: Books) -> None:
    made = await posting(inside, books.money, books.owed)
    await entry(inside, made, books.money, 0)


async def currency_of_another_account(inside: Any, books: Books) -> None:
    made = await header(inside)
    await entry(inside, made, books.money, 100, currency="EUR")
    await entry(inside, made, books.euros, -100, currency="EUR")


async def key_used_twice(inside: Any, books: Books) -> None:
    await posting(inside, books.money, books.owed, idempotency_key="once")
    await posting(inside, books.money, books.owed, idempotency_key="once")


async def no_period(inside: Any, books: Books) -> None:
    await posting(inside, books.money, books.owed, effective_date=date(2031, 1, 1))


async def update(inside: Any, books: Books) -> None:
    await inside.execute("UPDATE ledger_entry SET amount_minor = amount_minor * 2")


async def delete(inside: Any, books: Books) -> None:
    await inside.execute("DELETE FROM ledger_transaction")


async def truncate(inside: Any, books: Books) -> None:
    await inside.execute("TRUNCATE ledger_entry, ledger_transaction")


async def entries_added_later(inside: Any, books: Books) -> None:
    await entry(inside, books.posting, books.money, 1)
    await entry(inside, books.posting, books.owed, -1)


async def below_the_floor(inside: Any, books: Books) -> None:
    await posting(inside, books.floored, books.owed)


async def second_reversal(inside: Any, books: Books) -> None:
    await posting(inside, books.owed, books.money, reverses_id=books.posting)
    await posting(inside, books.owed, books.money, reverses_id=books.posting)


async def overlapping_period(inside: Any, books: Books) -> None:
    await inside.execute(
        "INSERT INTO accounting_period (starts, ends) VALUES ('2026-03-15', '2026-04-14')"
    )


VIOLATIONS: list[tuple[Callable[[Any, Books], Awaitable[None]], str]] = [
    (unbalanced, CHECK),
    (balanced_across_currencies, CHECK),
    (one_entry, CHECK),
    (no_entry, CHECK),
    (entry_of_zero, CHECK),
    (currency_of_another_account, FOREIGN),
    (key_used_twice, DUPLICATE),
    (no_period, CHECK),
    (update, GRANT),
    (delete, GRANT),
    (truncate, GRANT),
    (entries_added_later, SEALED),
    (below_the_floor, CHECK),
    (second_reversal, DUPLICATE),
    (overlapping_period, GRANT),
]
