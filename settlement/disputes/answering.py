"""Answer a bank, or accept what it says: written down, then sent, once.

The provider takes one answer. A call whose outcome is unknown is looked up first: what is under
review there has arrived.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from marketplace.kit.errors import Forbidden, IllegalMove, InvalidInput, NotFound
from marketplace.kit.principal import SYSTEM, Kind, Principal, StaffRole
from marketplace.kit.transactions import atomic, connection, transaction
from marketplace.payments import operations
from marketplace.payments.gateway import OutcomeUnknown, ProviderRefused
from marketplace.payments.locking import lock_order_and_payment
from marketplace.payments.operation import Operation, OperationKind
from settlement import access
from settlement.connected.gateway import ConnectGateway, DisputeSnapshot
from settlement.disputes import following, moving
from settlement.disputes.errors import AlreadyAnswered
from settlement.disputes.models import Dispute, DisputeState, Liable
from settlement.disputes.states import OPEN, DisputeMove

ANSWERERS = frozenset({StaffRole.SUPPORT, StaffRole.ACCOUNTANT, StaffRole.ADMINISTRATOR})
# The provider's fields that are words; files are not sent from here.
FIELDS = (
    "product_description", "customer_name", "customer_email_address", "shipping_carrier",
    "shipping_date", "shipping_tracking_number", "shipping_address", "service_date",
    "refund_policy_disclosure", "refund_refusal_explanation", "duplicate_charge_explanation",
    "access_activity_log", "uncategorized_text",
)  # fmt: skip
LONGEST = 20_000  # characters of one field; the provider takes 150,000 in all
KINDS = (OperationKind.EVIDENCE, OperationKind.DISPUTE_CLOSE)
BATCH = 20
_MADE = "SELECT count(*) FROM provider_operation WHERE kind = ANY($1) AND subject_id = $2"


@atomic()
async def submit(
    *, principal: Principal, dispute_id: UUID, evidence: Mapping[str, str], now: datetime
) -> None:
    """Send words to the bank, by the provider's names of fields; it is sent after commit.

    Support, accountants and administrators may. Refuses fields that are not words, an empty
    answer, a second one, and a dispute that asks for none.
    """
    if principal.kind is not Kind.STAFF or not principal.roles & ANSWERERS:
        raise Forbidden("answer a dispute")
    said = {name: text.strip() for name, text in sorted(evidence.items()) if text.strip()}
    if not said or not said.keys() <= set(FIELDS):
        raise InvalidInput("evidence", "it is empty or not ours to send", ", ".join(FIELDS))
    if max(map(len, said.values())) > LONGEST:
        raise InvalidInput("evidence", "a field is too long", f"{LONGEST} characters each")
    dispute = await _asked(dispute_id, "answer")
    dispute.evidence, dispute.answered_at = said, now
    await dispute.save(update_fields=["evidence", "answered_at"])
    await _keep(dispute, DisputeMove.ANSWER, principal, now, ", ".join(said))
    await _plan(dispute, OperationKind.EVIDENCE, said, now=now)


@atomic()
async def accept(*, principal: Principal, dispute_id: UUID, now: datetime) -> None:
    """Give in: the bank keeps the money. Accountants and administrators may."""
    access.check_accountant(principal, "accept a dispute")
    dispute = await _asked(dispute_id, "accept")
    dispute.answered_at = now
    await dispute.save(update_fields=["answered_at"])
    await _keep(dispute, DisputeMove.ACCEPT, principal, now)
    await _plan(dispute, OperationKind.DISPUTE_CLOSE, {}, now=now)


@atomic()
async def make_liable(
    *, principal: Principal, dispute_id: UUID, liable: Liable, now: datetime
) -> None:
    """Say who bears it if it is lost, while it is open. Accountants and administrators may."""
    access.check_accountant(principal, "say who bears a dispute")
    dispute = await _locked(dispute_id)
    if dispute.state not in OPEN:
        raise IllegalMove(thing="dispute", state=dispute.state, move="change who bears it")
    if dispute.liable is liable:
        return
    dispute.liable = liable
    await dispute.save(update_fields=["liable"])
    await _keep(dispute, DisputeMove.MAKE_LIABLE, principal, now, f"If it is lost: the {liable}")


async def carry_on_due(*, gateway: ConnectGateway, now: datetime, limit: int = BATCH) -> int:
    """Make up to `limit` calls about disputes that are due; how many. Safe beside itself."""
    async with transaction(SYSTEM):
        due = await operations.take_due(kinds=KINDS, now=now, limit=limit)
    await operations.make_each(due, lambda operation: call(operation, gateway=gateway, now=now))
    return len(due)


async def call(operation: Operation, *, gateway: ConnectGateway, now: datetime) -> None:
    """Make the call that is ours, or see that it was made, and record the answer."""
    async with transaction(SYSTEM, read_only=True):
        dispute = await Dispute.get(id=operation.subject_id)
    try:
        snapshot = await _ask(operation, dispute, gateway)
    except ProviderRefused as refused:
        async with transaction(SYSTEM):
            dispute = await _locked(operation.subject_id)
            dispute.answered_at = None  # somebody may answer in another way
            await dispute.save(update_fields=["answered_at"])
            await operations.fail(operation.key, error=str(refused))
    except OutcomeUnknown as unknown:
        async with transaction(SYSTEM):
            await operations.postpone(operation.key, error=unknown, now=now)
    else:
        await following.apply_dispute(snapshot=snapshot, now=now)
        async with transaction(SYSTEM):
            await operations.succeed(operation.key, result_id=snapshot.dispute_id)


async def _ask(operation: Operation, dispute: Dispute, gateway: ConnectGateway) -> DisputeSnapshot:
    if not operation.is_first_call:
        found = await gateway.retrieve_dispute(dispute.provider_dispute_id)
        if not found.status.endswith("needs_response"):
            return found
    if operation.kind is OperationKind.DISPUTE_CLOSE:
        return await gateway.close_dispute(dispute.provider_dispute_id, operation.key)
    said = {name: str(text) for name, text in operation.params.items()}
    return await gateway.submit_evidence(dispute.provider_dispute_id, said, operation.key)


async def _plan(
    dispute: Dispute, kind: OperationKind, params: Mapping[str, object], *, now: datetime
) -> None:
    """Each question of the bank's has one answer, and each answer a key of its own."""
    version = 1 + await connection().fetchval(_MADE, list(KINDS), dispute.id)
    key = operations.key_of(kind, dispute.id, version)
    await operations.plan(kind=kind, subject_id=dispute.id, key=key, params=params, now=now)


async def _keep(
    dispute: Dispute, move: DisputeMove, principal: Principal, now: datetime, reason: str = ""
) -> None:
    await moving.keep(
        dispute, move, dispute.state, actor=principal.key, now=now, reason=reason or None
    )


async def _asked(dispute_id: UUID, to_do: str) -> Dispute:
    dispute = await _locked(dispute_id)
    if dispute.state is not DisputeState.NEEDS_RESPONSE:
        raise IllegalMove(thing="dispute", state=dispute.state, move=to_do)
    if dispute.answered_at is not None:
        raise AlreadyAnswered()
    return dispute


async def _locked(dispute_id: UUID) -> Dispute:
    dispute = await Dispute.get_or_none(id=dispute_id)
    if dispute is None:
        raise NotFound("dispute")
    await lock_order_and_payment(dispute.order_id)
    await dispute.refresh_from_db()
    return dispute
