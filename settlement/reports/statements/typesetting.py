"""A statement as PDF: the template is fixed, and all that it says is handed over as data."""

import asyncio
import json
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import typst

from marketplace.kit.money import Money
from settlement.reports.statements.reading import (
    Section,
    StatementLine,
    StatementPayout,
    VendorStatement,
)

MINUS = "\N{MINUS SIGN}"
_PAYOUT_WORDS = {
    "draft": "waits for approval",
    "approved": "approved",
    "reserved": "on its way",
    "transferred": "on its way",
    "sent": "on its way",
    "paid": "paid",
    "failed": "failed, is tried again",
    "returned": "came back, is tried again",
    "cancelled": "cancelled, the next payout pays it",
}


async def pdf(statement: VendorStatement, *, marketplace: str) -> bytes:
    """A4; the same statement gives the same bytes. Works beside the event loop, not in it."""
    return await asyncio.to_thread(_typeset, statement, marketplace)


def _typeset(statement: VendorStatement, marketplace: str) -> bytes:
    # Names, codes and descriptions reach the template as JSON, never as its source.
    said = json.dumps(_facts(statement, marketplace))
    made = typst.compile(
        _template(),
        format="pdf",
        sys_inputs={"statement": said},
        timestamp=int(statement.created_at.timestamp()),
    )
    assert isinstance(made, bytes)
    return made


@cache
def _template() -> bytes:
    """templates/pdf: beside the package once installed, which is the root of the checkout too."""
    return (Path(__file__).resolve().parents[3] / "templates/pdf/statement.typ").read_bytes()


def _facts(statement: VendorStatement, marketplace: str) -> dict[str, object]:
    return {
        "marketplace": marketplace,
        "vendor": {"name": statement.vendor_name, "code": statement.vendor_code},
        "number": statement.number,
        "currency": statement.currency,
        "from": _date(statement.opened_at.astimezone(UTC)),
        "to": _date(statement.cut_off.astimezone(UTC)),
        "made": statement.created_at.astimezone(UTC).timetuple()[:3],
        "opening": _amount(statement.opening),
        "closing": _amount(statement.closing),
        "sections": [_section(section) for section in statement.sections],
        "payout": None if statement.payout is None else _payout(statement.payout),
        "unpaid_because": statement.unpaid_because,
    }


def _section(section: Section) -> dict[str, object]:
    return {
        "title": section.title,
        "total": _amount(section.total),
        "lines": [_line(line) for line in section.lines],
    }


def _line(line: StatementLine) -> list[str]:
    return [_date(line.day), line.sub_order or "", line.description, _amount(line.amount)]


def _payout(payout: StatementPayout) -> dict[str, object]:
    return {
        "amount": _amount(payout.amount),
        "state": _PAYOUT_WORDS[payout.state],
        "arrival": None if payout.arrival is None else _date(payout.arrival),
        "reference": payout.provider_payout_id or str(payout.id),
        "trace": payout.trace_id,
    }


def _amount(money: Money) -> str:
    """With thousands apart and the currency's digits; the currency is said once, above."""
    return f"{money.amount:,}".replace("-", MINUS)


def _date(day: date | datetime) -> str:
    return f"{day.day} {day:%b %Y}"
