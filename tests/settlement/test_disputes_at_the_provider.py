"""Disputes over HTTP against the sandbox: heard, answered once, accepted, decided."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from marketplace.kit.errors import Forbidden, IllegalMove, InvalidInput, NotFound
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.payments.gateway import OutcomeUnknown
from settlement.connected.gateway import DisputeSnapshot
from settlement.connected.stripe_connect import StripeConnect
from settlement.disputes import answering
from settlement.disputes.errors import AlreadyAnswered
from settlement.disputes.models import Dispute, DisputeState
from tests.conftest import Database
from tests.factories import make_offer, make_order
from tests.paying.world import Paying
from tests.payments.world import OVER_HTTP, a_world
from tests.settlement.people import ACCOUNTANT, SUPPORT, VIEWER

pytestmark = OVER_HTTP
DISPUTED = "pm_card_createDispute"


@pytest.fixture
async def shop(committed_db: Database, tmp_path: Path) -> AsyncIterator[Paying]:
    async with a_world(tmp_path) as world:
        yield Paying(world)


async def disputed(shop: Paying) -> Dispute:
    order_id = await make_order({(await make_offer(price=12_00)).id: 2})
    await shop.world.pay(order_id, card=DISPUTED)
    await shop.world.webhooks()
    await shop.hear()
    return await current()


async def current() -> Dispute:
    async with transaction(SYSTEM, read_only=True):
        return await Dispute.get()


async def answer(shop: Paying, dispute: Dispute, text: str) -> None:
    await answering.submit(
        principal=SUPPORT, dispute_id=dispute.id, evidence={"uncategorized_text": text},
        now=shop.world.now,
    )  # fmt: skip


async def send(shop: Paying, gateway: StripeConnect | None = None) -> int:
    return await answering.carry_on_due(gateway=gateway or shop.world.connect, now=shop.world.now)


async def decided(shop: Paying) -> Dispute:
    """The bank's decision, a minute after it has the answer."""
    await shop.world.pass_time(seconds=61)
    await shop.hear()
    return await current()


@pytest.mark.parametrize(
    ("text", "ends"),
    [("winning_evidence", DisputeState.WON), ("losing_evidence", DisputeState.LOST)],
)
async def test_an_answer_is_sent_once_and_decides(
    shop: Paying, text: str, ends: DisputeState
) -> None:
    dispute = await disputed(shop)
    assert (dispute.state, dispute.withdrawn_minor) == (DisputeState.NEEDS_RESPONSE, 33_32)

    await answer(shop, dispute, text)
    with pytest.raises(AlreadyAnswered):
        await answer(shop, dispute, "another one")
    assert (await send(shop), await send(shop)) == (1, 0)

    assert (await current()).state is DisputeState.UNDER_REVIEW
    dispute = await decided(shop)
    assert dispute.state is ends
    assert dispute.withdrawn_minor == (0 if ends is DisputeState.WON else 33_32)
    with pytest.raises(IllegalMove):
        await answer(shop, dispute, "too late")


async def test_accepting_it_loses_it(shop: Paying) -> None:
    dispute = await disputed(shop)

    await answering.accept(principal=ACCOUNTANT, dispute_id=dispute.id, now=shop.world.now)
    assert await send(shop) == 1

    assert (await current()).state is DisputeState.LOST


async def test_only_those_who_may_answer_and_accept(shop: Paying) -> None:
    dispute = await disputed(shop)

    for principal in (VIEWER, SYSTEM):
        with pytest.raises(Forbidden):
            await answering.submit(
                principal=principal, dispute_id=dispute.id, evidence={"uncategorized_text": "x"},
                now=shop.world.now,
            )  # fmt: skip
    with pytest.raises(Forbidden):
        await answering.accept(principal=SUPPORT, dispute_id=dispute.id, now=shop.world.now)
    with pytest.raises(NotFound):
        await answering.accept(principal=ACCOUNTANT, dispute_id=uuid4(), now=shop.world.now)
    assert await send(shop) == 0


@pytest.mark.parametrize(
    "evidence",
    [{}, {"uncategorized_text": " "}, {"receipt": "file"}, {"customer_name": "x" * 20_001}],
)
async def test_what_is_not_words_is_not_sent(shop: Paying, evidence: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        await answering.submit(
            principal=SUPPORT, dispute_id=UUID(int=0), evidence=evidence, now=shop.world.now
        )


@dataclass
class Losing:
    """The provider does what it is asked, and its answer is lost."""

    inner: StripeConnect

    async def submit_evidence(
        self, dispute_id: str, evidence: dict[str, str], key: str
    ) -> DisputeSnapshot:
        await self.inner.submit_evidence(dispute_id, evidence, key)
        raise OutcomeUnknown("silence")


async def test_an_answer_whose_outcome_is_unknown_is_looked_up_and_not_sent_twice(
    shop: Paying,
) -> None:
    dispute = await disputed(shop)
    await answer(shop, dispute, "our words")
    await send(shop, Losing(shop.world.connect))  # type: ignore[arg-type]  # one call of it

    await shop.world.pass_time(seconds=30)
    assert await send(shop) == 1

    assert (await current()).state is DisputeState.UNDER_REVIEW
    told = await shop.world.sandbox.client.v1.disputes.retrieve_async(dispute.provider_dispute_id)
    assert told.evidence_details.submission_count == 1


async def test_what_the_provider_refuses_may_be_answered_in_another_way(shop: Paying) -> None:
    dispute = await disputed(shop)
    await answer(shop, dispute, "our words")
    disputes = shop.world.sandbox.client.v1.disputes
    await disputes.close_async(dispute.provider_dispute_id)

    await send(shop)

    assert (await current()).answered_at is None
    assert await shop.world.value(
        "SELECT state FROM provider_operation WHERE kind = 'evidence'"
    ) == ("failed")
    await shop.hear()
    assert (await current()).state is DisputeState.LOST
