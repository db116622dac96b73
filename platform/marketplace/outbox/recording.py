"""Record events beside the change that caused them; the relay delivers them after commit."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from marketplace.kit.ids import new_id
from marketplace.kit.transactions import connection

# The stream's row lock, held to the end of the transaction, keeps numbers in order, without gaps.
_RECORD = """
    WITH stream AS (
        INSERT INTO event_stream (id, last_seq) VALUES ($1, $2)
        ON CONFLICT (id) DO UPDATE SET last_seq = event_stream.last_seq + $2
        RETURNING last_seq
    )
    INSERT INTO outbox_event (id, name, stream_id, seq, payload, happened_at)
    SELECT item.id, item.name, $1, stream.last_seq - $2 + item.position, item.payload::jsonb, $6
    FROM stream, unnest($3::uuid[], $4::text[], $5::text[])
        WITH ORDINALITY AS item (id, name, payload, position)
"""
# The streams' rows in the order of their ids, so that two who record for several do not wait in a
# circle; events of one order keep the order they were given in.
_RECORD_ALL = """
    WITH item AS (
        SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[])
            WITH ORDINALITY AS item (id, name, stream_id, payload, position)
    ), stream AS (
        INSERT INTO event_stream (id, last_seq)
        SELECT stream_id, count(*) FROM item GROUP BY stream_id ORDER BY stream_id
        ON CONFLICT (id) DO UPDATE SET last_seq = event_stream.last_seq + excluded.last_seq
        RETURNING id, last_seq
    )
    INSERT INTO outbox_event (id, name, stream_id, seq, payload, happened_at)
    SELECT item.id, item.name, item.stream_id, stream.last_seq + 1 - row_number() OVER (
        PARTITION BY item.stream_id ORDER BY position DESC), item.payload::jsonb, $5
    FROM item JOIN stream ON stream.id = item.stream_id
"""
_RECORD_UNSTREAMED = """
    INSERT INTO outbox_event (id, name, payload, happened_at)
    SELECT item.id, $3, item.payload::jsonb, $4
    FROM unnest($1::uuid[], $2::text[]) AS item (id, payload)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A fact about one order; the order is its stream."""

    name: ClassVar[str]
    order_id: UUID


async def record(events: Sequence[Event], *, now: datetime) -> list[UUID]:
    """Write events of one order, numbered on in its stream; answers with their ids."""
    assert len({event.order_id for event in events}) == 1, "one stream at a time"
    ids = [new_id(now) for _ in events]
    await connection().execute(
        _RECORD,
        events[0].order_id,
        len(events),
        ids,
        [event.name for event in events],
        [payload(event) for event in events],
        now,
    )
    return ids


async def record_all(events: Sequence[Event], *, now: datetime) -> None:
    """Write events of several orders in one statement, each numbered on in its own stream."""
    if not events:
        return
    await connection().execute(
        _RECORD_ALL,
        [new_id(now) for _ in events],
        [event.name for event in events],
        [event.order_id for event in events],
        [payload(event) for event in events],
        now,
    )


async def record_unstreamed(name: str, payload: Mapping[str, str], *, now: datetime) -> UUID:
    """Write a fact that tells of no order, and so has no number; answers with its id."""
    [event_id] = await record_all_unstreamed(name, [payload], now=now)
    return event_id


async def record_all_unstreamed(
    name: str, payloads: Sequence[Mapping[str, str]], *, now: datetime
) -> list[UUID]:
    """Write many facts of one name in one statement; their ids in the same order."""
    ids = [new_id(now) for _ in payloads]
    texts = [json.dumps(payload) for payload in payloads]
    await connection().execute(_RECORD_UNSTREAMED, ids, texts, name, now)
    return ids


def payload(event: Event) -> str:
    """The event's fields as JSON; ids and times as text."""
    return json.dumps(asdict(event), default=str)
