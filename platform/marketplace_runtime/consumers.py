"""Consumers that need what the runtime has: a provider, a carrier, transactions of their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from marketplace.carriers.protocol import Carrier
from marketplace.checkout import provider_events
from marketplace.inventory import uploading
from marketplace.orders import labelling
from marketplace.outbox.routes import Received
from marketplace.payments import submitting
from marketplace.payments.gateway import PaymentGateway
from settlement import provider_events as settlement_events
from settlement.connected.gateway import ConnectGateway
from settlement.payouts import paying


async def write_upload(event: Received, *, now: datetime) -> None:
    """In slices that commit by themselves, so outside of the delivery's transaction."""
    await uploading.carry_on(upload_id=event.id_of("upload_id"), now=now)


@dataclass(frozen=True, slots=True)
class Provider:
    """Consumers that ask the payment provider."""

    gateway: PaymentGateway

    async def submit_refund(self, event: Received, *, now: datetime) -> None:
        refund_id = event.id_of("refund_id")
        await submitting.submit_refund(refund_id=refund_id, gateway=self.gateway, now=now)

    async def apply_event(self, event: Received, *, now: datetime) -> None:
        await provider_events.handle(
            provider_event_id=event.id_of("provider_event_id"), gateway=self.gateway, now=now
        )


@dataclass(frozen=True, slots=True)
class Labels:
    """The consumer that asks carriers for labels."""

    carriers: Sequence[Carrier]

    async def label(self, event: Received, *, now: datetime) -> None:
        for carrier in self.carriers:
            await labelling.label(shipment_id=event.id_of("shipment_id"), carrier=carrier, now=now)


@dataclass(frozen=True, slots=True)
class Money:
    """Consumers that ask the payment provider about vendors' money."""

    gateway: ConnectGateway

    async def pay(self, event: Received, *, now: datetime) -> None:
        payout_id = event.id_of("payout_id")
        await paying.pay_payout(payout_id=payout_id, gateway=self.gateway, now=now)

    async def apply_event(self, event: Received, *, now: datetime) -> None:
        await settlement_events.handle(
            provider_event_id=event.id_of("provider_event_id"), gateway=self.gateway, now=now
        )
