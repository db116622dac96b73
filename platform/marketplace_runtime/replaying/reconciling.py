"""At the end of a replay: the platform's share goes to its bank, and all books are compared.

Ours, the provider's and the bank's are kept by different code. What is left of the platform's
balance, once what sellers are owed stays there, is paid out as somebody would in the dashboard.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from marketplace.kit import clock
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace_runtime.replaying.preparing import CURRENCY
from marketplace_runtime.replaying.treasury import Treasury
from settlement.reconciliation import bank_accounts, importing, pulling, running
from settlement.reconciliation.stripe_books import StripeBooks

ARRIVES_WITHIN = timedelta(days=7)
IBAN = "DE89370400440532013000"  # the sandbox's bank account
BANK = "replay"

# Everything that is somebody else's: sellers', customers' and the state's.
_OWED = """
    SELECT coalesce(-sum(entry.amount_minor), 0)::bigint FROM ledger_entry entry
    JOIN ledger_account account ON account.id = entry.account_id
    WHERE account.code LIKE '2%' AND account.currency = $1
"""
_DRAWN = "SELECT EXISTS (SELECT 1 FROM bank_account WHERE code = $1)"


@dataclass(frozen=True, slots=True)
class Auditor:
    treasury: Treasury
    books: StripeBooks

    async def close_the_books(self, *, ended_at: datetime) -> None:
        """Draw what is ours, let it arrive, read the bank's statement, compare everything.

        Safe to take again after it broke off: what was drawn and read is not again.
        """
        await self._draw(ended_at)
        now = ended_at + ARRIVES_WITHIN
        await self.treasury.until(now)
        await clock.advance(now)
        await self._read_statement(ended_at, now)
        await pulling.pull(gateway=self.books, now=now)
        await running.run(principal=SYSTEM, until=now.date(), now=now)

    async def _draw(self, now: datetime) -> None:
        balance = await self.treasury.gateway.retrieve_balance(None)
        async with transaction(SYSTEM, read_only=True) as connection:
            owed = await connection.fetchval(_OWED, CURRENCY)
            is_drawn = await connection.fetchval(_DRAWN, BANK)
        ours = balance.available.get(CURRENCY, 0) - owed
        if is_drawn or ours <= 0:
            return
        await self.treasury.gateway.create_payout(
            None,
            {"amount": ours, "currency": CURRENCY.lower()},
            f"replay:platform:{now:%Y-%m-%d}",
        )

    async def _read_statement(self, first: datetime, last: datetime) -> None:
        asked = {
            "format": "camt053",
            "from": f"{first:%Y-%m-%d}",
            "to": f"{last:%Y-%m-%d}",
            "currency": CURRENCY.lower(),
        }
        answer = await self.treasury.sandbox.get("/_sandbox/bank/statement", params=asked)
        answer.raise_for_status()
        account_id = await bank_accounts.open_account(
            principal=SYSTEM,
            code=BANK,
            name="The replay's bank account",
            identification=IBAN,
            currency=CURRENCY,
            now=last,
        )
        await importing.import_bank_file(
            principal=SYSTEM,
            bank_account_id=account_id,
            data=answer.content,
            filename="replay.xml",
            now=last,
        )
