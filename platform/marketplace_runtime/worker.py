"""The worker: jobs from the queues, the relay that fills them, and what is due by the clock.

One process. PostgreSQL and Valkey may die and come back: each part logs it and carries on, arq,
which ends with its connection, is begun anew. SIGTERM ends it within seconds; a job that is cut
short is undone and handled again by the next worker.
"""

import asyncio
import contextlib
import signal
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import uvloop
from arq.worker import Worker, func

from marketplace.checkout import resuming
from marketplace.inventory import alerting
from marketplace.notifications.links import Links
from marketplace.notifications.mailer import SmtpMailer
from marketplace.notifications.sending import Postman
from marketplace.orders import answering as substitutes
from marketplace.orders import deadlines
from marketplace.outbox import claiming
from marketplace.outbox.routes import Queue, Routes
from marketplace.payments import polling
from marketplace.payments.gateway import PaymentGateway
from marketplace.payments.stripe_gateway import StripeGateway
from marketplace.routing import simulating
from marketplace_runtime import parcels, queueing
from marketplace_runtime.healing import keep_going
from marketplace_runtime.jobs import DELIVER, Jobs
from marketplace_runtime.orm import connected
from marketplace_runtime.relay import Relay
from marketplace_runtime.routes import all_routes
from marketplace_runtime.settings import Settings
from marketplace_runtime.ticking import Tick
from settlement import recovering
from settlement.connected import resuming as opening_due
from settlement.connected.gateway import ConnectGateway
from settlement.connected.stripe_connect import StripeConnect
from settlement.disputes import answering
from settlement.disputes import deciding as disputes
from settlement.payouts import daily, drawing, finalising, paying
from settlement.reconciliation import nightly, requested
from settlement.reconciliation.provider_books import ProviderBooks
from settlement.reconciliation.stripe_books import StripeBooks

JOBS_AT_ONCE = 10
MONEY_JOBS_AT_ONCE = 4
POLL_SECONDS = 0.05
HEALTH_SECONDS = 10
BREATH_SECONDS = 0.15  # placement goes on while thousands of deadlines are worked off
FINISH_WITHIN_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long things may take before they count as lost.

    Ten seconds after `job_seconds` arq hands a dead worker's job to another one; what Valkey
    forgot the relay hands out again after `in_flight`.
    """

    job_seconds: int = 30
    in_flight: timedelta = claiming.IN_FLIGHT


def run_worker(settings: Settings) -> None:
    """The worker of this process, until SIGTERM or SIGINT."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(settings))


async def _run(settings: Settings) -> None:
    api_key, api_base = settings.stripe_api_key.get_secret_value(), settings.stripe_api_base
    gateway = StripeGateway(api_key=api_key, api_base=api_base)
    connect = StripeConnect(api_key=api_key, api_base=api_base)
    books = StripeBooks(api_key=api_key, api_base=api_base)
    links = Links(base_url=settings.base_url, secret=settings.secret_key.get_secret_value())
    postman = Postman(
        mailer=SmtpMailer.at(settings.smtp_url), sender=settings.mail_from, links=links
    )
    try:
        await work(
            database_url=settings.database_url,
            redis_url=settings.redis_url,
            routes=all_routes(
                postman=postman,
                gateway=gateway,
                connect=connect,
                carriers=parcels.carriers(settings),
            ),
            ticks=[
                *all_ticks(gateway=gateway, connect=connect),
                *parcels.ticks(settings),
                *reconciliation_ticks(books=books),
            ],
            pool_size=settings.pool_size,
        )
    finally:
        await gateway.close()
        await connect.close()
        await books.close()


def all_ticks(*, gateway: PaymentGateway, connect: ConnectGateway) -> list[Tick]:
    """What is due by the clock: deadlines, calls left open, and vendors' money."""

    async def deadlines_due(now: datetime) -> int:
        return await deadlines.work_off(now=now)

    async def calls_due(now: datetime) -> int:
        return await resuming.resume_due(gateway=gateway, now=now)

    async def settlement_due(now: datetime) -> int:
        return await daily.work_off(now=now)

    async def stock_low(now: datetime) -> int:
        return await alerting.look(now=now)

    async def answers_due(now: datetime) -> int:
        return await substitutes.expire_due(now=now)

    async def simulations_due(now: datetime) -> int:
        return await simulating.work_off(now=now)

    return [
        Tick("deadlines", every_seconds=1, run=deadlines_due, breath_seconds=BREATH_SECONDS),
        Tick("answers about substitutes", every_seconds=30, run=answers_due),
        Tick("low stock", every_seconds=30, run=stock_low),
        Tick("provider calls", every_seconds=2, run=calls_due),
        Tick("settlement", every_seconds=30, run=settlement_due),
        Tick("routing simulations", every_seconds=2, run=simulations_due),
        *money_ticks(connect=connect),
    ]


