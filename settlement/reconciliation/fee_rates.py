"""What the payment provider should take of each charge: its contract, for the fees' report."""

from collections.abc import Sequence
from datetime import datetime

from marketplace.kit.errors import InvalidInput
from marketplace.kit.ids import new_id
from marketplace.kit.money import EXPONENTS
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import atomic, connection, transaction
from settlement import access
from settlement.reconciliation.models import ProviderFeeRate

WHOLE = 1_000_000  # ppm
# Said twice in one moment, the last word counts.
_SET = """
    INSERT INTO provider_fee_rate (id, currency, rate_ppm, fixed_minor, valid_from, set_by)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (currency, valid_from) DO UPDATE
        SET rate_ppm = excluded.rate_ppm, fixed_minor = excluded.fixed_minor,
            set_by = excluded.set_by
"""


@atomic()
async def set_rate(
    *, principal: Principal, currency: str, rate_ppm: int, fixed_minor: int, now: datetime
) -> None:
    """From now on expect this of each charge: a part of it in ppm, and minor units beside it.

    Accountants and administrators may. Charges before stay as they were expected. Refuses a
    currency we do not know, more than the whole charge, and less than nothing.
    """
    access.check_accountant(principal, "say what the provider charges")
    if currency not in EXPONENTS:
        raise InvalidInput("currency", f"{currency!r} is not known", ", ".join(EXPONENTS))
    if not 0 <= rate_ppm <= WHOLE:
        raise InvalidInput("rate_ppm", "it is out of range", f"0 to {WHOLE}")
    if fixed_minor < 0:
        raise InvalidInput("fixed_minor", "it is below zero", "zero or more")
    values = (new_id(now), currency, rate_ppm, fixed_minor, now, principal.key)
    await connection().execute(_SET, *values)


async def rates(*, principal: Principal) -> Sequence[ProviderFeeRate]:
    """What is expected now, by currency; the last word on each."""
    access.check_viewer(principal, "see what the provider charges")
    async with transaction(principal, read_only=True):
        found = await ProviderFeeRate.all().order_by("currency", "valid_from")
    return list({rate.currency: rate for rate in found}.values())
