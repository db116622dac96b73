"""The real gateway, with something going wrong at one call."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from marketplace.payments.gateway import (
    IntentSnapshot,
    Params,
    PaymentGateway,
    RefundSnapshot,
)

Answer = TypeVar("Answer")


class Killed(Exception):
    """The process ends here: nothing after it runs."""


@dataclass
class Passing:
    """Hands every call on."""

    inner: PaymentGateway

    async def call(self, name: str, make: Callable[[], Awaitable[Answer]]) -> Answer:
        return await make()

    def seen(self, snapshot: IntentSnapshot) -> IntentSnapshot:
        return snapshot

    def seen_refund(self, snapshot: RefundSnapshot) -> RefundSnapshot:
        return snapshot

    async def create_intent(self, params: Params, key: str) -> IntentSnapshot:
        make = self.inner.create_intent
        return self.seen(await self.call("create_intent", lambda: make(params, key)))

    async def retrieve_intent(self, intent_id: str) -> IntentSnapshot:
        make = self.inner.retrieve_intent
        return self.seen(await self.call("retrieve_intent", lambda: make(intent_id)))

    async def cancel_intent(self, intent_id: str, key: str) -> IntentSnapshot:
        make = self.inner.cancel_intent
        return self.seen(await self.call("cancel_intent", lambda: make(intent_id, key)))

    async def find_intent(
        self, attempt_id: UUID, *, created_from: datetime
    ) -> IntentSnapshot | None:
        make = self.inner.find_intent
        return await self.call("find_intent", lambda: make(attempt_id, created_from=created_from))

    async def create_refund(self, params: Params, key: str) -> RefundSnapshot:
        make = self.inner.create_refund
        return self.seen_refund(await self.call("create_refund", lambda: make(params, key)))

    async def retrieve_refund(self, refund_id: str) -> RefundSnapshot:
        make = self.inner.retrieve_refund
        return self.seen_refund(await self.call("retrieve_refund", lambda: make(refund_id)))

    async def find_refund(
        self, intent_id: str, refund_id: UUID, generation: int
    ) -> RefundSnapshot | None:
        make = self.inner.find_refund
        return await self.call("find_refund", lambda: make(intent_id, refund_id, generation))

    async def close(self) -> None:
        await self.inner.close()


@dataclass
class Dying(Passing):
    """The process is killed just before, or just after, the provider is asked."""

    before: str | None = None
    after: str | None = None

    async def call(self, name: str, make: Callable[[], Awaitable[Answer]]) -> Answer:
        if name == self.before:
            raise Killed(name)
        answer = await make()
        if name == self.after:
            raise Killed(name)
        return answer


@dataclass
class Telling(Passing):
    """The provider says something else of an intent or a refund than it does."""

    status: str | None = None
    amount_received_minor: int | None = None
    hides_fee: bool = False

    def seen(self, snapshot: IntentSnapshot) -> IntentSnapshot:
        if self.status is not None:
            snapshot = replace(snapshot, status=self.status)
        if self.amount_received_minor is not None:
            snapshot = replace(snapshot, amount_received_minor=self.amount_received_minor)
        if self.hides_fee:
            snapshot = replace(snapshot, fee_minor=None, balance_transaction_id=None)
        return snapshot

    def seen_refund(self, snapshot: RefundSnapshot) -> RefundSnapshot:
        return snapshot if self.status is None else replace(snapshot, status=self.status)
