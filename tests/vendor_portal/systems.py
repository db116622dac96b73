"""A vendor's own system: it has a key, and calls the door that programs come through."""

from dataclasses import dataclass, field
from uuid import UUID, uuid4

import httpx
from starlette.applications import Starlette

from marketplace.accounts import vendor_keys
from marketplace.catalog.models import Offer, Variant
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace_web.context import Clock
from marketplace_web.errors import exception_handlers
from marketplace_web.mounting import web_middleware
from marketplace_web.settings import WebSettings
from tests.factories import NOON, member
from tests.marketplace_web.conftest import ManualClock
from vendor_portal.vendor_api import STOCK_PATH, vendor_api_routes


def door(clock: Clock | None = None) -> Starlette:
    """The door alone, as the runtime opens it."""
    return Starlette(
        routes=vendor_api_routes(clock=clock or ManualClock(NOON)),
        middleware=web_middleware(WebSettings(secret_key="k" * 32)),
        exception_handlers=exception_handlers,
    )


@dataclass
class System:
    """Its requests accept anything, as curl's do."""

    vendor_id: UUID
    key_id: UUID
    secret: str
    app: Starlette = field(default_factory=door)

    async def ask(self, method: str, *, after: str = "", **what: object) -> httpx.Response:
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://souk.test") as http:
            headers = {"Authorization": f"Bearer {self.secret}"}
            return await http.request(method, f"{STOCK_PATH}{after}", headers=headers, **what)  # type: ignore[arg-type]

    async def tell(self, *events: object) -> httpx.Response:
        return await self.ask("POST", json=list(events))

    async def told(self, *events: object) -> list[str]:
        """What became of each event."""
        answer = await self.tell(*events)
        assert answer.status_code == 200, answer.text
        return [one["outcome"] for one in answer.json()["answers"]]


async def connect(vendor_id: UUID, *, app: Starlette | None = None) -> System:
    key = await vendor_keys.make(
        principal=member(vendor_id), vendor_id=vendor_id, name="Till",
        installation_secret="k" * 32, token=uuid4(), now=NOON,
    )  # fmt: skip
    return System(vendor_id, key.id, key.secret, app or door())


async def event(
    offer: Offer, key: str, version: int, on_hand: int, *, location: str = "main"
) -> dict[str, object]:
    async with transaction(SYSTEM):
        sku = (await Variant.get(id=offer.variant_id)).sku
    return {"id": key, "version": version, "sku": sku, "location": location, "onHand": on_hand}
