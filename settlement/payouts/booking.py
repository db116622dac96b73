"""What a payout books on its way: reserved, transferred, sent, paid, and each way back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias
from uuid import UUID

from settlement import chart, ledger
from settlement.chart import Account
from settlement.ledger import Entry, Kind, Purpose
from settlement.payouts.models import Payout

SOURCE = "payout"

OfVendor: TypeAlias = Callable[[UUID], Account]


def _provider_balance(vendor_id: UUID) -> Account:
    """The platform's own, whoever's payout it is."""
    return chart.PROVIDER_BALANCE


@dataclass(frozen=True, slots=True)
class Step:
    """The whole amount from one account to another; `is_repeated` once for each attempt."""

    kind: Kind
    debit: OfVendor
    credit: OfVendor
    is_repeated: bool = False

    def key(self, payout: Payout) -> str:
        key = f"{self.kind}:{payout.id}"
        return f"{key}:{payout.attempt}" if self.is_repeated else key


_AVAILABLE, _IN_PROGRESS = chart.vendor_available, chart.vendor_in_progress
_CONNECTED, _IN_TRANSIT = chart.vendor_connected, chart.vendor_in_transit

# 08: out of what is available, so that nothing else spends it.
RESERVED = Step(Kind.PAYOUT_RESERVED, debit=_AVAILABLE, credit=_IN_PROGRESS)
# 09: from the platform's balance at the provider to the vendor's.
TRANSFER = Step(Kind.TRANSFER, debit=_CONNECTED, credit=_provider_balance)
# 10: on its way to the vendor's bank.
SENT = Step(Kind.PAYOUT_SENT, debit=_IN_TRANSIT, credit=_CONNECTED, is_repeated=True)
# 11: it did not arrive; the money is back on the vendor's balance at the provider.
FAILED = Step(Kind.PAYOUT_FAILED, debit=_CONNECTED, credit=_IN_TRANSIT, is_repeated=True)
# 12: arrived; what we owed is settled.
PAID = Step(Kind.PAYOUT_PAID, debit=_IN_PROGRESS, credit=_IN_TRANSIT, is_repeated=True)
# It had arrived and came back: we owe it again, and it waits at the provider.
RETURNED = Step(Kind.PAYOUT_RETURNED, debit=_CONNECTED, credit=_IN_PROGRESS, is_repeated=True)
# 38: from the vendor's balance at the provider back to the platform's.
REVERSAL = Step(Kind.TRANSFER_REVERSAL, debit=_provider_balance, credit=_CONNECTED)
# 38b: available again; the reverse of 08.
CANCELLED = Step(Kind.PAYOUT_CANCELLED, debit=_IN_PROGRESS, credit=_AVAILABLE)


async def book(payout: Payout, step: Step, *, now: datetime) -> None:
    """Book a step of what is left of a locked payout, once; in the transaction that moves it."""
    await _book(payout, step, step.key(payout), payout.left_minor, now)


async def book_part(
    payout: Payout, step: Step, *, amount_minor: int, part: int, now: datetime
) -> None:
    """Book a step of a part of a locked payout, once for each part."""
    await _book(payout, step, f"{step.kind}:{payout.id}:{part}", amount_minor, now)


async def _book(payout: Payout, step: Step, key: str, minor: int, now: datetime) -> None:

    def entry(account: Account, amount_minor: int) -> Entry:
        return Entry(
            account=account,
            amount_minor=amount_minor,
            currency=payout.currency,
            purpose=Purpose.PAYOUT,
        )

    await ledger.post(
        kind=step.kind,
        key=key,
        effective_date=now.astimezone(UTC).date(),
        source_type=SOURCE,
        source_id=payout.id,
        entries=[
            entry(step.debit(payout.vendor_id), minor),
            entry(step.credit(payout.vendor_id), -minor),
        ],
        now=now,
    )
