"""A vendor's system tells of many stock items at once, and is answered for each of them alone."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from marketplace.inventory import feeding, finding
from marketplace.inventory.errors import NoSuchStockItem
from marketplace.inventory.feeding import Heard, LevelEvent
from marketplace.kit.errors import DomainError
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import atomic


@atomic()
async def hear(
    *, principal: Principal, vendor_id: UUID, events: Sequence[LevelEvent], now: datetime
) -> list[Heard | DomainError]:
    """As `feeding.take_events`, but an event that cannot be heard is refused alone.

    Answers in their order: what became of an event, or why nothing did (InvalidInput,
    NoSuchStockItem). Refuses more than 1000 events; StockBusy is worth a repetition.
    """
    problems = [feeding.problem_of(event) for event in events]
    sound = [event for event, wrong in zip(events, problems, strict=True) if wrong is None]
    heard = iter(
        await feeding.take_events(principal=principal, vendor_id=vendor_id, events=sound, now=now)
    )
    answers: list[Heard | DomainError] = [wrong or next(heard) for wrong in problems]
    return await _with_reasons(vendor_id, events, answers)


async def _with_reasons(
    vendor_id: UUID, events: Sequence[LevelEvent], answers: list[Heard | DomainError]
) -> list[Heard | DomainError]:
    """Instead of UNKNOWN, which part of its name was wrong."""
    if Heard.UNKNOWN not in answers:
        return answers
    known = await finding.known_names(
        vendor_id=vendor_id,
        names=[
            (event.sku, event.location)
            for event, answer in zip(events, answers, strict=True)
            if answer is Heard.UNKNOWN
        ],
    )
    return [
        _reason(event, known) if answer is Heard.UNKNOWN else answer
        for event, answer in zip(events, answers, strict=True)
    ]


def _reason(event: LevelEvent, known: finding.KnownNames) -> NoSuchStockItem:
    if event.sku not in known.skus:
        return NoSuchStockItem(wrong="sku", problem="You offer nothing with this SKU.")
    if event.location not in known.locations:
        return NoSuchStockItem(wrong="location", problem="You have no location with this code.")
    if (event.sku, event.location) in known.ambiguous:
        problem = "Two of your offers have this SKU there. Change them in the portal."
        return NoSuchStockItem(wrong="sku", problem=problem)
    problem = "You keep nothing with this SKU at this location."
    return NoSuchStockItem(wrong="location", problem=problem)
