"""What a run looks at, in plain values: enough to do it again without the database."""

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from hashlib import sha256
from operator import attrgetter
from typing import Any

from settlement.reconciliation.sides import Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A line of one book. Net = amount - fee: what the account moved by, minor units.

    `key` names what it is about as the provider does, so that lines about one thing have one key.
    `subject` is that thing in our books, `rival` what we know it as at the provider if otherwise.
    """

    item: str
    side: Side
    account: str
    key: str
    kind: str
    category: str
    currency: str
    amount_minor: int
    fee_minor: int
    day: date
    subject: str | None = None
    rival: str | None = None
    rate: str | None = None
    words: str = ""
    is_repeated: bool = False
    is_reversal: bool = False

    @property
    def net_minor(self) -> int:
        return self.amount_minor - self.fee_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutFact:
    """A payout that the provider calls something else than we do, or one of the platform's."""

    payout_id: str
    account: str
    status: str
    arrival: date
    amount_minor: int
    currency: str
    trace: str | None = None
    subject: str | None = None
    state: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cash:
    """One account at the end of the last day: their lines before and on it, and our balance."""

    account: str
    code: str
    vendor_id: str | None
    currency: str
    opening_minor: int
    moved_minor: int
    stated_minor: int | None
    ledger_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """`closed_through` is the last day of the last closed month. `arrivals` are bookings of payouts
    that a booking among the items may take back; their `subject` are the payouts, by commas."""

    until: date
    rules: int
    closed_through: date | None
    items: Sequence[Item]
    statuses: Sequence[PayoutFact]
    transits: Sequence[PayoutFact]
    cash: Sequence[Cash]
    arrivals: Sequence[Item] = ()


def pack(inputs: Inputs) -> tuple[bytes, str]:
    """The inputs as kept, and their hash: equal inputs have equal bytes before compression."""
    said = {
        "until": inputs.until,
        "rules": inputs.rules,
        "closed_through": inputs.closed_through,
        "items": _rows(inputs.items),
        "statuses": _rows(inputs.statuses),
        "transits": _rows(inputs.transits),
        "cash": _rows(inputs.cash),
        "arrivals": _rows(inputs.arrivals),
    }
    written = canonical(said)
    return gzip.compress(written, compresslevel=3, mtime=0), sha256(written).hexdigest()


def unpack(data: bytes) -> Inputs:
    said = json.loads(gzip.decompress(data))
    closed = said["closed_through"]
    return Inputs(
        until=date.fromisoformat(said["until"]),
        rules=said["rules"],
        closed_through=None if closed is None else date.fromisoformat(closed),
        items=[Item(**_dated(row, Item, side=Side)) for row in said["items"]],
        statuses=[PayoutFact(**_dated(row, PayoutFact)) for row in said["statuses"]],
        transits=[PayoutFact(**_dated(row, PayoutFact)) for row in said["transits"]],
        cash=[Cash(**_dated(row, Cash)) for row in said["cash"]],
        arrivals=[Item(**_dated(row, Item, side=Side)) for row in said["arrivals"]],
    )


def canonical(said: object) -> bytes:
    """Plain values, dataclasses and days among them, always as the same bytes of JSON."""
    return json.dumps(said, sort_keys=True, separators=(",", ":"), default=_plain).encode()


def hash_of(results: Any) -> str:
    """SHA-256 of a result, whatever plain values it is made of."""
    return sha256(canonical(results)).hexdigest()


def _rows(values: Sequence[Any]) -> list[tuple[object, ...]]:
    """The fields of each, by the position of their names; `astuple` would copy them deeply."""
    if not values:
        return []
    columns = attrgetter(*(field.name for field in fields(values[0])))
    return [columns(value) for value in values]


def _dated(row: Sequence[Any], of: type, **parsed: Any) -> dict[str, Any]:
    """The columns of a kept row by name, with what JSON cannot say made whole again."""
    named = dict(zip((field.name for field in fields(of)), row, strict=True))
    for name in ("day", "arrival"):
        if name in named:
            named[name] = date.fromisoformat(named[name])
    return named | {name: parse(named[name]) for name, parse in parsed.items()}


def _plain(value: Any) -> object:
    if isinstance(value, date):
        return value.isoformat()
    return {field.name: getattr(value, field.name) for field in fields(value)}
