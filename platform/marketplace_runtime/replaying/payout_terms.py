"""What is agreed with the sellers of a history about their payouts: the history does not say."""

from datetime import datetime

from marketplace.kit.principal import SYSTEM
from settlement.terms import changing
from settlement.terms.changing import Agreed
from settlement.terms.models import Schedule

RESERVE_BPS, RESERVE_DAYS, MATURES_AFTER_DAYS = 500, 30, 10
SMALLEST_PAYOUT_MINOR = 50_00
NOBODY_APPROVES_BELOW_MINOR = 10**12  # nobody is there to ask


async def agree(*, currency: str, now: datetime) -> None:
    """Paid on Mondays what was delivered ten business days ago, a twentieth of it later."""
    await changing.change(
        principal=SYSTEM,
        vendor_id=None,
        agreed=Agreed(
            maturity_days=MATURES_AFTER_DAYS,
            undelivered_days=30,
            reserve_bps=RESERVE_BPS,
            reserve_days=RESERVE_DAYS,
            schedule=Schedule.WEEKLY,
            schedule_days=[1],
            minimums={currency: SMALLEST_PAYOUT_MINOR},
            bank_cooling_days=0,
        ),
        note="For the sellers of a history",
        now=now,
    )
    await changing.change_policy(
        principal=SYSTEM,
        currency=currency,
        auto_approve_minor=NOBODY_APPROVES_BELOW_MINOR,
        second_approval_minor=NOBODY_APPROVES_BELOW_MINOR,
    )
