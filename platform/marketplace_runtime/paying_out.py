"""What `souk payouts` does: draft, approve, pay with progress, and print what became of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from uuid import UUID, uuid4

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from marketplace.accounts import members
from marketplace.kit import clock
from marketplace.kit.errors import DomainError
from marketplace.kit.principal import SYSTEM
from marketplace.payments.gateway import ProviderError
from marketplace_runtime.advice import refusal_of
from marketplace_runtime.errors import RuntimeRefusal
from marketplace_runtime.orm import connected
from marketplace_runtime.settings import Settings
from settlement.connected.stripe_connect import StripeConnect
from settlement.payouts import approving, cycles, drafting, drawing, paying, queries
from settlement.payouts.models import BatchState, PayoutState
from settlement.payouts.queries import WholeBatch


async def run(
    settings: Settings, *, day: date | None, approver: str | None, screen: Console
) -> None:
    """Draft, approve and pay a day's batch, or go on with it."""
    async with connected(settings.database_url, pool_size=settings.pool_size):
        now = await clock.now()
        try:
            batch_id = await drafting.draft_cycle(
                day=day or cycles.day_of(now),
                principal=SYSTEM,
                now=now,
                tell=lambda done, of: screen.print(f"looked at {done} of {of} accounts"),
            )
            if batch_id is None:
                screen.print("Nobody due has money or news: there is nothing to pay.")
                await _print_waiting(screen)
                return
            batch = await _approved(batch_id, approver)
        except DomainError as refused:
            raise refusal_of(refused) from refused
        if batch.batch.state is BatchState.APPROVED:
            await _pay(settings, batch, screen)
        _print_batch(await queries.batch(principal=SYSTEM, batch_id=batch_id), screen)


async def draw_own(settings: Settings, *, screen: Console) -> None:
    """Pay all that is the marketplace's own, in each currency, to its bank."""
    async with connected(settings.database_url), _gateway(settings) as gateway:
        try:
            found = await drawing.drawable(principal=SYSTEM, gateway=gateway)
            for amount in found:
                await drawing.draw(
                    principal=SYSTEM, amount=amount, key=str(uuid4()), gateway=gateway,
                    now=await clock.now(),
                )  # fmt: skip
                screen.print(f"{amount} is asked for.")
        except ProviderError as error:
            raise RuntimeRefusal(f"The payment provider: {error}") from error
        except DomainError as refused:
            raise refusal_of(refused) from refused
    if not found:
        screen.print("Nothing at the provider is ours alone and available.")


async def show_batches(database_url: str, *, screen: Console) -> None:
    """The newest fifty batches, a line for each."""
    async with connected(database_url):
        batches = await queries.batches(principal=SYSTEM)
    table = Table("batch", "cycle", "state", "payouts", "paid", "failed", "total", box=None)
    for batch in batches:
        table.add_row(
            str(batch.number),
            batch.cycle,
            batch.state,
            str(sum(total.payouts for total in batch.totals)),
            str(sum(total.paid for total in batch.totals)),
            str(sum(total.failed for total in batch.totals)),
            ", ".join(str(total.amount) for total in batch.totals) or "nothing",
        )
    screen.print(table if batches else "There is no batch yet: `souk payouts run` drafts one.")


async def show_batch(database_url: str, number: int, *, screen: Console) -> None:
    """A batch by its number, with its payouts and those who were skipped."""
    async with connected(database_url):
        found = await queries.batches(principal=SYSTEM, before=number + 1, limit=1)
        if not found or found[0].number != number:
            raise RuntimeRefusal(f"There is no batch {number}; `souk payouts list` says which are.")
        batch = await queries.batch(principal=SYSTEM, batch_id=found[0].id)
        _print_batch(batch, screen)
        await _print_payouts(batch, screen)


async def _approved(batch_id: UUID, approver: str | None) -> WholeBatch:
    """The batch, with one more yes if somebody is named who may give it."""
    batch = await queries.batch(principal=SYSTEM, batch_id=batch_id)
    if approver is None or batch.batch.state is not BatchState.DRAFT:
        return batch
    await approving.approve(
        principal=await members.staff_member(email=approver),
        batch_id=batch_id,
        expected_totals=batch.expected_totals,
        now=await clock.now(),
    )
    return await queries.batch(principal=SYSTEM, batch_id=batch_id)


@asynccontextmanager
async def _gateway(settings: Settings) -> AsyncIterator[StripeConnect]:
    gateway = StripeConnect(
        api_key=settings.stripe_api_key.get_secret_value(), api_base=settings.stripe_api_base
    )
    try:
        yield gateway
    finally:
        await gateway.close()


async def _pay(settings: Settings, batch: WholeBatch, screen: Console) -> None:
    async with _gateway(settings) as gateway:
        with Progress(
            TextColumn("paying"), BarColumn(), MofNCompleteColumn(), console=screen
        ) as progress:
            task = progress.add_task("paying", total=sum(one.payouts for one in batch.batch.totals))

            def tell(_: UUID, state: PayoutState) -> None:
                progress.advance(task)

            ended = await paying.pay_batch(
                batch_id=batch.batch.id, gateway=gateway, now=await clock.now(), tell=tell
            )
    screen.print(", ".join(f"{count} {state}" for state, count in ended.items()) or "all done")


async def _print_waiting(screen: Console) -> None:
    """Batches of other days that somebody has yet to approve."""
    for batch in await queries.batches(principal=SYSTEM, state=BatchState.DRAFT):
        screen.print(
            f"batch {batch.number} of {batch.cycle} waits to be approved: `souk payouts show"
            f" {batch.number}`"
        )


def _print_batch(batch: WholeBatch, screen: Console) -> None:
    head, totals = batch.batch, batch.batch.totals
    amounts = ", ".join(f"{total.payouts} payouts of {total.amount}" for total in totals)
    screen.print(
        f"batch {head.number} of {head.cycle}: {head.state}, {amounts or 'no payouts'}, "
        f"{len(batch.skipped)} skipped"
    )
    if head.state is BatchState.DRAFT:
        missing = max(batch.needed - len(batch.approvals), 0)
        screen.print(
            f"It waits for {missing} more to approve it: at the back office, or by"
            " `souk payouts run --approve EMAIL`."
        )


async def _print_payouts(batch: WholeBatch, screen: Console) -> None:
    table = Table("vendor", "amount", "state", "arrives", "why", box=None)
    after: UUID | None = None
    while page := await queries.payouts_of_batch(
        principal=SYSTEM, batch_id=batch.batch.id, after=after, limit=queries.MAX_PAGE
    ):
        for payout in page:
            arrives = "" if payout.arrival_date is None else payout.arrival_date.isoformat()
            why = payout.failure_message or ""
            table.add_row(payout.vendor_name, str(payout.amount), payout.state, arrives, why)
        after = page[-1].id
    for skipped in batch.skipped:
        table.add_row(skipped.vendor_name, str(skipped.available), "skipped", "", skipped.detail)
    screen.print(table)
