"""What a request brings along: who asks and when, found out only if a resolver needs it.

So a request that is refused for its form never touches the database.
"""

from asyncio import Lock
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from strawberry.types import Info

from marketplace.accounts import sessions
from marketplace.accounts.errors import SessionEnded
from marketplace.accounts.sessions import Audience
from marketplace.kit.principal import Kind, Principal
from marketplace.kit.signing import read_order, sign_order
from marketplace.notifications.links import Links
from marketplace.payments.gateway import PaymentGateway
from storefront_api.loading import Loaders

GUEST = Principal(Kind.GUEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the installation gives all requests."""

    clock: Callable[[], Awaitable[datetime]]
    gateway: PaymentGateway
    secret_key: str = field(repr=False)
    base_url: str

    def order_token(self, order_id: UUID) -> str:
        return sign_order(self.secret_key, order_id)

    def tracking_url(self, order_id: UUID) -> str:
        return Links(base_url=self.base_url, secret=self.secret_key).tracking(order_id)

    def holder_of(self, order_token: str) -> Principal | None:
        """Who came with a signed link, or None if it was not signed here."""
        order_id = read_order(self.secret_key, order_token)
        return None if order_id is None else Principal(Kind.TOKEN, order_id)


@dataclass(slots=True)
class Context:
    """One request. `bearer` is the session's token, if it came with one."""

    surroundings: Surroundings
    bearer: str | None
    loaders: Loaders = field(default_factory=Loaders)
    _lock: Lock = field(default_factory=Lock)
    _now: datetime | None = None
    _principal: Principal | None = None

    async def now(self) -> datetime:
        """The marketplace's time, the same for the whole request."""
        async with self._lock:
            if self._now is None:
                self._now = await self.surroundings.clock()
            return self._now

    async def principal(self) -> Principal:
        """The signed-in customer, or a guest. Refuses a session that has ended."""
        if self.bearer is None:
            return GUEST
        now = await self.now()
        async with self._lock:
            if self._principal is None:
                signed_in = await sessions.resolve(
                    token=self.bearer, audience=Audience.STOREFRONT, now=now
                )
                if signed_in is None:
                    raise SessionEnded
                self._principal = signed_in.principal
            return self._principal


StorefrontInfo = Info[Context, None]
