"""What an e-mail is before it is sent."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from marketplace.notifications.links import Links
from marketplace.outbox.routes import Received


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One e-mail to be; whoever has the same `dedupe_key` is the same e-mail."""

    template: str
    recipient: str
    order_id: UUID | None
    dedupe_key: str
    context: Mapping[str, object]


Message: TypeAlias = Callable[[Received, Links], Awaitable[Mail | None]]
