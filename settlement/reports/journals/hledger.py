"""The ledger as a journal for hledger: `hledger -f FILE check --strict` audits it."""

from collections.abc import AsyncIterator, Iterable

from marketplace.kit.money import EXPONENTS
from settlement.reports.journals.reading import Amount, Journal, Posting


async def chunks(journal: Journal) -> AsyncIterator[bytes]:
    """Accounts, what was before, each posting, and at the end our balances to be compared."""
    yield "\n".join(_head(journal)).encode()
    async for posting in journal.postings:
        yield "\n".join(_posting(posting)).encode()
    if journal.closings:
        yield "\n".join(_assertions(journal)).encode()


def _head(journal: Journal) -> Iterable[str]:
    yield "; All amounts: debits above zero, credits below."
    yield "decimal-mark ."
    for currency in sorted({code for codes in journal.accounts.values() for code in codes}):
        yield f"commodity 1000.{'0' * EXPONENTS[currency]} {currency}"
    for account in journal.accounts:
        yield f"account {account}"
    yield ""
    if journal.openings:
        yield f"{journal.first} Opening balances"
        yield from (_line(amount) for amount in journal.openings)
        yield ""
    yield ""


def _posting(posting: Posting) -> Iterable[str]:
    yield (
        f"{posting.day} ({posting.seq}) {posting.kind}"
        f"  ; id:{posting.id}, source:{posting.source}, key:{posting.key}"
    )
    for line in posting.lines:
        yield f"{_line(line.amount)}  ; entry:{line.entry_id}, purpose:{line.purpose}"
    yield "\n"


def _assertions(journal: Journal) -> Iterable[str]:
    """Postings of nothing, each with what we say the account's balance is."""
    yield f"{journal.last} Our balances"
    for amount in journal.closings:
        yield f"    {amount.account}    0 {amount.currency} = {amount}"
    yield ""


def _line(amount: Amount) -> str:
    return f"    {amount.account}    {amount}"
