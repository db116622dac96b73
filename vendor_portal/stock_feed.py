"""What a vendor's system tells of its shelves, and what it reads of them to compare."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from starlette.requests import Request

from marketplace.inventory import hearing, level_queries
from marketplace.inventory.feeding import MOST_EVENTS, Heard, LevelEvent
from marketplace.inventory.level_queries import Level
from marketplace.kit.errors import DomainError, InvalidInput
from marketplace.kit.principal import Principal
from marketplace.kit.turns import Turns
from marketplace_web import paging
from vendor_portal.api_words import facts_of

LARGEST_PAGE = 500
# What each event holds, and how that is called.
MEMBERS: Mapping[str, type] = {
    "id": str, "version": int, "sku": str, "location": str, "onHand": int,
}  # fmt: skip
TYPE_WORDS = {str: "text", int: "a whole number"}
# A batch holds a connection and its shelves: however many systems call at once, shoppers come in.
_TURNS = Turns(at_once=2, wait_seconds=5)


async def tell(
    request: Request, body: bytes, principal: Principal, now: datetime
) -> Mapping[str, object]:
    """Events in, an answer for each of them out, in their order."""
    told = _read_list(body)
    events = [_event_of(item) for item in told]
    sound = [event for event in events if isinstance(event, LevelEvent)]
    assert principal.vendor_id is not None, principal
    async with _TURNS.taken():
        heard = iter(
            await hearing.hear(
                principal=principal, vendor_id=principal.vendor_id, events=sound, now=now
            )
        )
    answers = [event if isinstance(event, InvalidInput) else next(heard) for event in events]
    return {"answers": [_told(*pair) for pair in zip(told, answers, strict=True)]}


async def read(
    request: Request, body: bytes, principal: Principal, now: datetime
) -> Mapping[str, object]:
    """A page of the vendor's stock items; `next` is where the following one begins, or null."""
    asked = paging.asked(request, size=_size(request.query_params.get("limit", "")))
    after = UUID(str(asked.after[0])) if asked.after else None
    rows = await level_queries.levels(principal=principal, after=after, limit=asked.limit)
    page = paging.page(request, rows, asked, key=lambda row: (str(row.id),))
    return {"stock": [_shown(row) for row in page.rows], "next": page.next_cursor}


def _size(limit: str) -> int:
    if not limit:
        return LARGEST_PAGE
    is_number = limit.isascii() and limit.isdigit() and len(limit) <= 3
    if not (is_number and 0 < int(limit) <= LARGEST_PAGE):
        raise InvalidInput("limit", "it is out of range", f"1 to {LARGEST_PAGE}")
    return int(limit)


def _read_list(body: bytes) -> Sequence[object]:
    accepts = 'JSON in UTF-8: [{"id": …, "version": …, "sku": …, "location": …, "onHand": …}]'
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("body", "it is not JSON", accepts) from error
    if not isinstance(told, list):
        raise InvalidInput("body", "it is no list of events", accepts)
    if len(told) > MOST_EVENTS:
        raise InvalidInput("body", "it has too many events", f"up to {MOST_EVENTS}")
    return told


def _event_of(item: object) -> LevelEvent | InvalidInput:
    if not isinstance(item, dict):
        return InvalidInput("event", "it is no object", ", ".join(MEMBERS))
    for name, kind in MEMBERS.items():
        if name not in item:
            return InvalidInput(name, "it is missing", TYPE_WORDS[kind])
        if type(item[name]) is not kind:
            return InvalidInput(name, "it is of another type", TYPE_WORDS[kind])
    return LevelEvent(
        event_key=item["id"], version=item["version"], sku=item["sku"], location=item["location"],
        on_hand=item["onHand"],
    )  # fmt: skip


def _told(item: object, answer: Heard | DomainError) -> dict[str, object]:
    """The id only where it can be an id: half a surrogate pair could not be sent back."""
    event_key = item.get("id") if isinstance(item, dict) else None
    is_text = isinstance(event_key, str) and event_key.isprintable()
    named = {"id": event_key if is_text else None}
    if isinstance(answer, DomainError):
        return {**named, "outcome": "refused", **facts_of(answer)}
    return {**named, "outcome": answer.value}


def _shown(level: Level) -> dict[str, object]:
    return {
        "sku": level.sku, "location": level.location, "onHand": level.on_hand,
        "reserved": level.reserved, "keptBack": level.safety, "available": level.available,
        "version": level.version,
    }  # fmt: skip
