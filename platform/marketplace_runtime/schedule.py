"""What the worker does by the clock: deadlines, calls left open, vendors' money, the books."""

from datetime import datetime

from marketplace.checkout import resuming
from marketplace.inventory import alerting
from marketplace.orders import answering as substitutes
from marketplace.orders import deadlines
from marketplace.outbox import months
from marketplace.payments import polling
from marketplace.payments.gateway import PaymentGateway
from marketplace.routing import simulating
from marketplace.scorecards import daily as standings
from marketplace_runtime.ticking import Tick
from settlement import recovering
from settlement.connected import resuming as opening_due
from settlement.connected.gateway import ConnectGateway
from settlement.disputes import answering
from settlement.disputes import deciding as disputes
from settlement.payouts import daily, drawing, finalising, paying
from settlement.reconciliation import nightly, requested
from settlement.reconciliation.provider_books import ProviderBooks

BREATH_SECONDS = 0.15  # placement goes on while thousands of deadlines are worked off


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

    async def figures_due(now: datetime) -> int:
        return await standings.work_off(now=now)

    async def simulations_due(now: datetime) -> int:
        return await simulating.work_off(now=now)

    async def months_ahead(now: datetime) -> int:
        return await months.make_ahead(now=now)

    return [
        Tick("deadlines", every_seconds=1, run=deadlines_due, breath_seconds=BREATH_SECONDS),
        Tick("answers about substitutes", every_seconds=30, run=answers_due),
        Tick("low stock", every_seconds=30, run=stock_low),
        Tick("provider calls", every_seconds=2, run=calls_due),
        Tick("settlement", every_seconds=30, run=settlement_due),
        Tick("vendors' figures", every_seconds=60, run=figures_due, breath_seconds=BREATH_SECONDS),
        Tick("routing simulations", every_seconds=2, run=simulations_due),
        Tick("months ahead", every_seconds=60, run=months_ahead),
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
