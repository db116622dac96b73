"""From words that a person typed or a link carries to what a report can be asked for."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from marketplace.kit.errors import InvalidInput, NotFound
from marketplace.kit.money import EXPONENTS
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import transaction
from settlement import chart
from settlement.reports.report import Parameter, Values

_VENDOR = "SELECT id FROM vendor WHERE code = $1"


async def values_of(
    *,
    principal: Principal,
    parameters: Sequence[Parameter],
    given: Mapping[str, str],
    today: date,
) -> Values:
    """Typed values of these parameters; what is empty or not given is left open.

    A vendor is named by its code. Refuses what is no parameter, what does not read as its kind,
    and a period that ends before it begins.
    """
    said = {name: word.strip() for name, word in given.items() if word.strip()}
    accepted = ", ".join(parameters) or "nothing"
    for name in said:
        if name not in parameters:
            raise InvalidInput(name, "this cannot be asked for", accepted)
    values = Values(
        from_day=_day(Parameter.FROM, said),
        to_day=_day(Parameter.TO, said),
        day=_day(Parameter.DAY, said) or (today if Parameter.DAY in parameters else None),
        vendor_id=await _vendor(principal, said.get(Parameter.VENDOR)),
        currency=_currency(said.get(Parameter.CURRENCY)),
        batch=_batch(said.get(Parameter.BATCH)),
        account=_account(said.get(Parameter.ACCOUNT)),
    )
    if values.from_day and values.to_day and values.to_day < values.from_day:
        raise InvalidInput("to", "it is before from", f"{values.from_day} or later")
    return values


def _day(parameter: Parameter, said: Mapping[str, str]) -> date | None:
    word = said.get(parameter)
    if word is None:
        return None
    try:
        return date.fromisoformat(word)
    except ValueError:
        raise InvalidInput(parameter, f"{word!r} is no day", "a day like 2026-03-31") from None


async def _vendor(principal: Principal, code: str | None) -> UUID | None:
    if code is None:
        return None
    async with transaction(principal, read_only=True) as connection:
        found: UUID | None = await connection.fetchval(_VENDOR, code)
    if found is None:
        raise NotFound(thing="vendor")
    return found


def _currency(word: str | None) -> str | None:
    if word is not None and word.upper() not in EXPONENTS:
        raise InvalidInput("currency", f"{word!r} is not traded in", ", ".join(EXPONENTS))
    return None if word is None else word.upper()


def _batch(word: str | None) -> int | None:
    if word is None:
        return None
    if not (word.isascii() and word.isdigit() and len(word) <= 9):
        raise InvalidInput("batch", f"{word!r} is no batch", "a batch's number, like 12")
    return int(word)


def _account(word: str | None) -> str | None:
    if word is not None and word not in chart.NAMES:
        raise InvalidInput("account", f"there is no account {word!r}", ", ".join(chart.NAMES))
    return word
