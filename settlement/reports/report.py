"""What a report is: a name, what may be asked for, columns with kinds, and one query."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

Value = str | int | Decimal | date | datetime | UUID | None
Row = tuple[Value, ...]


class ColumnKind(StrEnum):
    """How a value is read: money in minor units of the row's `currency`, percent in ppm."""

    TEXT = "text"
    DAY = "day"
    TIME = "time"
    MONEY = "money"
    COUNT = "count"
    PERCENT = "percent"


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    title: str
    kind: ColumnKind = ColumnKind.TEXT


class Parameter(StrEnum):
    """What can be asked for. Empty means everything; `day` means today, `from` the beginning."""

    FROM = "from"
    TO = "to"
    DAY = "day"
    VENDOR = "vendor"
    CURRENCY = "currency"
    BATCH = "batch"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """The answers to the parameters, typed. Days are UTC and both ends are included."""

    from_day: date | None = None
    to_day: date | None = None
    day: date | None = None
    vendor_id: UUID | None = None
    currency: str | None = None
    batch: int | None = None
    account: str | None = None

    def of(self, parameter: Parameter) -> date | UUID | str | int | None:
        match parameter:
            case Parameter.FROM:
                return self.from_day
            case Parameter.TO:
                return self.to_day
            case Parameter.DAY:
                return self.day
            case Parameter.VENDOR:
                return self.vendor_id
            case Parameter.CURRENCY:
                return self.currency
            case Parameter.BATCH:
                return self.batch
            case Parameter.ACCOUNT:
                return self.account


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The query answers exactly these columns; its $1, $2 … are the parameters in their order.

    One that is for vendors takes a vendor, and shows a vendor nothing but its own rows.
    """

    name: str
    title: str
    description: str
    parameters: tuple[Parameter, ...]
    columns: tuple[Column, ...]
    query: str
    is_for_vendors: bool = False

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        assert len(set(names)) == len(names), self.name
        has_money = any(column.kind is ColumnKind.MONEY for column in self.columns)
        assert not has_money or "currency" in names, self.name
        assert not self.is_for_vendors or Parameter.VENDOR in self.parameters, self.name

    @property
    def currency_index(self) -> int | None:
        """Where a row says its currency; reports without money need none."""
        names = [column.name for column in self.columns]
        return names.index("currency") if "currency" in names else None


def text(name: str, title: str) -> Column:
    return Column(name, title)


def day(name: str, title: str) -> Column:
    return Column(name, title, ColumnKind.DAY)


def time(name: str, title: str) -> Column:
    return Column(name, title, ColumnKind.TIME)


def money(name: str, title: str) -> Column:
    return Column(name, title, ColumnKind.MONEY)


def count(name: str, title: str) -> Column:
    return Column(name, title, ColumnKind.COUNT)


def percent(name: str, title: str) -> Column:
    return Column(name, title, ColumnKind.PERCENT)


CURRENCY = text("currency", "Currency")
