"""What every bank file becomes, whatever its format: statements and their lines."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from marketplace.kit.money import Money
from settlement.bank_files.errors import (
    BankFileTooLarge,
    MalformedBankFile,
    StatementDoesNotAddUp,
)

MAX_BYTES = 20_000_000
MAX_LINES = 100_000
# A thousand billions of the smallest unit fit into PostgreSQL's bigint with room for sums.
MAX_WHOLE_DIGITS = 13


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """One booking; `amount_minor` is positive when the account gained.

    `index` counts from 0 within the statement, in the order of the file. `bank_reference` is
    empty where the bank gives none. `is_reversal` says that the bank took an earlier booking
    back; the sign already says which way the money went.
    """

    index: int
    booked_on: date
    value_on: date | None
    amount_minor: int
    currency: str
    bank_reference: str
    end_to_end_reference: str | None
    text: str
    counterparty: str | None
    is_reversal: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One account's bookings in one currency; balances are None where the file gives none.

    `account` is an IBAN or the bank's own number without blanks. `number` is the bank's name for
    the statement, or empty. Without balances the dates are the first and last day booked.
    """

    account: str
    currency: str
    number: str
    opening_date: date | None
    opening_minor: int | None
    closing_date: date | None
    closing_minor: int | None
    lines: tuple[StatementLine, ...]


def checked(statement: Statement) -> Statement:
    """The statement itself; refused when both balances are given and the lines do not join them."""
    if len(statement.lines) > MAX_LINES:
        raise BankFileTooLarge(limit=MAX_LINES, unit="bookings")
    if statement.opening_minor is None or statement.closing_minor is None:
        return statement
    computed = statement.opening_minor + sum(line.amount_minor for line in statement.lines)
    if computed != statement.closing_minor:
        raise StatementDoesNotAddUp(
            account=statement.account,
            number=statement.number,
            closing_date=statement.closing_date,
            computed=Money(computed, statement.currency),
            stated=Money(statement.closing_minor, statement.currency),
        )
    return statement


def minor_units(number: Decimal, *, currency: str, exponents: Mapping[str, int], where: str) -> int:
    """A decimal amount as a count of the currency's smallest unit; nothing is ever rounded."""
    if currency not in exponents:
        raise MalformedBankFile(
            where=where,
            problem=f"the currency {currency!r} is not known here",
            accepts=", ".join(sorted(exponents)),
        )
    exponent = exponents[currency]
    whole = number.scaleb(exponent)
    if whole != whole.to_integral_value():
        raise MalformedBankFile(
            where=where,
            problem=f"{number} has more decimals than {currency} has",
            accepts=f"at most {exponent} decimals",
        )
    if abs(number) >= 10**MAX_WHOLE_DIGITS:
        raise MalformedBankFile(
            where=where,
            problem=f"{number} is too large",
            accepts=f"at most {MAX_WHOLE_DIGITS} digits before the decimal mark",
        )
    return int(whole)


def plain_text(data: bytes, *, encodings: tuple[str, ...]) -> str:
    """The first encoding that fits, without byte-order mark, line ends as \\n.

    Control characters are refused: no bank writes them, and a binary file is full of them.
    """
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        _refuse_controls(text)
        return text
    raise MalformedBankFile(
        where="The file",
        problem="its characters do not fit its encoding",
        accepts=" or ".join(encodings),
    )


def _refuse_controls(text: str) -> None:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.isprintable() and any(
            (character < " " and character != "\t") or character == "\x7f" for character in line
        ):
            raise MalformedBankFile(
                where=f"Line {number}", problem="it holds control characters", accepts="plain text"
            )
