"""Bank files as banks write them: one small writer per format, and statements to write."""

import csv
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import StringIO
from xml.sax.saxutils import escape

from settlement.bank_files.csv_map import CsvMap
from settlement.bank_files.statements import Statement, StatementLine

EXPONENTS = {"EUR": 2, "USD": 2, "JPY": 0, "KWD": 3}
IBAN = "DE89370400440532013000"
DAY = date(2026, 1, 5)
NEXT_DAY = date(2026, 1, 6)


def line(amount_minor: int = 4000, index: int = 0, **changes: object) -> StatementLine:
    written = StatementLine(
        index=index,
        booked_on=NEXT_DAY,
        value_on=NEXT_DAY,
        amount_minor=amount_minor,
        currency="EUR",
        bank_reference=f"BANK{index}",
        end_to_end_reference=None,
        text="STRIPE po_1OaB2cD3eF4gH5iJ6kL7mN8",
        counterparty=None,
        is_reversal=False,
    )
    return replace(written, **changes)  # type: ignore[arg-type] # each test names real fields


def statement(lines: Sequence[StatementLine] = (), **changes: object) -> Statement:
    written = Statement(
        account=IBAN,
        currency="EUR",
        number="2026-1",
        opening_date=DAY,
        opening_minor=10_000,
        closing_date=NEXT_DAY,
        closing_minor=10_000 + sum(one.amount_minor for one in lines),
        lines=tuple(lines),
    )
    return replace(written, **changes)  # type: ignore[arg-type] # each test names real fields


def amount(minor: int, currency: str) -> str:
    return f"{Decimal(abs(minor)).scaleb(-EXPONENTS[currency]):f}"


def camt053(*statements: Statement, version: str = "08") -> str:
    body = "".join(_camt_statement(one, version) for one in statements)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}">'
        "<BkToCstmrStmt><GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-01-06T20:00:00</CreDtTm></GrpHdr>"
        f"{body}</BkToCstmrStmt></Document>"
    )


def _camt_statement(one: Statement, version: str) -> str:
    ends = (
        ("OPBD", one.opening_minor, one.opening_date),
        ("CLBD", one.closing_minor, one.closing_date),
    )
    balances = "".join(
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>"
        f"{_camt_amount(minor, one.currency)}<Dt><Dt>{day}</Dt></Dt></Bal>"
        for kind, minor, day in ends
        if minor is not None
    )
    entries = "".join(_camt_entry(entry, version) for entry in one.lines)
    return (
        f"<Stmt><Id>{escape(one.number)}</Id><CreDtTm>2026-01-06T20:00:00</CreDtTm>"
        f"<Acct><Id><IBAN>{one.account}</IBAN></Id><Ccy>{one.currency}</Ccy></Acct>"
        f"{balances}{entries}</Stmt>"
    )


def _camt_amount(minor: int, currency: str) -> str:
    side = "DBIT" if minor < 0 else "CRDT"
    return f'<Amt Ccy="{currency}">{amount(minor, currency)}</Amt><CdtDbtInd>{side}</CdtDbtInd>'


def _camt_entry(one: StatementLine, version: str) -> str:
    status = "<Sts>BOOK</Sts>" if version < "08" else "<Sts><Cd>BOOK</Cd></Sts>"
    reversal = "<RvslInd>true</RvslInd>" if one.is_reversal else ""
    value = f"<ValDt><Dt>{one.value_on}</Dt></ValDt>" if one.value_on else ""
    side = "Dbtr" if one.amount_minor > 0 else "Cdtr"
    name = f"<Nm>{escape(one.counterparty or '')}</Nm>"
    party = name if version < "08" else f"<Pty>{name}</Pty>"
    parties = f"<RltdPties><{side}>{party}</{side}></RltdPties>" if one.counterparty else ""
    end_to_end = escape(one.end_to_end_reference or "NOTPROVIDED")
    return (
        f"<Ntry>{_camt_amount(one.amount_minor, one.currency)}{reversal}{status}"
        f"<BookgDt><Dt>{one.booked_on}</Dt></BookgDt>{value}"
        f"<AcctSvcrRef>{escape(one.bank_reference)}</AcctSvcrRef>"
        f"<NtryDtls><TxDtls><Refs><EndToEndId>{end_to_end}</EndToEndId></Refs>{parties}"
        f"<RmtInf><Ustrd>{escape(one.text)}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
    )


def mt940(*statements: Statement) -> str:
    return "\r\n".join(row for one in statements for row in _mt940_rows(one)) + "\r\n"


def _mt940_rows(one: Statement) -> list[str]:
    rows = [":20:STARTUMSE", f":25:{one.account}", f":28C:{one.number}"]
    rows.append(f":60F:{_mt940_balance(one.opening_minor, one.opening_date, one.currency)}")
    for entry in one.lines:
        mark = "C" if (entry.amount_minor > 0) != entry.is_reversal else "D"
        reversal = "R" if entry.is_reversal else ""
        number = _comma(entry.amount_minor, entry.currency)
        rows.append(
            f":61:{entry.value_on:%y%m%d}{entry.booked_on:%m%d}{reversal}{mark}{number}"
            f"NTRF{entry.end_to_end_reference or 'NONREF'}//{entry.bank_reference}"
        )
        words = f"166?20{entry.text}?32{entry.counterparty}"
        details = words if entry.counterparty else entry.text
        rows += [
            f":86:{details[:65]}",
            *(details[at : at + 65] for at in range(65, len(details), 65)),
        ]
    rows.append(f":62F:{_mt940_balance(one.closing_minor, one.closing_date, one.currency)}")
    return [*rows, "-"]


def _mt940_balance(minor: int | None, day: date | None, currency: str) -> str:
    assert minor is not None
    assert day is not None
    mark = "D" if minor < 0 else "C"
    return f"{mark}{day:%y%m%d}{currency}{_comma(minor, currency)}"


def _comma(minor: int, currency: str) -> str:
    number = amount(minor, currency).replace(".", ",")
    return number if "," in number else f"{number},"


CSV_MAP = CsvMap(
    date="Date", value_date="Value date", amount="Amount", account_column="IBAN",
    currency_column="Currency", reference="Reference", end_to_end="End to end", text=("Text",),
    counterparty="Name",
)  # fmt: skip


def csv_file(*statements: Statement) -> str:
    rows = StringIO(newline="")
    writer = csv.writer(rows)
    writer.writerow(
        [
            "IBAN",
            "Currency",
            "Date",
            "Value date",
            "Amount",
            "Reference",
            "End to end",
            "Text",
            "Name",
        ]
    )
    for one in statements:
        for entry in one.lines:
            sign = "-" if entry.amount_minor < 0 else ""
            writer.writerow(
                [
                    one.account, entry.currency, entry.booked_on, entry.value_on or "",
                    f"{sign}{amount(entry.amount_minor, entry.currency)}", entry.bank_reference,
                    entry.end_to_end_reference, entry.text, entry.counterparty,
                ]
            )  # fmt: skip
    return rows.getvalue()
