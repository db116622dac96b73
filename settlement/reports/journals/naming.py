"""Names of accounts that hledger and beancount both accept: letters, digits and dashes.

Two accounts never share a name: a vendor's code that had to be changed to fit carries the end of
the vendor's id as well.
"""

import re
from uuid import UUID

from settlement.chart import NAMES
from settlement.models import AccountKind

ROOTS = {
    AccountKind.ASSET: "Assets",
    AccountKind.LIABILITY: "Liabilities",
    AccountKind.EQUITY: "Equity",
    AccountKind.INCOME: "Income",
    AccountKind.EXPENSE: "Expenses",
    AccountKind.MEMO: "Equity",
}
_FITS = re.compile(r"[a-z0-9][a-z0-9-]*")
_ELSE = re.compile(r"[^A-Za-z0-9]+")
_ID_KEPT = 12  # of the random end of an id


def account_name(
    *, code: str, kind: AccountKind, vendor_id: UUID | None, vendor_code: str | None
) -> str:
    """Like `Liabilities:2120-Vendor-available:Kiln`."""
    name = f"{ROOTS[kind]}:{code}-{dashed(NAMES.get(code, kind.value))}"
    return name if vendor_id is None else f"{name}:{_vendor(vendor_id, vendor_code or '')}"


def dashed(words: str) -> str:
    return _ELSE.sub("-", words).strip("-")


def _vendor(vendor_id: UUID, code: str) -> str:
    if _FITS.fullmatch(code):
        return code[:1].upper() + code[1:]
    readable = dashed(code)
    return "-".join(part for part in ("V", readable, vendor_id.hex[-_ID_KEPT:]) if part)
