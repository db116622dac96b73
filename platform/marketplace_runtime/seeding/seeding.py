"""`souk seed`: the demo marketplace, with or without a past; once."""

from collections.abc import Callable

from marketplace.kit import clock
from marketplace.outbox import months
from marketplace_runtime.orm import connected
from marketplace_runtime.seeding import enrolling, planting
from marketplace_runtime.seeding.past import living, stories
from marketplace_runtime.seeding.planting import SeedReport
from marketplace_runtime.settings import Settings

Tell = Callable[[str], None]
TOLD_EVERY = 4  # parts of the way


async def seed(settings: Settings, *, has_history: bool, tell: Tell) -> SeedReport:
    """Plant what is not there yet, and say what was done. With a history the demo was planted
    weeks ago; refuses one where it cannot be lived through, before anything is written."""
    # Nobody has been told of anything yet that a power failure could take back.
    async with connected(settings.database_url, is_durable=not has_history):
        now = await clock.now()
        if has_history and not await planting.is_planted():
            living.check_possible(settings)
            begins_at = stories.begins_at(now)
            await months.make(since=begins_at, until=now + months.AHEAD)
            report = await planting.plant(now=begins_at)
            tell("planted the demo marketplace, as of six weeks ago")
            orders = await living.live(settings, now=now, advance=_told(tell))
            tell(f"{orders} orders and their money are in the books")
            return report
        report = await planting.plant(now=now)
        if report.planted:
            tell("planted the demo marketplace")
            if enrolled := await enrolling.enroll(settings, now=now):
                tell(f"opened accounts for payouts for {enrolled} vendors")
    return report


def _told(tell: Tell) -> living.Advance:
    """Say now and then how far it is."""

    def advance(done: int, total: int) -> None:
        if done * TOLD_EVERY // total > (done - 1) * TOLD_EVERY // total:
            tell(f"living through six weeks of orders: {done * 100 // total} %")

    return advance
