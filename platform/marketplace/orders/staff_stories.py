"""The whole story of one order, for staff: every event, who caused it, and its money."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace.kit.money import Money
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import connection, transaction

# An actor is "vendor:<user>" or "staff:<user>", else a word such as "system".
_EVENTS = """
    SELECT event.seq, event.name, event.happened_at, change.actor, change.reason,
        person.name AS person, sub_order.number AS sub_order, vendor.name AS vendor,
        refund.amount_minor, event.payload->>'kind' AS clock
    FROM outbox_event event
    LEFT JOIN state_change change ON change.event_id = event.id
    LEFT JOIN app_user person ON person.id = CASE
        WHEN change.actor LIKE 'vendor:%' OR change.actor LIKE 'staff:%'
        THEN split_part(change.actor, ':', 2)::uuid END
    LEFT JOIN sub_order ON sub_order.id = coalesce(
        event.payload->>'sub_order_id', event.payload->>'subject_id')::uuid
    LEFT JOIN vendor ON vendor.id = sub_order.vendor_id
    LEFT JOIN refund ON refund.id = (event.payload->>'refund_id')::uuid
    WHERE event.stream_id = $1 ORDER BY event.seq DESC
"""
_MAILS = """
    SELECT template, recipient, created_at, sent_at FROM outgoing_mail
    WHERE order_id = $1 ORDER BY created_at DESC, id
"""
_CLOCKS = """
    SELECT clock.kind, clock.state, clock.due_at, clock.met_at, sub_order.number
    FROM sla_clock clock LEFT JOIN sub_order ON sub_order.id = clock.subject_id
    WHERE clock.order_id = $1 ORDER BY clock.due_at, clock.id
"""
_PAYMENT = """
    SELECT payment.currency, payment.captured_minor, payment.refunded_minor,
        payment.refund_claimed_minor, capture.fee_minor, capture.charge_id
    FROM payment LEFT JOIN capture ON capture.payment_id = payment.id
    WHERE payment.order_id = $1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """`who` is a person's name, or what acted; `about` the sub-order's number, if one."""

    seq: int
    name: str
    at: datetime
    who: str | None
    about: str | None
    vendor: str | None
    reason: str | None
    amount: Money | None
    clock: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMail:
    template: str
    recipient: str
    created_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    kind: str
    state: str
    due_at: datetime
    met_at: datetime | None
    sub_order: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFacts:
    captured: Money
    refunded: Money
    refunding: Money
    fee: Money | None
    charge_id: str | None


@dataclass(frozen=True, slots=True)
class Story:
    happenings: Sequence[Happening]
    mails: Sequence[SentMail]
    deadlines: Sequence[Deadline]
    payment: PaymentFacts


async def story(*, principal: Principal, order_id: UUID) -> Story:
    """Newest first. The order exists: ask `queries.find` before."""
    async with transaction(principal, read_only=True):
        payment = await connection().fetchrow(_PAYMENT, order_id)
        events = await connection().fetch(_EVENTS, order_id)
        mails = await connection().fetch(_MAILS, order_id)
        clocks = await connection().fetch(_CLOCKS, order_id)
    return Story(
        happenings=[_happening(row, payment["currency"]) for row in events],
        mails=[SentMail(**row) for row in mails],
        deadlines=[_deadline(row) for row in clocks],
        payment=_payment(payment),
    )


def _happening(row: Mapping[str, Any], currency: str) -> Happening:
    actor = row["actor"].split(":")[0] if row["actor"] else None
    amount = None if row["amount_minor"] is None else Money(row["amount_minor"], currency)
    return Happening(
        seq=row["seq"],
        name=row["name"],
        at=row["happened_at"],
        who=row["person"] or actor,
        about=row["sub_order"],
        vendor=row["vendor"],
        reason=row["reason"],
        amount=amount,
        clock=row["clock"],
    )


def _deadline(row: Mapping[str, Any]) -> Deadline:
    return Deadline(
        kind=row["kind"],
        state=row["state"],
        due_at=row["due_at"],
        met_at=row["met_at"],
        sub_order=row["number"],
    )


def _payment(row: Mapping[str, Any]) -> PaymentFacts:
    def money(minor: int) -> Money:
        return Money(minor, row["currency"])

    return PaymentFacts(
        captured=money(row["captured_minor"]),
        refunded=money(row["refunded_minor"]),
        refunding=money(row["refund_claimed_minor"]),
        fee=None if row["fee_minor"] is None else money(row["fee_minor"]),
        charge_id=row["charge_id"],
    )
