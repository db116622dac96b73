"""`souk payouts` drafts, approves and pays a day's batch, and says what became of it."""

import asyncio
import os
import sys

import pytest

from marketplace.accounts import members
from marketplace.accounts.members import Person
from marketplace.kit.principal import SYSTEM, StaffRole
from settlement.terms.models import Schedule
from tests.conftest import Database
from tests.paying.killing import ROOT
from tests.paying.world import Paying
from tests.payments.world import OVER_HTTP, address
from tests.payouts.terms import agree
from tests.stripe_sandbox.running import KEY

pytestmark = OVER_HTTP

PIA = "pia@souk.test"


@pytest.fixture
def environment(shop: Paying, committed_db: Database) -> dict[str, str]:
    return os.environ | {
        "PYTHONPATH": os.pathsep.join(["platform", "."]),
        "COLUMNS": "120",
        "SOUK_DATABASE_URL": committed_db.url,
        "SOUK_REDIS_URL": "redis://localhost:6379/0",
        "SOUK_SECRET_KEY": "x" * 32,
        "SOUK_STRIPE_API_KEY": KEY,
        "SOUK_STRIPE_API_BASE": address(shop.world.sandbox),
        "SOUK_STRIPE_WEBHOOK_SECRET": "whsec_1",
        "SOUK_SMTP_URL": "smtp://localhost:25",
    }


async def souk(environment: dict[str, str], *arguments: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "marketplace_runtime", "payouts", *arguments, cwd=ROOT,
        env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


async def test_a_batch_waits_for_its_approver_and_is_paid(
    shop: Paying, environment: dict[str, str]
) -> None:
    vendor = await shop.vendor()
    await shop.earn([vendor])
    await members.create_staff(
        person=Person(PIA, "Pia Renner", "a long enough password"),
        roles=[StaffRole.APPROVER],
        principal=SYSTEM,
        now=shop.world.now,
    )

    drafted = await souk(environment, "run")
    await agree(None, at=shop.world.now, schedule=Schedule.ON_DEMAND, schedule_days=[])
    nobody_due = await souk(environment, "run", "--day", "2026-01-05")
    unknown = await souk(environment, "run", "--approve", "nobody@souk.test")
    paid = await souk(environment, "run", "--approve", PIA)
    listed = await souk(environment, "list")
    shown = await souk(environment, "show", "1")
    missing = await souk(environment, "show", "2")

    assert drafted[0] == 0
    assert nobody_due[1].splitlines()[-2:] == [
        "Nobody due has money or news: there is nothing to pay.",
        f"batch 1 of {shop.world.now.date()} waits to be approved: `souk payouts show 1`",
    ]
    assert "waits for 1 more" in drafted[1]
    assert "--approve EMAIL" in drafted[1]
    assert unknown[0] == 1
    assert "There is no such member of staff. Name the e-mail address" in unknown[1]
    assert "1 sent" in paid[1]
    assert "approved" in listed[1]
    assert "Kiln & Co" in shown[1]
    assert missing[0] == 1
    assert "There is no batch 2" in missing[1]
    assert len(await shop.sent_to_bank(vendor)) == 1
    await shop.agree([vendor])


async def test_what_is_the_marketplaces_own_is_paid_once(
    shop: Paying, environment: dict[str, str]
) -> None:
    await shop.earn([await shop.vendor()])

    first = await souk(environment, "platform")
    again = await souk(environment, "platform")

    found = await shop.world.sandbox.client.v1.payouts.list_async({})
    [drawn] = found.data
    assert first == (0, f"{drawn.amount / 100:.2f} EUR is asked for.\n")
    assert again == (0, "Nothing at the provider is ours alone and available.\n")


async def test_a_day_that_is_none_is_refused(environment: dict[str, str]) -> None:
    status, said = await souk(environment, "run", "--day", "tomorrow")

    assert status == 1
    assert "accepted is one like 2026-03-31" in said
