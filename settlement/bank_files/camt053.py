"""ISO 20022 camt.053, versions 02 to 08: the statement that European banks send as XML.

Elements are found by local name, so one reader serves all versions; where they differ (status,
parties) both spellings are looked for.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import NoReturn
from xml.etree.ElementTree import Element

from settlement.bank_files.errors import MalformedBankFile, UnknownBankFile
from settlement.bank_files.statements import Statement, StatementLine, checked, minor_units
from settlement.bank_files.xml_tree import children, parse, text

ROOT = re.compile(r"\{urn:iso:std:iso:20022:tech:xsd:camt\.053\.001\.0[2-8]\}Document")
VERSIONS = "camt.053.001.02 to camt.053.001.08"
AMOUNT = re.compile(r"[0-9]{1,18}(\.[0-9]{0,5})?")
DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(T.*|Z|[+-]\d{2}:\d{2})?")
STATES = {"BOOK", "PDNG", "INFO", "FUTR"}


def read(data: bytes, *, exponents: Mapping[str, int]) -> list[Statement]:
    """Every statement of the message; only booked entries are lines, pending ones are not money."""
    root = parse(data)
    if not ROOT.fullmatch(root.tag):
        raise UnknownBankFile(
            problem=f"This XML is {_kind(root)}, not a bank statement that can be read.",
            accepts=VERSIONS,
        )
    found = [*children(root, "BkToCstmrStmt", "Stmt")]
    if not found:
        _refuse("The message", "it holds no statement (Stmt)", "at least one")
    return [
        _StatementReader(element, f"Statement {number}", exponents).read()
        for number, element in enumerate(found, start=1)
    ]


class _StatementReader:
    """Reads one Stmt; `where` is spelt out on the way down, so that a refusal names the spot."""

    def __init__(self, element: Element, where: str, exponents: Mapping[str, int]) -> None:
        self.element = element
        self.where = where
        self.exponents = exponents
        self.currency = _currency(element, where)

    def read(self) -> Statement:
        opening, closing = _ends(self.element)
        opening_date, opening_minor = self._balance(opening)
        closing_date, closing_minor = self._balance(closing)
        return checked(
            Statement(
                account=self._account(),
                currency=self.currency,
                number=text(self.element, "Id")
                or text(self.element, "ElctrncSeqNb")
                or text(self.element, "LglSeqNb"),
                opening_date=opening_date,
                opening_minor=opening_minor,
                closing_date=closing_date,
                closing_minor=closing_minor,
                lines=tuple(self._lines()),
            )
        )

    def _account(self) -> str:
        account = text(self.element, "Acct", "Id", "IBAN")
        account = account or text(self.element, "Acct", "Id", "Othr", "Id")
        if not account:
            _refuse(f"{self.where}, Acct", "the account is missing", "an IBAN or Othr/Id")
        return account.replace(" ", "")

    def _balance(self, balance: Element | None) -> tuple[date | None, int | None]:
        if balance is None:
            return None, None
        where = f"{self.where}, Bal {text(balance, 'Tp', 'CdOrPrtry', 'Cd')}"
        return _day(balance, where, "Dt"), self._signed(balance, where)

    def _lines(self) -> Iterator[StatementLine]:
        index = 0
        for number, entry in enumerate(children(self.element, "Ntry"), start=1):
            where = f"{self.where}, entry {number}"
            status = text(entry, "Sts", "Cd") or text(entry, "Sts")
            if status not in STATES:
                _refuse(f"{where}, Sts", f"the status {status!r} is not known", "BOOK")
            if status == "BOOK":
                yield self._line(entry, index, where)
                index += 1

    def _line(self, entry: Element, index: int, where: str) -> StatementLine:
        details = [*children(entry, "NtryDtls", "TxDtls")]
        amount = self._signed(entry, where)
        end_to_end = _end_to_end(details)
        return StatementLine(
            index=index,
            booked_on=_day(entry, where, "BookgDt"),
            value_on=_day(entry, where, "ValDt") if [*children(entry, "ValDt")] else None,
            amount_minor=amount,
            currency=self.currency,
            bank_reference=_reference(entry, details),
            end_to_end_reference=end_to_end[0] if len(end_to_end) == 1 else None,
            text=_remittance(entry, details, end_to_end),
            counterparty=_counterparty(details, "Dbtr" if amount > 0 else "Cdtr"),
            is_reversal=text(entry, "RvslInd") in {"true", "1"},
        )

    def _signed(self, element: Element, where: str) -> int:
        spot = f"{where}, Amt"
        written = text(element, "Amt")
        if not AMOUNT.fullmatch(written):
            _refuse(spot, f"{written!r} is not an amount", "digits with a decimal point, no sign")
        currency = next(children(element, "Amt")).get("Ccy", "")
        if currency != self.currency:
            _refuse(spot, f"it is in {currency!r}", f"the account's currency {self.currency}")
        minor = minor_units(
            Decimal(written), currency=currency, exponents=self.exponents, where=spot
        )
        side = text(element, "CdtDbtInd")
        if side not in {"CRDT", "DBIT"}:
            _refuse(f"{where}, CdtDbtInd", f"{side!r} is not a side", "CRDT or DBIT")
        return minor if side == "CRDT" else -minor


def _currency(element: Element, where: str) -> str:
    amounts = [*children(element, "Bal", "Amt"), *children(element, "Ntry", "Amt")]
    implied = amounts[0].get("Ccy", "") if amounts else ""
    currency = text(element, "Acct", "Ccy") or implied
    if not currency:
        _refuse(f"{where}, Acct", "its currency is missing", "Acct/Ccy or a balance with one")
    return currency


def _ends(element: Element) -> tuple[Element | None, Element | None]:
    """Opening and closing balance; a page in the midst of a statement has interim ones (ITBD)."""
    kinds = [
        (text(balance, "Tp", "CdOrPrtry", "Cd"), balance) for balance in children(element, "Bal")
    ]
    of_kind = dict(reversed(kinds))
    opening = of_kind.get("OPBD", of_kind.get("PRCD"))
    closing = of_kind.get("CLBD")
    interim = [balance for kind, balance in kinds if kind == "ITBD"]
    if opening is None and interim:
        opening = interim.pop(0)
    if closing is None and interim:
        closing = interim[-1]
    return opening, closing


def _reference(entry: Element, details: list[Element]) -> str:
    inside = next((found for one in details if (found := text(one, "Refs", "AcctSvcrRef"))), "")
    return text(entry, "AcctSvcrRef") or inside or text(entry, "NtryRef")


def _end_to_end(details: list[Element]) -> list[str]:
    found = (text(one, "Refs", "EndToEndId") for one in details)
    return [reference for reference in found if reference not in {"", "NOTPROVIDED"}]


def _remittance(entry: Element, details: list[Element], end_to_end: list[str]) -> str:
    """What the payers wrote; the references of a collected booking, too; else the bank's words."""
    words = [
        text(element)
        for one in details
        for path in (("RmtInf", "Ustrd"), ("RmtInf", "Strd", "CdtrRefInf", "Ref"))
        for element in children(one, *path)
    ]
    if len(end_to_end) > 1:
        words += end_to_end
    words = words or [text(one, "AddtlTxInf") for one in details]
    return " ".join(word for word in words if word) or text(entry, "AddtlNtryInf")


def _counterparty(details: list[Element], side: str) -> str | None:
    """The other side of a booking of one transaction; version 08 puts a Pty in between."""
    if len(details) != 1:
        return None
    parties = [*children(details[0], "RltdPties", side)]
    named = [text(party, "Nm") or text(party, "Pty", "Nm") for party in parties]
    return next(filter(None, named), None)


def _day(element: Element, where: str, name: str) -> date:
    written = text(element, name, "Dt") or text(element, name, "DtTm") or text(element, name)
    match = DAY.fullmatch(written)
    try:
        return date.fromisoformat(match[1] if match else "")
    except ValueError:
        _refuse(f"{where}, {name}", f"{written!r} is not a date", "2026-01-31")


def _kind(root: Element) -> str:
    namespace, _, name = root.tag.rpartition("}")
    return namespace.rpartition(":")[2] or f"<{name}>"


def _refuse(where: str, problem: str, accepts: str) -> NoReturn:
    raise MalformedBankFile(where=where, problem=problem, accepts=accepts)