def money_ticks(*, connect: ConnectGateway) -> list[Tick]:
    """What vendors' money waits for: lost jobs, retries, open calls, days that passed."""

    async def accounts_due(now: datetime) -> int:
        return await opening_due.resume_due(gateway=connect, now=now)

    async def payouts_due(now: datetime) -> int:
        return await paying.carry_on_due(gateway=connect, now=now)

    async def own_money_due(now: datetime) -> int:
        return await drawing.carry_on_due(gateway=connect, now=now)

    async def disputes_due(now: datetime) -> int:
        answered = await answering.carry_on_due(gateway=connect, now=now)
        return answered + await disputes.catch_up(now=now)

    async def final_by_now(now: datetime) -> int:
        return await finalising.finalise_due(now=now)

    async def events_missed(now: datetime) -> int:
        return await polling.poll_events(gateway=connect, now=now)

    async def debts_due(now: datetime) -> int:
        return await recovering.recover_due(now=now)

    return [
        Tick("vendors' accounts", every_seconds=5, run=accounts_due),
        Tick("payouts", every_seconds=2, run=payouts_due),
        Tick("our own payouts", every_seconds=30, run=own_money_due),
        Tick("disputes", every_seconds=5, run=disputes_due),
        Tick("debts", every_seconds=60, run=debts_due),
        Tick("final payouts", every_seconds=60, run=final_by_now),
        Tick("missed events", every_seconds=60, run=events_missed),
    ]


def reconciliation_ticks(*, books: ProviderBooks) -> list[Tick]:
    """Once a day is over, its books are compared; and whenever somebody asks for it."""

    async def day_over(now: datetime) -> int:
        return await nightly.work_off(books=books, now=now)

    async def asked_for(now: datetime) -> int:
        return await requested.work_off(now=now)

    return [
        Tick("reconciliation", every_seconds=60, run=day_over),
        Tick("comparisons asked for", every_seconds=2, run=asked_for),
    ]


async def work(
    *,
    database_url: str,
    redis_url: str,
    routes: Routes,
    ticks: Sequence[Tick],
    pool_size: int = JOBS_AT_ONCE + 4,
    pace: Pace | None = None,
) -> None:
    """Work until SIGTERM or SIGINT."""
    pace = pace or Pace()
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    relay = Relay(routes, redis_url, pace.in_flight)
    orders = Consumer(routes, redis_url, pace.job_seconds)
    money = Consumer(routes, redis_url, pace.job_seconds, Queue.MONEY, MONEY_JOBS_AT_ONCE)
    async with connected(database_url, pool_size=pool_size), asyncio.TaskGroup() as tasks:
        tasks.create_task(keep_going("jobs", orders.step, stopping))
        tasks.create_task(keep_going("jobs of money", money.step, stopping))
        tasks.create_task(keep_going("relay", relay.step, stopping))
        for tick in ticks:
            tasks.create_task(keep_going(tick.name, tick.step, stopping))
        await stopping.wait()
        await asyncio.gather(orders.stop(), money.stop())
    with contextlib.suppress(Exception):
        await relay.close()


@dataclass(slots=True)
class Consumer:
    """arq, on one queue, for as long as Valkey is there."""

    routes: Routes
    redis_url: str
    job_seconds: int
    queue: Queue = Queue.ORDERS
    jobs_at_once: int = JOBS_AT_ONCE
    _worker: Worker | None = field(default=None, init=False)
    _is_stopping: bool = field(default=False, init=False)

    async def step(self) -> float:
        """Run until the connection breaks or `stop` is called."""
        redis = await queueing.connect(self.redis_url)
        if self._is_stopping:
            await redis.aclose(close_connection_pool=True)
            return 0.0
        self._worker = Worker(
            functions=[func(Jobs(self.routes).deliver, name=DELIVER)],
            redis_pool=redis,
            queue_name=queueing.NAMES[self.queue],
            health_check_key=queueing.HEALTH_KEYS[self.queue],
            health_check_interval=HEALTH_SECONDS,
            handle_signals=False,
            max_jobs=self.jobs_at_once,
            job_timeout=self.job_seconds,
            poll_delay=POLL_SECONDS,
            keep_result=0,  # a kept result would keep the next attempt out
            job_serializer=queueing.write,
            job_deserializer=queueing.read,
            log_results=False,
        )
        try:
            await self._worker.async_run()
        except asyncio.CancelledError:
            # `stop` cancels arq's own task, which looks like our being cancelled.
            if (task := asyncio.current_task()) is not None and task.cancelling():
                raise
        finally:
            await self._end(self._worker)
        return 0.0

    async def stop(self) -> None:
        """Take no more jobs, let those under way finish, cancel what takes too long."""
        self._is_stopping = True
        if self._worker is None:
            return
        self._worker.allow_pick_jobs = False
        if self._worker.tasks:
            await asyncio.wait(self._worker.tasks.values(), timeout=FINISH_WITHIN_SECONDS)
        if self._worker.main_task is not None:
            self._worker.main_task.cancel()

    async def _end(self, worker: Worker) -> None:
        """arq's own close waits for its connection; ours does not need it."""
        for task in worker.tasks.values():
            task.cancel()
        await asyncio.gather(*worker.tasks.values(), return_exceptions=True)
        with contextlib.suppress(Exception):
            await worker.pool.aclose(close_connection_pool=True)
