"""A month closes on books that the other side has stated to the end of its last day."""

from datetime import UTC, date, datetime, timedelta

import pytest

from marketplace.kit.transactions import connection
from settlement import chart
from settlement.adjustments import proofs
from settlement.connected.models import AccountState, ConnectedAccount
from tests.payouts.money import make_vendor
from tests.settlement.months import APRIL, LAST_DAY, MARCH, post
from tests.settlement.proven import bank_account, prove, statement

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]


async def test_the_bank_has_a_statement_that_closes_on_the_day_or_later() -> None:
    await post()
    account_id = await bank_account(since=MARCH)
    await statement(account_id, opens=MARCH, closes=LAST_DAY - timedelta(days=1))
    await prove(LAST_DAY)

    [told] = await proofs.against(LAST_DAY)

    assert told == (
        "no bank statement that closes on 31 March or later for Main account:"
        " import one, then reconcile 31 March again"
    )
    await statement(account_id, opens=LAST_DAY, closes=LAST_DAY)
    await prove(LAST_DAY)
    assert await proofs.against(LAST_DAY) == []


async def test_a_bank_account_that_came_later_stands_against_nothing() -> None:
    await post()
    await bank_account(since=date(2026, 4, 1))
    await prove(LAST_DAY)

    assert await proofs.against(LAST_DAY) == []


async def test_each_balance_was_said_by_who_holds_it() -> None:
    await post()
    await prove(LAST_DAY, unstated="1010")

    [told] = await proofs.against(LAST_DAY)

    assert told == (
        "nobody has said what 1010 USD held on 31 March:"
        " read the balance or import the statement, then reconcile 31 March again"
    )


async def test_an_account_that_was_disconnected_is_shown_to_nobody_and_exempt() -> None:
    theirs = await make_vendor()
    await post(chart.vendor_connected(theirs.id))
    await prove(LAST_DAY, unstated=chart.VENDOR_CONNECTED_CODE)
    [told] = await proofs.against(LAST_DAY)
    assert told.startswith("nobody has said what 1140 Kiln USD held on 31 March")

    await ConnectedAccount.filter(vendor_id=theirs.id).update(state=AccountState.DISCONNECTED)

    assert await proofs.against(LAST_DAY) == []
    await prove(LAST_DAY, holds=False, unstated=chart.VENDOR_CONNECTED_CODE)
    [told] = await proofs.against(LAST_DAY)
    assert "1140 Kiln USD" in told  # what is known of it adds up all the same


async def test_what_came_in_behind_the_proof_is_proven_again() -> None:
    await post()
    account_id = await bank_account(since=MARCH)
    await statement(account_id, opens=MARCH, closes=LAST_DAY)
    await prove(LAST_DAY)
    await statement(account_id, opens=LAST_DAY, closes=LAST_DAY)
    await _line("txn_of_march", datetime(2026, 3, 31, 22, tzinfo=UTC))
    await _line("txn_of_april", datetime(2026, 4, 1, 0, tzinfo=UTC))

    [told] = await proofs.against(LAST_DAY)

    assert told == (
        "behind the proof of 31 March came in bank files: 1, lines of the provider: 1;"
        " reconcile 31 March again"
    )


async def _line(name: str, at: datetime) -> None:
    """One of the provider's, read in April."""
    await connection().execute(
        "INSERT INTO provider_transaction (id, account, type, category, amount_minor, fee_minor,"
        " net_minor, currency, metadata, available_at, created_at, pulled_at)"
        " VALUES ($1, 'platform', 'charge', 'charge', 1, 0, 1, 'USD', '{}', $2, $2, $3)",
        name, at, APRIL,
    )  # fmt: skip
