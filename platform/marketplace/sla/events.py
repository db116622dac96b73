from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from marketplace.outbox.recording import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseEvent(Event):
    """`subject_ids` is empty when all of the order's deadlines are meant."""

    cause: str
    subject_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaPaused(PauseEvent):
    name: ClassVar[str] = "sla.paused"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaResumed(PauseEvent):
    name: ClassVar[str] = "sla.resumed"
