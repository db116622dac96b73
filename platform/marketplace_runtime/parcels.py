"""The carriers of this marketplace, and what is due by the clock for its parcels."""

from collections.abc import Sequence
from datetime import datetime

from marketplace.carriers.protocol import Carrier
from marketplace.carriers.simulated import SimulatedCarrier
from marketplace.orders import closing, collecting, delivering, simulating
from marketplace_runtime.settings import Settings
from marketplace_runtime.ticking import Tick


def carriers(settings: Settings) -> Sequence[Carrier]:
    """Those that make labels and tell news: in production none is simulated."""
    if not settings.is_development:
        return ()
    return (simulated(settings),)


def simulated(settings: Settings) -> SimulatedCarrier:
    return SimulatedCarrier(secret=settings.secret_key.get_secret_value())


def ticks(settings: Settings) -> list[Tick]:
    """Silence, days that passed, and, outside of production, a carrier that drives its vans."""
    if not settings.is_development:
        return daily_ticks()
    carrier = simulated(settings)

    async def vans(now: datetime) -> int:
        return await simulating.drive(carrier=carrier, now=now)

    return [*daily_ticks(), Tick("simulated carrier", every_seconds=5, run=vans)]


def daily_ticks() -> list[Tick]:
    async def silent(now: datetime) -> int:
        return await delivering.deliver_silent(now=now)

    async def uncollected(now: datetime) -> int:
        return await collecting.give_up_due(now=now)

    async def over(now: datetime) -> int:
        return await closing.close_due(now=now)

    return [
        Tick("silent parcels", every_seconds=60, run=silent),
        Tick("parcels nobody collected", every_seconds=60, run=uncollected),
        Tick("returns that are over", every_seconds=60, run=over),
    ]
