"""What a payout books on its way: reserved, transferred, sent, paid, and each way back."""

from datetime import UTC, datetime
from uuid import UUID

from settlement import chart, ledger
from settlement.chart import Account
from settlement.ledger import Entry, Kind, Purpose
from settlement.payouts.models import Payout

SOURCE = "payout"


async def book_reserved(payout: Payout, *, now: datetime) -> None:
    """08: out of what is available, so that nothing else spends it."""
    vendor = payout.vendor_id
    await _book(
        payout,
        Kind.PAYOUT_RESERVED,
        f"payout_reserved:{payout.id}",
        debit=chart.vendor_available(vendor),
        credit=chart.vendor_in_progress(vendor),
        now=now,
    )


async def book_transfer(payout: Payout, *, now: datetime) -> None:
    """09: from the platform's balance at the provider to the vendor's."""
    await _book(
        payout,
        Kind.TRANSFER,
        f"transfer:{payout.id}",
        debit=chart.vendor_connected(payout.vendor_id),
        credit=chart.PROVIDER_BALANCE,
        now=now,
    )


async def book_sent(payout: Payout, *, now: datetime) -> None:
    """10: on its way to the vendor's bank."""
    await _book(
        payout,
        Kind.PAYOUT_SENT,
        f"payout_sent:{payout.id}:{payout.attempt}",
        debit=chart.vendor_in_transit(payout.vendor_id),
        credit=chart.vendor_connected(payout.vendor_id),
        now=now,
    )


async def book_failed(payout: Payout, *, now: datetime) -> None:
    """11: it did not arrive; the money is back on the vendor's balance at the provider."""
    await _book(
        payout,
        Kind.PAYOUT_FAILED,
        f"payout_failed:{payout.id}:{payout.attempt}",
        debit=chart.vendor_connected(payout.vendor_id),
        credit=chart.vendor_in_transit(payout.vendor_id),
        now=now,
    )


async def book_paid(payout: Payout, *, now: datetime) -> None:
    """12: arrived; what we owed is settled."""
    await _book(
        payout,
        Kind.PAYOUT_PAID,
        f"payout_paid:{payout.id}:{payout.attempt}",
        debit=chart.vendor_in_progress(payout.vendor_id),
        credit=chart.vendor_in_transit(payout.vendor_id),
        now=now,
    )


async def book_returned(payout: Payout, *, now: datetime) -> None:
    """It had arrived and came back: we owe it again, and it waits at the provider."""
    await _book(
        payout,
        Kind.PAYOUT_RETURNED,
        f"payout_returned:{payout.id}:{payout.attempt}",
        debit=chart.vendor_connected(payout.vendor_id),
        credit=chart.vendor_in_progress(payout.vendor_id),
        now=now,
    )


async def book_reversal(payout: Payout, *, now: datetime) -> None:
    """38: from the vendor's balance at the provider back to the platform's."""
    await _book(
        payout,
        Kind.TRANSFER_REVERSAL,
        f"transfer_reversal:{payout.id}",
        debit=chart.PROVIDER_BALANCE,
        credit=chart.vendor_connected(payout.vendor_id),
        now=now,
    )


async def book_cancelled(payout: Payout, *, now: datetime) -> None:
    """38b: available again; the reverse of 08."""
    vendor = payout.vendor_id
    await _book(
        payout,
        Kind.PAYOUT_CANCELLED,
        f"payout_cancelled:{payout.id}",
        debit=chart.vendor_in_progress(vendor),
        credit=chart.vendor_available(vendor),
        now=now,
    )


async def _book(
    payout: Payout, kind: Kind, key: str, *, debit: Account, credit: Account, now: datetime
) -> UUID | None:
    def entry(account: Account, amount_minor: int) -> Entry:
        return Entry(
            account=account,
            amount_minor=amount_minor,
            currency=payout.currency,
            purpose=Purpose.PAYOUT,
        )

    return await ledger.post(
        kind=kind,
        key=key,
        effective_date=now.astimezone(UTC).date(),
        source_type=SOURCE,
        source_id=payout.id,
        entries=[entry(debit, payout.amount_minor), entry(credit, -payout.amount_minor)],
        now=now,
    )
