"""A paid payout is final when its bank's days are over, holidays not counted."""

from datetime import UTC, datetime, timedelta

import pytest

from settlement.payouts import finalising
from tests.back_office.finance.busy import approved, drafted, ended, named, payout_to

pytestmark = [pytest.mark.anyio]

# Two Mondays: five working days later it is a Monday again, or, over Christmas, a Tuesday.
USUAL = datetime(2026, 11, 23, 9, tzinfo=UTC)
BEFORE_CHRISTMAS = datetime(2026, 12, 21, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("paid", "last_day"),
    [(USUAL, datetime(2026, 11, 30, tzinfo=UTC)),
     (BEFORE_CHRISTMAS, datetime(2026, 12, 29, tzinfo=UTC))],
)  # fmt: skip
async def test_it_is_final_at_the_end_of_the_fifth_working_day_of_the_vendors_country(
    db: None, paid: datetime, last_day: datetime
) -> None:
    vendor_id = await named("Norra Textil", 120_00, now=paid)
    await approved(await drafted(now=paid), now=paid)
    await ended(await payout_to(vendor_id), "paid", now=paid)
    midnight = last_day + timedelta(hours=23)  # in Berlin

    early = await finalising.finalise_due(now=midnight - timedelta(seconds=1))
    late = await finalising.finalise_due(now=midnight)

    assert (early, late) == (0, 1)
    assert (await payout_to(vendor_id)).final_at == midnight
