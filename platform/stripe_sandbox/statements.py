"""A bank statement as a file: CAMT.053, MT940 or CSV. The same inputs give the same bytes."""

import csv
import io
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from stripe_sandbox.bank import BIC, IBAN, NO_REFERENCE, Line
from stripe_sandbox.currencies import decimals

CAMT = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
COLUMNS = (
    "booking_date", "value_date", "entry_reference", "counterparty", "text", "reference",
    "amount", "currency", "balance",
)  # fmt: skip
# What XML cannot carry, and what would end a line of MT940.
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]+")


@dataclass(frozen=True)
class Statement:
    """One account's lines from one day to another; amounts in minor units."""

    currency: str
    first: date
    last: date
    opening: int
    lines: list[Line]

    @property
    def closing(self) -> int:
        return self.opening + sum(line.amount for line in self.lines)

    @property
    def name(self) -> str:
        return f"SB-{self.currency.upper()}-{self.first:%Y%m%d}-{self.last:%Y%m%d}"

    def major(self, amount: int) -> str:
        """An amount without its sign, in the currency's major unit."""
        return f"{Decimal(abs(amount)).scaleb(-decimals(self.currency)):f}"


def camt053(statement: Statement) -> bytes:
    root = Element("Document", xmlns=CAMT)
    message = SubElement(root, "BkToCstmrStmt")
    header = SubElement(message, "GrpHdr")
    at = f"{statement.last}T23:59:59Z"
    _put(header, MsgId=statement.name, CreDtTm=at)
    body = SubElement(message, "Stmt")
    number = str(statement.last.timetuple().tm_yday)
    _put(body, Id=statement.name, ElctrncSeqNb=number, CreDtTm=at)
    _put(SubElement(body, "FrToDt"), FrDtTm=f"{statement.first}T00:00:00Z", ToDtTm=at)
    account = SubElement(body, "Acct")
    _put(SubElement(account, "Id"), IBAN=IBAN)
    _put(account, Ccy=statement.currency.upper())
    _put(_deeper(account, "Svcr", "FinInstnId"), BICFI=BIC)
    _camt_balance(body, statement, "OPBD", statement.opening, statement.first)
    _camt_balance(body, statement, "CLBD", statement.closing, statement.last)
    for line in statement.lines:
        _camt_entry(body, statement, line)
    indent(root)
    written: bytes = tostring(root, encoding="UTF-8", xml_declaration=True)
    return written + b"\n"


def _camt_balance(body: Element, statement: Statement, code: str, amount: int, day: date) -> None:
    balance = SubElement(body, "Bal")
    _put(_deeper(balance, "Tp", "CdOrPrtry"), Cd=code)
    _camt_amount(balance, statement, amount)
    _put(SubElement(balance, "Dt"), Dt=day.isoformat())


def _camt_amount(parent: Element, statement: Statement, amount: int) -> None:
    SubElement(parent, "Amt", Ccy=statement.currency.upper()).text = statement.major(amount)
    _put(parent, CdtDbtInd="DBIT" if amount < 0 else "CRDT")


def _camt_entry(body: Element, statement: Statement, line: Line) -> None:
    comes = line.amount >= 0
    entry = SubElement(body, "Ntry")
    _put(entry, NtryRef=line.entry_reference)
    _camt_amount(entry, statement, line.amount)
    _put(SubElement(entry, "Sts"), Cd="BOOK")
    _put(SubElement(entry, "BookgDt"), Dt=line.day)
    _put(SubElement(entry, "ValDt"), Dt=line.day)
    _put(entry, AcctSvcrRef=line.entry_reference)
    domain = _deeper(entry, "BkTxCd", "Domn")
    _put(domain, Cd="PMNT")
    family = "RCDT" if comes else "ICDT"
    _put(SubElement(domain, "Fmly"), Cd=family, SubFmlyCd="ESCT")
    details = _deeper(entry, "NtryDtls", "TxDtls")
    _put(SubElement(details, "Refs"), EndToEndId=_plain(line.reference)[:35])
    if line.counterparty:
        party = _deeper(details, "RltdPties", "Dbtr" if comes else "Cdtr", "Pty")
        _put(party, Nm=_plain(line.counterparty)[:140])
    remittance = SubElement(details, "RmtInf")
    for part in textwrap.wrap(_plain(line.text), 140):
        SubElement(remittance, "Ustrd").text = part


def _deeper(parent: Element, *names: str) -> Element:
    for name in names:
        parent = SubElement(parent, name)
    return parent


def _put(parent: Element, **children: str) -> None:
    for name, text in children.items():
        SubElement(parent, name).text = text


def mt940(statement: Statement) -> bytes:
    written = [
        f":20:SB{statement.last:%y%m%d}{statement.currency.upper()}",
        f":25:{IBAN}",
        f":28C:{statement.last.timetuple().tm_yday:05d}/001",
        f":60F:{_mt_balance(statement, statement.opening, statement.first)}",
    ]
    for line in statement.lines:
        day = date.fromisoformat(line.day)
        sign = "D" if line.amount < 0 else "C"
        amount = _with_comma(statement.major(line.amount))
        written.append(
            f":61:{day:%y%m%d}{day:%m%d}{sign}{amount}NTRFNONREF//{line.entry_reference}"
        )
        written.append(f":86:{_mt_text(line)}")
    written.append(f":62F:{_mt_balance(statement, statement.closing, statement.last)}")
    return ("\r\n".join(written) + "\r\n-\r\n").encode("utf-8")


def _mt_balance(statement: Statement, amount: int, day: date) -> str:
    sign = "D" if amount < 0 else "C"
    number = _with_comma(statement.major(amount))
    return f"{sign}{day:%y%m%d}{statement.currency.upper()}{number}"


def _with_comma(number: str) -> str:
    return number.replace(".", ",") if "." in number else f"{number},"


def _mt_text(line: Line) -> str:
    """At most six lines of 65; none may look like the beginning of a field or of the end."""
    parts = [line.counterparty, line.text]
    if line.reference != NO_REFERENCE and line.reference not in line.text:
        parts.append(line.reference)
    words = _plain(" ".join(parts))
    wrapped = textwrap.wrap(words, 64, break_on_hyphens=False)[:6]
    return "\r\n".join(f" {part}" if part[0] in ":-" else part for part in wrapped)


def plain_csv(statement: Statement) -> bytes:
    """One row a line, with the balance after it; amounts in the major unit, with a sign."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    balance = statement.opening
    for line in statement.lines:
        balance += line.amount
        writer.writerow(
            (
                line.day,
                line.day,
                line.entry_reference,
                _plain(line.counterparty),
                _plain(line.text),
                _plain(line.reference),
                _signed(statement, line.amount),
                statement.currency.upper(),
                _signed(statement, balance),
            )
        )
    return file.getvalue().encode("utf-8")


def _signed(statement: Statement, amount: int) -> str:
    return f"{'-' if amount < 0 else ''}{statement.major(amount)}"


def _plain(text: str) -> str:
    return UNPRINTABLE.sub(" ", text).strip()


@dataclass(frozen=True)
class Format:
    write: Callable[[Statement], bytes]
    media_type: str
    ending: str


FORMATS = {
    "camt053": Format(camt053, "application/xml", "xml"),
    "mt940": Format(mt940, "text/plain", "sta"),
    "csv": Format(plain_csv, "text/csv", "csv"),
}
