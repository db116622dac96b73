"""What a dispute books: money taken and given back, and who bears it when it is lost."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

from marketplace.kit.transactions import connection
from settlement import chart
from settlement.chart import Account
from settlement.connected.gateway import BalanceTransactionSnapshot
from settlement.disputes.models import Dispute, DisputeShare
from settlement.ledger import Entry, Kind, Posting, Purpose

SOURCE = "dispute"
_PREPAID = """
    SELECT coalesce(-sum(entry.amount_minor), 0)::bigint
    FROM ledger_entry entry JOIN ledger_account account ON account.id = entry.account_id
    WHERE entry.sub_order_id = $1 AND account.code = '2010'
"""


def net(share: DisputeShare) -> int:
    """What of a share is the vendor's, after the commission that comes back with it."""
    net_minor: int = share.vendor_minor - share.commission_minor - share.commission_vat_minor
    return net_minor


def of_transactions(
    dispute: Dispute, moved: Iterable[BalanceTransactionSnapshot], *, now: datetime
) -> list[Posting]:
    """22 and 24w: one posting for each of the provider's own lines, with its fee."""
    postings = []
    for line in moved:
        kind = Kind.DISPUTE if line.amount_minor < 0 else Kind.DISPUTE_WON
        sides = (
            (chart.PROVIDER_BALANCE, line.amount_minor - line.fee_minor, Purpose.DISPUTE),
            (chart.DISPUTED, -line.amount_minor, Purpose.DISPUTE),
            (chart.DISPUTE_FEES, line.fee_minor, Purpose.DISPUTE_FEE),
        )
        entries = [
            _entry(dispute, account, minor, purpose=purpose) for account, minor, purpose in sides
        ]
        key = f"{kind}:{dispute.id}:{line.balance_transaction_id}"
        postings.append(_posting(dispute, kind, key, entries, now))
    return postings


def lost_by_platform(dispute: Dispute, shares: Sequence[DisputeShare], *, now: datetime) -> Posting:
    """28l: it is ours, whatever the vendors have earned with it."""
    entries = [
        _entry(dispute, chart.CHARGEBACK_LOSSES, share.gross_minor, share) for share in shares
    ]
    return _lost(dispute, entries, shares, now)


def lost_by_vendors(
    dispute: Dispute,
    shares: Sequence[tuple[DisputeShare, Account | None]],
    prepaid: Mapping[UUID, int],
    *,
    now: datetime,
) -> Posting:
    """26l: each share out of the vendor's account that stands beside it, its commission returned.

    Where nothing was earned there is none: the share comes out of the prepayment, as far as that
    goes, and the rest is ours.
    """
    entries: list[Entry] = []
    for share, vendor in shares:
        if vendor is not None:
            entries += _given_back(dispute, share, vendor)
            continue
        taken = prepaid[share.sub_order_id]
        entries += [
            _entry(dispute, chart.CUSTOMER_PREPAYMENTS, taken, share, Purpose.SALE),
            _entry(dispute, chart.CHARGEBACK_LOSSES, share.gross_minor - taken, share),
        ]
    return _lost(dispute, entries, [share for share, _ in shares], now)


def earned_late(
    dispute: Dispute, share: DisputeShare, vendor: Account, *, now: datetime
) -> Posting:
    """A vendor earned what had been lost before: the same as 26l, and the prepayment is whole."""
    gross = share.gross_minor
    entries = [
        *_given_back(dispute, share, vendor),
        _entry(dispute, chart.CUSTOMER_PREPAYMENTS, -share.prepaid_minor, share, Purpose.SALE),
        _entry(dispute, chart.CHARGEBACK_LOSSES, share.prepaid_minor - gross, share),
    ]
    key = f"dispute_lost:{dispute.id}:{share.sub_order_id}"
    return _posting(dispute, Kind.DISPUTE_LOST, key, entries, now)


def borne(dispute: Dispute, key: str, amount_minor: int, *, now: datetime) -> Posting:
    """What its end leaves undecided is ours: a loss above zero, below it a gain."""
    entries = [
        _entry(dispute, chart.CHARGEBACK_LOSSES, amount_minor),
        _entry(dispute, chart.DISPUTED, -amount_minor),
    ]
    return _posting(dispute, Kind.DISPUTE_LOST, key, entries, now)


def regained(dispute: Dispute, key: str, entries: Sequence[Entry], now: datetime) -> Posting:
    """The bank gave back what was lost."""
    return _posting(dispute, Kind.DISPUTE_REGAINED, key, entries, now)


async def prepaid_of(share: DisputeShare) -> int:
    """What of a share can still be taken from the prepayment of its sub-order."""
    left: int = await connection().fetchval(_PREPAID, share.sub_order_id)
    wanted: int = share.gross_minor
    return max(min(left, wanted), 0)


def _given_back(dispute: Dispute, share: DisputeShare, vendor: Account) -> list[Entry]:
    """Debits that add up to the share's gross."""
    sides = (
        (vendor, net(share), Purpose.DISPUTE),
        (chart.COMMISSION, share.commission_minor, Purpose.COMMISSION),
        (chart.COMMISSION_VAT, share.commission_vat_minor, Purpose.COMMISSION_VAT),
        (chart.FACILITATED_TAX, share.tax_minor, Purpose.TAX),
        (chart.PLATFORM_DISCOUNTS, -share.funding_minor, Purpose.DISCOUNT),
    )
    return [_entry(dispute, account, minor, share, purpose) for account, minor, purpose in sides]


def _lost(
    dispute: Dispute, entries: list[Entry], shares: Sequence[DisputeShare], now: datetime
) -> Posting:
    """What was taken beyond the shares is ours too."""
    shared = sum(share.gross_minor for share in shares)
    entries += [
        _entry(dispute, chart.CHARGEBACK_LOSSES, dispute.withdrawn_minor - shared),
        _entry(dispute, chart.DISPUTED, -dispute.withdrawn_minor),
    ]
    return _posting(dispute, Kind.DISPUTE_LOST, f"dispute_lost:{dispute.id}", entries, now)


def _posting(
    dispute: Dispute, kind: Kind, key: str, entries: Sequence[Entry], now: datetime
) -> Posting:
    return Posting(
        kind=kind,
        key=key,
        effective_date=now.astimezone(UTC).date(),
        source_type=SOURCE,
        source_id=dispute.id,
        entries=entries,
    )


def _entry(
    dispute: Dispute,
    account: Account,
    amount_minor: int,
    share: DisputeShare | None = None,
    purpose: Purpose = Purpose.DISPUTE,
) -> Entry:
    return Entry(
        account=account,
        amount_minor=amount_minor,
        currency=dispute.currency,
        purpose=purpose,
        order_id=dispute.order_id,
        sub_order_id=None if share is None else share.sub_order_id,
    )
