"""When pieces of an offer can leave, as a shopper is told."""

from datetime import date
from typing import Self
from uuid import UUID

import strawberry

from marketplace.inventory.promising import Promise, PromiseKind
from storefront_api.context import StorefrontInfo

MOST_SHOWN = 100

strawberry.enum(
    PromiseKind,
    name="AvailabilityKind",
    description="What the asked quantity waits for. NONE: it cannot be ordered.",
)


@strawberry.type(description="What can be promised of an offer now. Asking reserves nothing.")
class Availability:
    kind: PromiseKind
    quantity: int = strawberry.field(
        description=f"Pieces that can be ordered, now or ahead; {MOST_SHOWN} is that or more."
    )
    leaves_on: date | None = strawberry.field(
        description="The earliest day on which the asked quantity can leave its seller, in UTC."
    )

    @classmethod
    def of(cls, promise: Promise, quantity: int) -> Self:
        step = promise.leaving(quantity)
        return cls(
            kind=PromiseKind.NONE if step is None else step.kind,
            quantity=min(MOST_SHOWN, promise.pieces),
            leaves_on=None if step is None else step.on,
        )


async def availability_of(
    info: StorefrontInfo, offer_id: UUID, *, country: str | None, quantity: int
) -> Availability:
    key = (offer_id, country, await info.context.now())
    return Availability.of(await info.context.loaders.promises.load(key), quantity)
