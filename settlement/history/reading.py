"""What became of one thing: its moves, and who made them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from marketplace.kit.transactions import connection
from settlement.history.keeping import Subject

# An actor is "vendor:<user>" or "staff:<user>", else a word such as "system".
_STORY = """
    SELECT event.name AS event, change.move, change.actor, person.name AS person, change.reason,
        change.at
    FROM settlement_change change JOIN outbox_event event ON event.id = change.event_id
    LEFT JOIN app_user person ON person.id = CASE
        WHEN change.actor LIKE 'vendor:%' OR change.actor LIKE 'staff:%'
        THEN split_part(change.actor, ':', 2)::uuid END
    WHERE change.subject = $1 AND change.subject_id = $2 ORDER BY change.at DESC, change.id DESC
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One move; `person` is a name where a person made it, `actor` the key of who did."""

    event: str
    move: str
    actor: str
    person: str | None
    reason: str | None
    at: datetime


async def story_of(subject: Subject, subject_id: UUID) -> Sequence[Moved]:
    """Newest first, in the caller's transaction."""
    rows = await connection().fetch(_STORY, subject, subject_id)
    return [Moved(**row) for row in rows]
