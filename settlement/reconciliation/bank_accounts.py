"""The platform's own bank accounts, and how their CSV files are read."""

from datetime import datetime
from uuid import UUID

from marketplace.kit.errors import NotFound
from marketplace.kit.ids import new_id
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import atomic, connection
from settlement import access
from settlement.bank_files.csv_map import CsvMap

# Opened once: asking again for the same number and currency answers with the first.
_OPEN = """
    INSERT INTO bank_account (id, code, name, identification, currency, created_at)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (identification, currency) DO NOTHING
"""
_FIND = "SELECT id FROM bank_account WHERE (identification, currency) = ($1, $2)"
_OF_CODE = "SELECT id FROM bank_account WHERE code = $1"
_SAVE_MAP = "UPDATE bank_account SET csv_map = $2 WHERE id = $1 RETURNING id"


@atomic()
async def open_account(
    *,
    principal: Principal,
    code: str,
    name: str,
    identification: str,
    currency: str,
    now: datetime,
) -> UUID:
    """Say that a bank account is the platform's, by IBAN or number; its id. For accountants."""
    access.check_accountant(principal, "open bank accounts")
    number = identification.replace(" ", "")
    await connection().execute(_OPEN, new_id(now), code, name, number, currency, now)
    found: UUID = await connection().fetchval(_FIND, number, currency)
    return found


@atomic()
async def save_csv_map(*, principal: Principal, bank_account_id: UUID, csv_map: CsvMap) -> None:
    """Read this account's CSV files so from now on. Refuses NotFound. For accountants."""
    access.check_accountant(principal, "change how bank files are read")
    if await connection().fetchval(_SAVE_MAP, bank_account_id, csv_map.to_json()) is None:
        raise NotFound("bank account")


@atomic()
async def find(*, principal: Principal, code: str) -> UUID:
    """The account of a code. Refuses NotFound."""
    access.check_viewer(principal, "see bank accounts")
    found: UUID | None = await connection().fetchval(_OF_CODE, code)
    if found is None:
        raise NotFound("bank account")
    return found
