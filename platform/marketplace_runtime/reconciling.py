"""`souk reconcile`: pull, import, compare; figures for people or JSON for programs."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

from rich.console import Console
from rich.table import Table

from marketplace.kit import clock
from marketplace.kit.errors import DomainError
from marketplace.kit.principal import SYSTEM
from marketplace.payments.gateway import OutcomeUnknown
from marketplace_runtime.advice import refusal_of
from marketplace_runtime.errors import RuntimeRefusal
from marketplace_runtime.orm import connected
from marketplace_runtime.settings import Settings
from settlement.bank_files.csv_map import CsvMap
from settlement.reconciliation import (
    bank_accounts,
    break_queries,
    importing,
    pulling,
    queries,
    rules,
    running,
)
from settlement.reconciliation.break_queries import BreakFilter, BreakView
from settlement.reconciliation.queries import ProofView, RunView
from settlement.reconciliation.run_models import Severity
from settlement.reconciliation.running import Tell
from settlement.reconciliation.stripe_books import StripeBooks

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the command line asks for; a bank file needs the account it is about."""

    pulls: bool = True
    bank_file: Path | None = None
    account: str | None = None
    csv_map: Path | None = None
    until: date | None = None
    rerun: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    run: RunView
    breaks: list[BreakView]
    proofs: list[ProofView]
    banks: dict[str, str]  # the codes of our bank accounts, by id

    @property
    def is_urgent(self) -> bool:
        return any(one.severity is Severity.HIGH for one in self.breaks)

    def as_json(self) -> str:
        return json.dumps(asdict(self), default=str, indent=2)


async def reconcile(settings: Settings, asked: Asked, say: Say) -> Outcome:
    """Pull and import what is asked for, then run. Refuses in one sentence."""
    try:
        async with connected(settings.database_url, pool_size=4):
            now = await clock.now()
            until = asked.until or now.astimezone(UTC).date()
            running.check(SYSTEM, until, now)
            if asked.bank_file is not None:
                await _import(asked, now, say)
            if asked.pulls:
                await _pull(settings, now, say)
            run_id = await running.run(
                principal=SYSTEM,
                until=until,
                now=now,
                tell=_telling(say),
            )
            return await _outcome(run_id, now)
    except DomainError as refusal:
        raise refusal_of(refusal) from refusal
    except OutcomeUnknown as unknown:
        raise RuntimeRefusal(f"The payment provider does not answer: {unknown}") from unknown


def _telling(say: Say) -> Tell:
    async def tell(step: str, count: int) -> None:
        say(f"{step}: {count}")

    return tell


async def rerun(settings: Settings, run_id: UUID) -> bool:
    """Do a run again from what it kept; whether the same came out."""
    try:
        async with connected(settings.database_url, pool_size=2):
            return (await running.rerun(principal=SYSTEM, run_id=run_id)).is_same
    except DomainError as refusal:
        raise refusal_of(refusal) from refusal


async def _import(asked: Asked, now: datetime, say: Say) -> None:
    assert asked.bank_file is not None
    if asked.account is None:
        known = [one.code for one in await queries.bank_accounts(principal=SYSTEM)]
        if not known:
            raise RuntimeRefusal(
                "Open the bank account first, at the back office: Finance, Reconciliation, Bank."
            )
        raise RuntimeRefusal(f"Say whose file it is: --account {' or '.join(known)}.")
    account_id = await bank_accounts.find(principal=SYSTEM, code=asked.account)
    try:
        data = asked.bank_file.read_bytes()
        written = asked.csv_map.read_text() if asked.csv_map else None
    except OSError as away:
        raise RuntimeRefusal(f"{away.filename}: {away.strerror}") from away
    if written is not None:
        csv_map = CsvMap.from_json(written)
        await bank_accounts.save_csv_map(
            principal=SYSTEM, bank_account_id=account_id, csv_map=csv_map
        )
    done = await importing.import_bank_file(
        principal=SYSTEM,
        bank_account_id=account_id,
        data=data,
        filename=asked.bank_file.name,
        now=now,
    )
    new = f"{done.new_lines} new" if done.is_new else "imported before, nothing to do"
    say(f"{asked.bank_file.name}: {done.lines} bookings, {new}")


async def _pull(settings: Settings, now: datetime, say: Say) -> None:
    books = StripeBooks(
        api_key=settings.stripe_api_key.get_secret_value(), api_base=settings.stripe_api_base
    )
    try:
        await pulling.pull(
            gateway=books, now=now, tell=lambda account, count: say(f"{account}: {count} new lines")
        )
    finally:
        await books.close()


async def _outcome(run_id: UUID, now: datetime) -> Outcome:
    found = next(run for run in await queries.runs(principal=SYSTEM) if run.id == run_id)
    return Outcome(
        run=found,
        breaks=await break_queries.breaks(
            principal=SYSTEM, wanted=BreakFilter(is_live=True), now=now, most=500
        ),
        proofs=await queries.proofs(principal=SYSTEM, day=found.until),
        banks={str(one.id): one.code for one in await queries.bank_accounts(principal=SYSTEM)},
    )


def show(outcome: Outcome, screen: Console) -> None:
    """The open breaks, and the accounts that are not proven."""
    figures = outcome.run.metrics
    if outcome.breaks:
        table = Table("code", "what", "account", "amount", "days", "state")
        for one in outcome.breaks:
            whose = one.vendor_name or outcome.banks.get(one.account, one.account)
            cells = (one.code, rules.NAMES[one.code], whose, str(one.amount))
            table.add_row(*cells, str(one.age_days), one.state)
        screen.print(table)
        screen.print("They wait at the back office: Finance, Reconciliation.")
    for proof in outcome.proofs:
        if not proof.is_proven:
            screen.print(f"not proven: {proof.name} {proof.code}, off by {proof.difference}")
    screen.print(
        f"Run {outcome.run.number} until {outcome.run.until}: {figures['matched']} of"
        f" {figures['lines']} lines matched, {len(outcome.breaks)} breaks,"
        f" {figures['proven']} of {figures['accounts']} accounts proven."
    )
