"""Whatever transfers, reversals and payouts come to, the books agree and nothing is lost."""

import stripe
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.stripe_sandbox.connected import (
    OTHER,
    VENDOR,
    acting_as,
    balance_of,
    enroll,
    fund,
    pay_out,
    transfer,
)
from tests.stripe_sandbox.running import OVER_HTTP, Sandbox

pytestmark = OVER_HTTP

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["transfer", "reverse", "debit", "pay_out", "cancel", "break", "wait"]),
        st.sampled_from([VENDOR, OTHER]),
        st.integers(1, 400_00),
    ),
    min_size=1,
    max_size=14,
)
FAULTS = ("payout_fails", "payout_fails_after_paid", "payout_returned")


async def step(sandbox: Sandbox, kind: str, account: str, amount: int) -> None:
    v1 = sandbox.client.v1
    match kind:
        case "transfer":
            await transfer(sandbox, amount, account)
        case "reverse":
            for sent in (await v1.transfers.list_async({"destination": account})).data[:1]:
                await v1.transfers.reversals.create_async(sent.id, {"amount": amount})
        case "debit":
            await v1.transfers.create_async(
                {"amount": amount, "currency": "eur", "destination": sandbox.config.account},
                acting_as(account),
            )
        case "pay_out":
            await pay_out(sandbox, amount, account)
        case "cancel":
            pending = await v1.payouts.list_async({"status": "pending"}, acting_as(account))
            for payout in pending.data[:1]:
                await v1.payouts.cancel_async(payout.id, None, acting_as(account))
        case "break":
            await sandbox.fault(FAULTS[amount % len(FAULTS)], target=account)
        case _:
            sandbox.clock.advance(days=1)
            await sandbox.do_what_is_due()


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(STEPS)
async def test_whatever_moves_nothing_is_lost(
    sandbox: Sandbox, steps: list[tuple[str, str, int]]
) -> None:
    """R132 and R113"""
    for account in (VENDOR, OTHER):
        await enroll(sandbox, account)
    await fund(sandbox, 500_00)
    for kind, account, amount in steps:
        try:
            await step(sandbox, kind, account, amount)
        except stripe.InvalidRequestError:
            continue  # refused: the books below show that nothing moved

    books = await sandbox.books()
    every = [books["currencies"]["eur"]] + [
        one["currencies"]["eur"] for one in books["connected"].values()
    ]
    assert books["agrees"]
    assert sum(one["balance"] + one["paid_out"] for one in every) == sum(
        one["captured"] - one["fees"] for one in every
    )
    for whose in (VENDOR, OTHER, None):
        assert min(await balance_of(sandbox, whose)) >= 0
