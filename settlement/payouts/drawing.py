"""Pay what the marketplace itself has at the provider to its own bank account.

The provider's balance holds other people's money too: only what is left when all that we owe
vendors and customers is counted may go. Taxes and fees are paid from the bank, so they go along.
What the provider has done is booked out of its own book (posting 29), as every payout of ours is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from marketplace.kit import idempotency, locks
from marketplace.kit.errors import DomainError, InvalidInput
from marketplace.kit.ids import new_id
from marketplace.kit.money import Money
from marketplace.kit.principal import SYSTEM, Principal
from marketplace.kit.transactions import connection, transaction
from marketplace.payments import operations
from marketplace.payments.gateway import OutcomeUnknown, ProviderRefused
from marketplace.payments.operation import Operation, OperationKind
from settlement import access, chart
from settlement.connected.gateway import ConnectGateway, PayoutSnapshot

KINDS = (OperationKind.PLATFORM_PAYOUT,)
BATCH = 20
OPERATION = "platform payout"
TO_DRAW = "pay the marketplace's own money out"
_AT_PROVIDER = (
    chart.PROVIDER_BALANCE.code, chart.VENDOR_CONNECTED_CODE, chart.VENDOR_IN_TRANSIT_CODE,
)  # fmt: skip
# Money that nobody has recognised yet may be anybody's.
_OWED = (
    chart.CUSTOMER_PREPAYMENTS.code, chart.REFUNDS_OWED.code, chart.SUSPENSE.code,
    *chart.VENDOR_CODES,
)  # fmt: skip
# What a vendor owes us is not there to be paid out. Under way is what was asked for and is not
# in our books yet: it comes into them with the provider's.
_OWN = """
    SELECT currency, sum(minor)::bigint AS own_minor FROM (
        SELECT account.currency, CASE WHEN account.code = ANY($1) THEN held.minor
            ELSE least(held.minor, 0) END AS minor
        FROM ledger_account account CROSS JOIN LATERAL (
            SELECT coalesce(sum(amount_minor), 0) AS minor FROM ledger_entry
            WHERE account_id = account.id) held
        WHERE account.code = ANY($1) OR account.code = ANY($2)
        UNION ALL
        SELECT upper(params ->> 'currency'), -(params ->> 'amount')::bigint
        FROM provider_operation asked WHERE kind = 'platform_payout' AND (
            state IN ('planned', 'sent') OR state = 'succeeded' AND NOT EXISTS (
                SELECT 1 FROM ledger_transaction booked WHERE booked.kind = 'platform_payout'
                    AND starts_with(booked.idempotency_key,
                        'platform_payout:' || asked.result_id || ':')))
    ) parts GROUP BY currency ORDER BY currency
"""


@dataclass(eq=False)
class NotOwn(DomainError):
    """More was asked for than is the marketplace's own."""

    code: ClassVar[str] = "NOT_OWN"
    field: ClassVar[str | None] = "amount_minor"

    asked: Money
    own: Money

    @property
    def message(self) -> str:
        return f"{self.asked} cannot be paid out: {self.own} of it is the marketplace's own."


async def drawable(*, principal: Principal, gateway: ConnectGateway) -> Sequence[Money]:
    """What can be paid out now, by currency: our own, as far as the provider has it available.

    For finance. Raises OutcomeUnknown while the provider does not answer.
    """
    access.check_viewer(principal, "see the marketplace's own money")
    async with transaction(principal, read_only=True):
        own = await _own()
    available = (await gateway.retrieve_balance(None)).available
    found = [Money(min(own[code], available.get(code, 0)), code) for code in own]
    return [money for money in found if money.minor > 0]


async def draw(
    *, principal: Principal, amount: Money, key: str, gateway: ConnectGateway, now: datetime
) -> UUID:
    """Pay an amount of our own to our bank, once for a key; the worker carries on if it must.

    Accountants and administrators may. Refuses an amount that is not above zero and one that is
    not all our own (NotOwn). Raises ProviderRefused where the provider will not pay it, and again
    when the same key is used again: what was refused asks with another key.
    """
    access.check_accountant(principal, TO_DRAW)
    if amount.minor <= 0:
        raise InvalidInput("amount_minor", f"{amount} cannot be paid out", "above zero")
    drawing_id = new_id(now)
    async with transaction(SYSTEM):
        made = await idempotency.claim(
            by=principal, operation=OPERATION, key=key, request=str(amount),
            result_id=drawing_id, now=now,
        )  # fmt: skip
        if made is not None:
            refused = await operations.refusal_of(_key(made))
            if refused is not None:
                raise refused
            return made
        # Held, then looked at: two at once would each find the same money.
        await locks.hold(OPERATION)
        own = Money((await _own()).get(amount.currency, 0), amount.currency)
        if own.minor < amount.minor:
            raise NotOwn(asked=amount, own=own)
        operation = await _begin(drawing_id, amount, principal, now)
    await _call(operation, gateway, now, raises=True)
    return drawing_id


async def carry_on_due(*, gateway: ConnectGateway, now: datetime, limit: int = BATCH) -> int:
    """Carry on with calls whose outcome is unknown; how many that was. Safe beside itself."""
    async with transaction(SYSTEM):
        due = await operations.take_due(kinds=KINDS, now=now, limit=limit)
    await operations.make_each(due, lambda operation: _call(operation, gateway, now))
    return len(due)


async def _own() -> dict[str, int]:
    rows = await connection().fetch(_OWN, list(_AT_PROVIDER), list(_OWED))
    return {row["currency"]: row["own_minor"] for row in rows}


async def _begin(drawing_id: UUID, amount: Money, by: Principal, now: datetime) -> Operation:
    return await operations.begin(
        kind=OperationKind.PLATFORM_PAYOUT,
        subject_id=drawing_id,
        key=_key(drawing_id),
        params={
            "amount": amount.minor,
            "currency": amount.currency.lower(),
            "metadata": {"asked_by": by.key, "attempt": "1", "souk": _named(drawing_id)},
        },
        now=now,
    )


async def _call(
    operation: Operation, gateway: ConnectGateway, now: datetime, *, raises: bool = False
) -> None:
    try:
        snapshot = await _ask(operation, gateway, now)
    except ProviderRefused as refused:
        async with transaction(SYSTEM):
            await operations.fail(operation.key, error=str(refused))
        if raises:
            raise
    except OutcomeUnknown as unknown:
        async with transaction(SYSTEM):
            await operations.postpone(operation.key, error=unknown, now=now)
    else:
        async with transaction(SYSTEM):
            await operations.succeed(operation.key, result_id=snapshot.payout_id)


async def _ask(operation: Operation, gateway: ConnectGateway, now: datetime) -> PayoutSnapshot:
    if not operation.is_first_call:
        found = await gateway.find_payout(
            None,
            souk=_named(operation.subject_id),
            attempt=1,
            created_from=operation.first_sent_at,
        )
        if found is not None:
            return found
        if operation.may_be_forgotten(now):
            raise ProviderRefused("never_arrived", "The provider has no such payout.")
        if operation.is_only_looked_up(now):
            raise OutcomeUnknown("It was asked for long enough; from now on we only look.")
    return await gateway.create_payout(None, operation.params, operation.key)


def _key(drawing_id: UUID) -> str:
    return operations.key_of(OperationKind.PLATFORM_PAYOUT, drawing_id, 1)


def _named(drawing_id: UUID) -> str:
    return f"platform_payout:{drawing_id}"
