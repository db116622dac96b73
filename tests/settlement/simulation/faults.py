"""Steps of time and of things that go wrong, at the provider and on our side."""

import re
from pathlib import Path

from tests.settlement.simulation.play import Play, kill_at
from tests.settlement.simulation.story import Picks

PATHS = (
    "POST /v1/payment_intents", "POST /v1/refunds", "POST /v1/transfers", "POST /v1/payouts",
    "POST /v1/disputes", "GET /v1/",
)  # fmt: skip
LOST = ("timeout_after_work", "error_500_after_work", "error_500_before_work", "conflict_409")
WEBHOOKS = ("webhook_lost", "webhook_doubled", "webhook_late", "webhook_reordered")
PAYOUTS = ("payout_fails", "payout_fails_after_paid", "payout_returned")
_REACHED = re.compile(r'failpoints\.reach\("([a-z_.]+)"\)')
_SOURCES = Path(__file__).resolve().parents[3] / "settlement"
DEATHS = sorted(
    name for path in _SOURCES.rglob("*.py") for name in _REACHED.findall(path.read_text())
)


async def minutes(play: Play, picks: Picks) -> str:
    many = 1 + picks[0] % 90
    await play.pass_time(minutes=many)
    return f"{many} minutes pass"


async def days(play: Play, picks: Picks) -> str:
    """In one jump; the worker wakes at the end of it."""
    many = (1, 1, 2, 3, 5, 9, 20)[picks[0] % 7]
    await play.pass_time(days=many)
    await play.work()
    return f"{many} days pass, and the worker works"


async def work(play: Play, picks: Picks) -> str:
    await play.work()
    return "the worker works"


async def two_workers(play: Play, picks: Picks) -> str:
    await play.work_twice()
    return "two workers work at once"


async def answers_lost(play: Play, picks: Picks) -> str:
    """For good with three strokes, which is how often Stripe's client asks."""
    kind, path = LOST[picks[0] % len(LOST)], PATHS[picks[1] % len(PATHS)]
    strokes = 3 if picks[2] % 3 else 1
    await play.world.sandbox.fault(kind, path=path, count=strokes)
    return f"{kind} at {path}, {strokes} times"


async def webhooks(play: Play, picks: Picks) -> str:
    kind, many = WEBHOOKS[picks[0] % len(WEBHOOKS)], 1 + picks[1] % 6
    await play.world.sandbox.fault(kind, count=many, seconds=60 + picks[2] * 90)
    return f"{kind}, the next {many}"


async def payout_fails(play: Play, picks: Picks) -> str:
    kind = PAYOUTS[picks[0] % len(PAYOUTS)]
    await play.world.sandbox.fault(kind)
    return f"{kind}, the next one"


async def line_late(play: Play, picks: Picks) -> str:
    hours = 1 + picks[0] % 60
    kind = ("charge", "refund")[picks[1] % 2]
    await play.world.sandbox.fault("balance_transaction_late", target=kind, seconds=hours * 3600)
    return f"the provider's line of the next {kind} is {hours} hours late"


async def die(play: Play, picks: Picks) -> str:
    name = DEATHS[picks[0] % len(DEATHS)]
    kill_at(name)
    return f"the worker will die at {name}"
