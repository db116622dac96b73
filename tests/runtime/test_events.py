"""`souk events`, as an operator calls it."""

from datetime import timedelta
from pathlib import Path

import pytest

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from marketplace.orders.models import Order
from marketplace.outbox.draining import drain
from marketplace_runtime.routes import ledger_routes
from tests.conftest import Database
from tests.factories import NOON, make_offer, make_paid_order
from tests.runtime.test_checking import ENVIRONMENT
from tests.runtime.test_cli import souk

pytestmark = pytest.mark.anyio


async def booked() -> int:
    async with transaction(SYSTEM, read_only=True):
        return int(await connection().fetchval("SELECT count(*) FROM ledger_transaction"))


async def test_past_events_are_shown_and_told_again_without_being_done_again(
    committed_db: Database, tmp_path: Path
) -> None:
    order_id = await make_paid_order({(await make_offer()).id: 1})
    async with transaction(SYSTEM, read_only=True):
        number = (await Order.get(id=order_id)).number
    await drain(routes=ledger_routes(), now=NOON)
    before = await booked()

    def events(*asked: str) -> tuple[int, str]:
        environment = ENVIRONMENT | {"SOUK_DATABASE_URL": committed_db.url}
        done = souk("events", *asked, home=tmp_path, **environment)
        return done.returncode, done.stdout + done.stderr

    _, shown = events(f"--order={number}")
    of_capture = next(line for line in shown.splitlines() if "payment.captured" in line)
    again = ("--replay", "--consumer=ledger", f"--order={number}")
    one = events(*again, f"--seq={of_capture.split()[0]}")
    handled = await drain(routes=ledger_routes(), now=NOON + timedelta(days=9999))
    nobody = events("--replay", "--consumer=nobody", f"--order={number}")
    alone = events("--replay", "--consumer=ledger", "--since=2026-01-01T00:00:00", "--seq=1")

    assert [int(line.split()[0]) for line in shown.splitlines()] == list(
        range(1, len(shown.splitlines()) + 1)
    )
    assert "heard by: ledger" in of_capture
    assert one == (0, "1 event is on the way to ledger once more.\n")
    assert handled == 1
    assert 0 < before == await booked()
    assert (nobody[0], "nothing is told to nobody" in nobody[1]) == (1, True)
    assert (alone[0], "numbered in their order" in alone[1]) == (1, True)
