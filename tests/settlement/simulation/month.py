"""Steps of the books: a month ends, is compared with the provider's, and closes."""

from datetime import datetime, timedelta

from marketplace.payments.gateway import OutcomeUnknown
from settlement.adjustments import closing
from settlement.reconciliation import nightly
from settlement.reconciliation.stripe_books import StripeBooks
from tests.settlement.people import ACCOUNTANT, APPROVER
from tests.settlement.simulation.play import Play
from tests.settlement.simulation.story import Picks
from tests.stripe_sandbox.running import KEY

NIGHT = timedelta(hours=2)  # the last day is over, and its last lines are there


async def close_month(play: Play, picks: Picks) -> str:
    """In the first night of the next one: the worker works, and two people try to close it."""
    last_day = _first_of_next(play.now) - timedelta(days=1)
    await play.pass_time(seconds=(last_day + timedelta(days=1) + NIGHT - play.now).total_seconds())
    await play.work()
    month, note = last_day.date(), "Month end"
    said = await play.attempt(
        f"{last_day:%B} is softly closed",
        lambda: closing.soft_close(principal=ACCOUNTANT, month=month, note=note, now=play.now),
    )
    compared = await _compare(play)
    closed = "and left so"
    if picks[0] % 4:
        closed = await play.attempt(
            "closed",
            lambda: closing.close(principal=APPROVER, month=month, note=note, now=play.now),
        )
    return f"{said}; {compared}; {closed}"


async def _compare(play: Play) -> str:
    """What the worker does by itself in every night."""
    base = str(play.world.sandbox.http.base_url).rstrip("/")
    books = StripeBooks(api_key=KEY, api_base=base, timeout_seconds=5)
    try:
        return f"compared {await nightly.work_off(books=books, now=play.now)} times"
    except OutcomeUnknown:
        return "not compared: the provider does not answer"
    finally:
        await books.close()


def _first_of_next(now: datetime) -> datetime:
    midnight = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (midnight + timedelta(days=32)).replace(day=1)
