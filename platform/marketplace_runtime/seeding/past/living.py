"""Live through the demo's past: every step in the order of its time, by the real operations.

What a worker does by the clock and by events happens here under the past's own time. The
marketplace's clock is left alone: operations are handed their `now`, and the sandbox has one of
its own for as long.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parsedate_to_datetime
from pathlib import Path

from marketplace.carriers.simulated import SimulatedCarrier
from marketplace.notifications.links import Links
from marketplace.notifications.sending import Postman
from marketplace.orders import simulating
from marketplace.outbox import draining
from marketplace.outbox.routes import Received, Routes
from marketplace.payments.stripe_gateway import StripeGateway
from marketplace_runtime.embedded.home import open_home
from marketplace_runtime.errors import RuntimeRefusal
from marketplace_runtime.mailbox import keeping
from marketplace_runtime.parcels import simulated
from marketplace_runtime.routes import all_routes
from marketplace_runtime.sandboxing import books_of
from marketplace_runtime.schedule import all_ticks
from marketplace_runtime.seeding import enrolling
from marketplace_runtime.seeding.past import days, people, shelves, stories
from marketplace_runtime.seeding.past.days import Days
from marketplace_runtime.seeding.past.stand_in import StandIn, stand_in
from marketplace_runtime.seeding.past.steps import Steps
from marketplace_runtime.seeding.past.stories import Step, Story
from marketplace_runtime.settings import Settings
from marketplace_runtime.supervising.minting import secrets_of
from marketplace_runtime.ticking import Tick
from settlement.connected.stripe_connect import StripeConnect
from settlement.reconciliation.stripe_books import StripeBooks

LETTERS_OF = timedelta(days=10)
Advance = Callable[[int, int], None]  # steps done, of how many
Agenda = list[tuple[datetime, Step | None, Story | None]]


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Letters lie in the mailbox as if they had been caught when they were written."""

    directory: Path

    async def send(self, message: EmailMessage) -> None:
        keeping.keep(
            self.directory,
            message.as_bytes(policy=SMTP),
            recipients=[str(message["To"])],
            caught_at=parsedate_to_datetime(str(message["Date"])),
        )


@dataclass(frozen=True, slots=True)
class RecentPostman:
    """Nobody reads the letters from before `since`: they are not written."""

    postman: Postman
    since: datetime

    async def __call__(self, event: Received, *, now: datetime) -> None:
        if now >= self.since:
            await self.postman(event, now=now)


@dataclass(frozen=True, slots=True)
class Provider:
    gateway: StripeGateway
    connect: StripeConnect
    books: StripeBooks


@dataclass(frozen=True, slots=True)
class Life:
    """What goes on beside the steps: events reach those who wait for them, the clock its own."""

    stripe: StandIn
    routes: Routes
    ticks: list[Tick]
    carrier: SimulatedCarrier
    days: Days

    async def day(self, now: datetime) -> None:
        self.stripe.clock.now = now
        await self._work_off(now)
        await self.days.office(now)
        await self._work_off(now)

    async def after_step(self, now: datetime) -> None:
        await simulating.drive(carrier=self.carrier, now=now)
        await draining.drain(routes=self.routes, now=now)

    async def _work_off(self, now: datetime) -> None:
        await self.stripe.work_off()
        await simulating.drive(carrier=self.carrier, now=now)
        for tick in self.ticks:
            while await tick.run(now):
                pass
        await draining.drain(routes=self.routes, now=now)


def check_possible(settings: Settings) -> None:
    """Refuses where somebody else plays Stripe, and where the sandbox has lived already."""
    home = open_home(settings.home)
    if settings.stripe_api_key.get_secret_value() != secrets_of(home).stripe_api_key:
        raise RuntimeRefusal(
            "a past can only be seeded beside the embedded Stripe sandbox; "
            "unset SOUK_STRIPE_API_KEY or seed without --history."
        )
    if books_of(home).exists():
        raise RuntimeRefusal(
            "the Stripe sandbox of this home has begun its books already; "
            "`souk up --fresh --demo` starts over with a past."
        )


async def live(settings: Settings, *, now: datetime, advance: Advance) -> int:
    """Six weeks of orders and their money until `now`; how many orders. After `check_possible`.

    The demo marketplace was planted at `stories.begins_at(now)`. What breaks off is not gone on
    with: what was done is whole, and the worker carries on with it.
    """
    begins = stories.begins_at(now)
    key = settings.stripe_api_key.get_secret_value()
    home = open_home(settings.home)
    async with (
        stand_in(
            books_of(home), key=key, public_url=settings.stripe_api_base, now=begins
        ) as stripe,
        _provider(key, stripe.url) as provider,
    ):
        met = await people.meet()
        await enrolling.enroll(
            settings.model_copy(update={"stripe_api_base": stripe.url}), now=begins
        )
        postman = Postman(
            mailer=Mailbox(home.mail),
            sender=settings.mail_from,
            links=Links(base_url=settings.base_url, secret=settings.secret_key.get_secret_value()),
        )
        gateway, connect = provider.gateway, provider.connect
        office = Days(met, stripe, connect, provider.books, begins, now)
        await days.agree(met, paid_on=office.paid_on, now=begins)
        life = Life(
            stripe,
            all_routes(
                postman=RecentPostman(postman, now - LETTERS_OF), gateway=gateway, connect=connect
            ),
            all_ticks(gateway=gateway, connect=connect),
            simulated(settings),
            office,
        )
        there = await shelves.look(stories.CURRENCY)
        steps = Steps(met, there.offers, gateway, stripe, f"{settings.base_url}/")
        told = stories.tell(there.stock, dearest=there.dearest, now=now)
        await _live(life, steps, _agenda(told, office), advance)
        stripe.clock.now = now
        await life.after_step(now)
    return len(told)


def _agenda(told: list[Story], days: Days) -> Agenda:
    """Everything in the order of its time; the office opens before anybody else does anything."""
    agenda: Agenda = [(morning, None, None) for morning in days.mornings()]
    agenda += [(at, step, story) for story in told for at, step in story.steps]
    return sorted(agenda, key=lambda entry: (entry[0], entry[1] is not None, entry[1] or 0))


async def _live(life: Life, steps: Steps, agenda: Agenda, advance: Advance) -> None:
    for number, (now, step, story) in enumerate(agenda, start=1):
        life.stripe.clock.now = now
        if step is None or story is None:
            await life.day(now)
        else:
            await steps.take(step, story, now)
            await life.after_step(now)
        advance(number, len(agenda))


@asynccontextmanager
async def _provider(key: str, base: str) -> AsyncIterator[Provider]:
    gateway = StripeGateway(api_key=key, api_base=base)
    connect = StripeConnect(api_key=key, api_base=base)
    books = StripeBooks(api_key=key, api_base=base)
    try:
        yield Provider(gateway, connect, books)
    finally:
        await gateway.close()
        await connect.close()
        await books.close()
