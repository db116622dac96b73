"""A dispute, its evidence, and the money it moved."""

import stripe

from tests.stripe_sandbox.running import Sandbox


async def disputed(sandbox: Sandbox, card: str = "pm_card_createDispute") -> stripe.Dispute:
    """The dispute that the test card's holder opens."""
    paid = await sandbox.pay(100_00, card, expand=[])
    await sandbox.do_what_is_due()
    found = await sandbox.client.v1.disputes.list_async({"payment_intent": paid.id})
    return found.data[0]


async def answered(sandbox: Sandbox, dispute: stripe.Dispute, text: str) -> stripe.Dispute:
    """Evidence handed in, and what the bank made of it."""
    disputes = sandbox.client.v1.disputes
    await disputes.update_async(dispute.id, {"evidence": {"uncategorized_text": text}})
    sandbox.clock.advance(seconds=60)
    await sandbox.do_what_is_due()
    return await disputes.retrieve_async(dispute.id)


def moved(dispute: stripe.Dispute) -> list[tuple[int, int, int, str, str]]:
    return [
        (one.amount, one.fee, one.net, one.type, one.reporting_category)
        for one in dispute.balance_transactions
    ]


WITHDRAWN = (-100_00, 15_00, -115_00, "adjustment", "dispute")
REINSTATED = (100_00, 0, 100_00, "adjustment", "dispute_reversal")
