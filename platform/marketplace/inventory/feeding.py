"""What a vendor's own system says is on its shelves: in any order, any number of times.

Each event names a stock item by SKU and location and carries a version that rises with each change
there. An older version than the newest known is kept and ignored; an event id counts once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from marketplace.inventory import finding, moving, shortening
from marketplace.inventory.access import MOST_PIECES, check_keeper, lock_shelves
from marketplace.inventory.models import FeedOutcome, MovementKind, Stock
from marketplace.kit import locks
from marketplace.kit.errors import InvalidInput
from marketplace.kit.ids import new_id
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import atomic, connection

MOST_EVENTS = 1000
LARGEST_VERSION = 2**63 - 1

_KEEP = """
    INSERT INTO stock_feed_event
        (id, vendor_id, event_key, stock_id, version, on_hand, outcome, received_at)
    SELECT item.id, $1, item.event_key, item.stock_id, item.version, item.on_hand, item.outcome, $8
    FROM unnest($2::uuid[], $3::text[], $4::uuid[], $5::bigint[], $6::int[], $7::text[])
        AS item (id, event_key, stock_id, version, on_hand, outcome)
    ON CONFLICT (vendor_id, event_key) DO NOTHING
"""
_KNOWN = "SELECT event_key FROM stock_feed_event WHERE vendor_id = $1 AND event_key = ANY($2)"
_VERSIONS = """
    UPDATE stock SET version = item.version
    FROM unnest($1::uuid[], $2::bigint[]) AS item (id, version) WHERE stock.id = item.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelEvent:
    """`on_hand` counts all pieces on the shelf, those promised to customers included."""

    event_key: str
    sku: str
    location: str
    version: int
    on_hand: int


class Heard(StrEnum):
    """What became of an event."""

    APPLIED = "applied"
    OLDER = "older"
    REPEATED = "repeated"
    UNKNOWN = "unknown"


@atomic()
async def take_events(
    *, principal: Principal, vendor_id: UUID, events: Sequence[LevelEvent], now: datetime
) -> list[Heard]:
    """Bring shelves to what the newest events say; answers for each event, in their order.

    Where that is less than customers were promised, promises are taken back (`stock.short`) and
    the movement says `compensated`. UNKNOWN is an SKU or location that the vendor has not. Refuses
    more than 1000 events, and versions and pieces that are none; StockBusy is worth a repetition.
    """
    check_keeper(principal)
    assert principal.vendor_id in (None, vendor_id), principal
    _check(events)
    # One batch of a vendor at a time: one id for two shelves, sent at once, would count for both.
    await locks.hold(f"stock-feed:{vendor_id}")
    found = await finding.shelves_by_name(
        vendor_id=vendor_id, names=[(event.sku, event.location) for event in events]
    )
    shelves = {shelf.id: shelf for shelf in await lock_shelves(set(found.values()), by=principal)}
    known = await connection().fetch(_KNOWN, vendor_id, [event.event_key for event in events])
    heard, newest = _judge(events, found, shelves, {row["event_key"] for row in known})
    await _write(shelves, newest, principal, now)
    await _keep(vendor_id, events, found, heard, now)
    return heard


def _judge(
    events: Sequence[LevelEvent],
    found: Mapping[tuple[str, str], UUID],
    shelves: Mapping[UUID, Stock],
    known: set[str],
) -> tuple[list[Heard], dict[UUID, LevelEvent]]:
    heard: list[Heard] = []
    newest: dict[UUID, LevelEvent] = {}
    for event in events:
        stock_id = found.get((event.sku, event.location))
        if stock_id is None:
            heard.append(Heard.UNKNOWN)
            continue
        if event.event_key in known:
            heard.append(Heard.REPEATED)
            continue
        known.add(event.event_key)
        before = newest.get(stock_id)
        if event.version <= (before.version if before else shelves[stock_id].version):
            heard.append(Heard.OLDER)
            continue
        newest[stock_id] = event
        heard.append(Heard.APPLIED)
    return heard, newest


async def _write(
    shelves: Mapping[UUID, Stock], newest: Mapping[UUID, LevelEvent], by: Principal, now: datetime
) -> None:
    if not newest:
        return
    on_hand = {stock_id: event.on_hand for stock_id, event in newest.items()}
    missing = shortening.missing_of([shelves[stock_id] for stock_id in newest], on_hand)
    await shortening.take_back(missing, now=now)
    for kind, those in (
        (MovementKind.FEED, {key: to for key, to in on_hand.items() if key not in missing}),
        (MovementKind.COMPENSATED, {key: on_hand[key] for key in missing}),
    ):
        if those:
            await moving.move_to(those, kind, actor=by.key, now=now)
    versions = [event.version for event in newest.values()]
    await connection().execute(_VERSIONS, list(newest), versions)


async def _keep(
    vendor_id: UUID,
    events: Sequence[LevelEvent],
    found: Mapping[tuple[str, str], UUID],
    heard: Sequence[Heard],
    now: datetime,
) -> None:
    outcomes = {Heard.APPLIED: FeedOutcome.APPLIED, Heard.OLDER: FeedOutcome.OLDER}
    new = [
        (event, outcomes[said])
        for event, said in zip(events, heard, strict=True)
        if said in outcomes
    ]
    await connection().execute(
        _KEEP,
        vendor_id,
        [new_id(now) for _ in new],
        [event.event_key for event, _ in new],
        [found[event.sku, event.location] for event, _ in new],
        [event.version for event, _ in new],
        [event.on_hand for event, _ in new],
        [outcome for _, outcome in new],
        now,
    )


def problem_of(event: LevelEvent) -> InvalidInput | None:
    """What is wrong with its form, by the name of its field; None where it could be heard."""
    if not (0 < len(event.event_key) <= 120 and event.event_key.isprintable()):
        return InvalidInput("id", "it is empty, too long or no text", "1 to 120 characters")
    for name, text in (("sku", event.sku), ("location", event.location)):
        if not text.isprintable():
            return InvalidInput(name, "it holds what is no text", "as in your stock's export")
    if not 0 < event.version <= LARGEST_VERSION:
        accepts = "a whole number above zero that rises with each change"
        return InvalidInput("version", "it is out of range", accepts)
    if not 0 <= event.on_hand <= MOST_PIECES:
        return InvalidInput("onHand", "it is out of range", f"0 to {MOST_PIECES}")
    return None


def _check(events: Sequence[LevelEvent]) -> None:
    if len(events) > MOST_EVENTS:
        raise InvalidInput("events", "too many at once", f"up to {MOST_EVENTS}")
    for position, event in enumerate(events):
        wrong = problem_of(event)
        if wrong is not None:
            raise InvalidInput(f"events.{position}.{wrong.name}", wrong.problem, wrong.accepts)
