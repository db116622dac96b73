"""One request's world."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from stripe_sandbox.config import SandboxConfig
from stripe_sandbox.errors import missing
from stripe_sandbox.shapes import JsonObject
from stripe_sandbox.store import Store


@dataclass(frozen=True)
class Call:
    """What was asked, by which account, and when (Unix seconds of the marketplace's clock).

    What happens by itself (a settlement, an expiry) is a call without a request.
    """

    store: Store
    config: SandboxConfig
    account: str
    now: int
    params: JsonObject = field(default_factory=dict)
    path: Mapping[str, str] = field(default_factory=dict)
    request_id: str | None = None
    idempotency_key: str | None = None

    def acting_as(self, account: str) -> "Call":
        """The same request's work in another account."""
        return replace(self, account=account)

    def add(self, body: JsonObject) -> JsonObject:
        return self.store.add(self.account, body)

    def save(self, body: JsonObject) -> JsonObject:
        return self.store.save(self.account, body)

    def get(
        self, kind: str, id_: str, *, param: str | None = None, status: int = 404
    ) -> JsonObject:
        """The object, or Stripe's "No such …": 404 for a path, 400 for a parameter."""
        found = self.store.find(self.account, kind, id_)
        if found is None:
            raise missing(kind, id_, param=param, status=status)
        return found
