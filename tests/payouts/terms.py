"""Terms as a test needs them; everything not named is as everybody's."""

from datetime import datetime, timedelta
from uuid import UUID

from marketplace.kit.principal import SYSTEM
from settlement.terms import changing
from settlement.terms.models import Schedule, SettlementTerms
from tests.payouts.money import NOW

EVERYBODYS = {
    "maturity_days": 10, "undelivered_days": 30, "reserve_bps": 0, "reserve_days": 90,
    "schedule": Schedule.WEEKLY, "schedule_days": [1], "minimums": {}, "bank_cooling_days": 7,
}  # fmt: skip


def agreed(**different: object) -> changing.Agreed:
    return changing.Agreed(**{**EVERYBODYS, **different})  # type: ignore[arg-type]


async def agree(
    vendor_id: UUID | None, *, at: datetime = NOW - timedelta(days=300), **different: object
) -> SettlementTerms:
    """Valid since `at`."""
    return await changing.change(
        principal=SYSTEM, vendor_id=vendor_id, agreed=agreed(**different), note="Agreed", now=at
    )
