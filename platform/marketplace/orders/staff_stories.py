"""The whole story of one order, for staff: every event, who caused it, and its money."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace.kit.ids import day_before
from marketplace.kit.money import Money
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import connection, transaction

# The order's events and changes have ids behind $2: earlier months are not looked into.
# An actor is "vendor:<user>" or "staff:<user>", else a word such as "system".
_EVENTS = """
    SELECT event.seq, event.name, event.happened_at, split_part(change.actor, ':', 1) AS actor,
        coalesce(change.reason, attempt.failure_message) AS reason, person.name AS person,
        sub_order.number AS sub_order, vendor.name AS vendor, shipment.carrier,
        shipment.tracking_number, event.payload->>'kind' AS clock,
        coalesce(refund.amount_minor, capture.amount_minor) AS amount_minor,
        CASE WHEN event.name = 'payment.fee_known' THEN capture.fee_minor END AS fee_minor
    FROM outbox_event event
    LEFT JOIN state_change change
        ON change.order_id = $1 AND change.id >= $2 AND change.event_id = event.id
    LEFT JOIN app_user person ON person.id = CASE
        WHEN change.actor LIKE 'vendor:%' OR change.actor LIKE 'staff:%'
        THEN split_part(change.actor, ':', 2)::uuid END
    LEFT JOIN sub_order ON sub_order.order_id = $1 AND sub_order.id = coalesce(
        event.payload->>'sub_order_id', event.payload->>'subject_id')::uuid
    LEFT JOIN vendor ON vendor.id = sub_order.vendor_id
    LEFT JOIN shipment ON shipment.order_id = $1
        AND shipment.id = (event.payload->>'shipment_id')::uuid
    LEFT JOIN refund ON refund.order_id = $1 AND refund.id = (event.payload->>'refund_id')::uuid
    LEFT JOIN capture ON capture.order_id = $1 AND capture.id = (event.payload->>'capture_id')::uuid
    LEFT JOIN payment ON payment.order_id = $1
    LEFT JOIN payment_attempt attempt ON attempt.payment_id = payment.id
        AND attempt.id = (event.payload->>'attempt_id')::uuid
    WHERE event.stream_id = $1 AND event.id >= $2 ORDER BY event.seq DESC
"""
_MAILS = """
    SELECT template, recipient, created_at, sent_at FROM outgoing_mail
    WHERE order_id = $1 ORDER BY created_at DESC, id
"""
_CLOCKS = """
    SELECT clock.kind, clock.state, clock.due_at, clock.met_at, sub_order.number
    FROM sla_clock clock LEFT JOIN sub_order ON sub_order.id = clock.sub_order_id
    WHERE clock.order_id = $1 ORDER BY clock.due_at, clock.id
"""
# An order that is paid twice by mistake has two captures: both are shown.
_PAYMENT = """
    SELECT payment.currency, payment.captured_minor, payment.refunded_minor,
        payment.refund_claimed_minor, sum(capture.fee_minor)::bigint AS fee_minor,
        coalesce(array_agg(capture.charge_id ORDER BY capture.id)
            FILTER (WHERE capture.id IS NOT NULL), '{}') AS charge_ids
    FROM payment LEFT JOIN capture ON capture.payment_id = payment.id
    WHERE payment.order_id = $1 GROUP BY payment.id
"""

_SHIPPING_LEFT = """
    SELECT id FROM sub_order
    WHERE order_id = $1 AND shipping_refunded_minor < shipping_gross_minor
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """`actor` is the kind of who did it, `person` the name of a member of the staff or a vendor.

    `amount` is the refund's or the capture's, for the provider's fee that fee; `parcel` names the
    carrier and its number; `sub_order` is a number.
    """

    seq: int
    name: str
    at: datetime
    actor: str | None
    person: str | None
    sub_order: str | None
    vendor: str | None
    reason: str | None
    amount: Money | None
    clock: str | None
    parcel: str | None


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
    charge_ids: Sequence[str]


@dataclass(frozen=True, slots=True)
class Story:
    """`shipping_left` are the sub-orders whose shipping nobody has asked back yet."""

    happenings: Sequence[Happening]
    mails: Sequence[SentMail]
    deadlines: Sequence[Deadline]
    payment: PaymentFacts
    shipping_left: Collection[UUID]


async def story(*, principal: Principal, order_id: UUID) -> Story:
    """Newest first. The order exists: ask `queries.find` before."""
    async with transaction(principal, read_only=True):
        payment = await connection().fetchrow(_PAYMENT, order_id)
        events = await connection().fetch(_EVENTS, order_id, day_before(order_id))
        mails = await connection().fetch(_MAILS, order_id)
        clocks = await connection().fetch(_CLOCKS, order_id)
        shipping = await connection().fetch(_SHIPPING_LEFT, order_id)
    return Story(
        happenings=[_happening(row, payment["currency"]) for row in events],
        mails=[SentMail(**row) for row in mails],
        deadlines=[_deadline(row) for row in clocks],
        payment=_payment(payment),
        shipping_left=frozenset(row["id"] for row in shipping),
    )


def _happening(row: Mapping[str, Any], currency: str) -> Happening:
    minor = row["amount_minor"] if row["fee_minor"] is None else row["fee_minor"]
    return Happening(
        seq=row["seq"],
        name=row["name"],
        at=row["happened_at"],
        actor=row["actor"],
        person=row["person"],
        sub_order=row["sub_order"],
        vendor=row["vendor"],
        reason=row["reason"],
        amount=None if minor is None else Money(minor, currency),
        clock=row["clock"],
        parcel=row["carrier"] and f"{row['carrier']} {row['tracking_number']}",
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
        charge_ids=row["charge_ids"],
    )
