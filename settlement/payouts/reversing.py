"""The call that brings a payout's transfer back, or a part of it: planned, taken, asked for."""

from datetime import datetime

from marketplace.kit.transactions import connection
from marketplace.payments import operations
from marketplace.payments.gateway import OutcomeUnknown, ProviderRefused
from marketplace.payments.operation import Operation, OperationKind
from settlement.connected.gateway import ConnectGateway, ReversalSnapshot
from settlement.payouts import moving, sending
from settlement.payouts.models import Payout, PayoutState

_GENERATION = """
    SELECT count(*) + 1 FROM provider_operation
    WHERE kind = 'transfer_reversal' AND subject_id = $1 AND state IN ('failed', 'succeeded')
"""


async def plan_if_free(payout: Payout, *, now: datetime) -> str | None:
    """Plan the reversal unless a payout to the bank may still be under way; its key."""
    if not await is_free(payout):
        return None
    generation = await generation_of(payout)
    key = key_of(payout, generation)
    await operations.plan(
        kind=OperationKind.TRANSFER_REVERSAL,
        subject_id=payout.id,
        key=key,
        params={
            "amount": asked_back(payout),
            "metadata": {
                "payout_id": str(payout.id),
                "souk": named(payout, generation),
                "transfer": payout.transfer_id,
            },
        },
        now=now,
    )
    return key


async def take(payout: Payout, *, now: datetime) -> Operation | None:
    """The reversal of a locked payout, ours to ask for; of one that was found only what has been
    asked for already, to hear what became of it."""
    if payout.found_payout_id is None:
        key = await plan_if_free(payout, now=now)
    else:
        key = await open_reversal(payout)
    return None if key is None else await moving.take(payout, key, now=now)


async def ask(
    operation: Operation, gateway: ConnectGateway, now: datetime, *, may_ask: bool
) -> ReversalSnapshot:
    """Look what became of the last call, then ask; without `may_ask` only look.

    Raises ProviderRefused for a no, and OutcomeUnknown while nobody knows.
    """
    metadata = operation.params["metadata"]
    assert isinstance(metadata, dict)
    transfer_id = str(metadata["transfer"])
    if not operation.is_first_call:
        found = await gateway.find_reversal(transfer_id, souk=metadata["souk"])
        if found is not None:
            return found
        if not may_ask and operation.may_be_forgotten(now):
            raise ProviderRefused("never_arrived", "The provider has no such reversal.")
    if not may_ask:
        raise OutcomeUnknown("The payout exists at the provider; we only look.")
    return await gateway.reverse_transfer(transfer_id, operation.params, operation.key)


async def open_reversal(payout: Payout) -> str | None:
    """The key of a locked payout's reversal that was asked for and not answered; one that was
    never asked for is withdrawn."""
    key = key_of(payout, await generation_of(payout))
    return None if await operations.withdraw(key) else key


async def is_free(payout: Payout) -> bool:
    """Whether nothing of a locked payout may be under way to the bank."""
    return payout.state is not PayoutState.TRANSFERRED or await sending.withdraw(payout)


def asked_back(payout: Payout) -> int:
    """The part that is to be taken back, minor units, or all that is left."""
    return payout.taking_back_minor or payout.left_minor


def named(payout: Payout, generation: int) -> str:
    """What a reversal is called at the provider: one of a part by its number, too."""
    name = f"transfer_reversal:{payout.id}"
    return name if payout.taking_back_minor is None else f"{name}:{generation}"


async def generation_of(payout: Payout) -> int:
    """Which asking it is: one more after each that was answered or withdrawn."""
    found: int = await connection().fetchval(_GENERATION, payout.id)
    return found


def key_of(payout: Payout, generation: int) -> str:
    """What the call is known by, here and at the provider."""
    return operations.key_of(OperationKind.TRANSFER_REVERSAL, payout.id, generation)
