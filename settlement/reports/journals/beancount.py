"""The ledger as a beancount file: `bean-check FILE` audits it."""

from collections.abc import AsyncIterator, Iterable
from datetime import timedelta

from settlement.reports.journals.reading import Amount, Journal, Posting


async def chunks(journal: Journal) -> AsyncIterator[bytes]:
    """Accounts, what was before, each posting, and at the end our balances to be compared."""
    yield "\n".join(_head(journal)).encode()
    async for posting in journal.postings:
        yield "\n".join(_posting(posting)).encode()
    yield "\n".join(_assertions(journal)).encode()


def _head(journal: Journal) -> Iterable[str]:
    yield 'option "title" "Ledger"'
    for account, currencies in journal.accounts.items():
        yield f"{journal.first} open {account} {','.join(currencies)}"
    yield ""
    if journal.openings:
        yield f'{journal.first} * "Opening balances"'
        yield from (_line(amount) for amount in journal.openings)
        yield ""
    yield ""


def _posting(posting: Posting) -> Iterable[str]:
    yield f'{posting.day} * "{posting.kind}" #{posting.kind} ^{posting.source}'
    yield f'  id: "{posting.id}"'
    yield f'  key: "{posting.key}"'
    yield f"  seq: {posting.seq}"
    for line in posting.lines:
        yield _line(line.amount)
        yield f'    purpose: "{line.purpose}"'
    yield "\n"


def _assertions(journal: Journal) -> Iterable[str]:
    """A balance is compared at the beginning of a day, hence the day after; to the last cent."""
    after = journal.last + timedelta(days=1)
    for amount in journal.closings:
        yield f"{after} balance {amount.account} {amount.amount} ~ 0 {amount.currency}"
    yield ""


def _line(amount: Amount) -> str:
    return f"  {amount.account}  {amount}"
