"""What a suspension does: nothing new is sold, what was sold goes on."""

import asyncio
from datetime import timedelta

import pytest

from marketplace.catalog import queries as catalog
from marketplace.checkout import placing
from marketplace.kit.errors import DomainError
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.orders import accepting, shipping
from marketplace.routing import snapshots
from marketplace.scorecards import appealing, by_hand, daily
from marketplace.scorecards.standing_models import Appeal, Scorecard
from tests.factories import GUEST, NOON, make_cart, make_offer, make_paid_order, member, parts_of
from tests.scorecards.deadlines import OLA, moves, seller, shipped

pytestmark = pytest.mark.anyio
LATER = NOON + timedelta(hours=1)


async def test_nothing_new_is_sold_and_what_was_sold_goes_on(db: None) -> None:
    mug = await make_offer()
    [part] = await parts_of(await make_paid_order({mug.id: 1}))
    token = await make_cart({mug.id: 1})
    me = member(mug.vendor_id)

    await by_hand.suspend(principal=OLA, vendor_id=mug.vendor_id, reason="Fakes", now=NOON)

    assert await catalog.offers(principal=GUEST, ids=[mug.id]) == {}
    with pytest.raises(DomainError):
        await placing.place_order(principal=GUEST, token=token, key="away", now=NOON)
    await accepting.accept(principal=me, sub_order_id=part.id, now=NOON)
    await shipping.ship(
        principal=me, sub_order_id=part.id, carrier="DHL", tracking_number="JD014600", key="1",
        now=NOON,
    )  # fmt: skip

    await by_hand.lift(principal=OLA, vendor_id=mug.vendor_id, reason="Real", now=NOON)

    assert set(await catalog.offers(principal=GUEST, ids=[mug.id])) == {mug.id}
    await placing.place_order(principal=GUEST, token=token, key="back", now=NOON)


async def test_nothing_is_routed_to_it(db: None) -> None:
    mug = await make_offer()
    other = await make_offer(like=mug)

    await by_hand.suspend(principal=OLA, vendor_id=mug.vendor_id, reason="Fakes", now=NOON)

    found = await snapshots.of_variants(
        [mug.variant_id], currency="EUR", destination={"country": "DE"}, now=NOON
    )
    assert {one.offer_id: one.closed is None for one in found} == {
        str(mug.id): False, str(other.id): True,
    }  # fmt: skip


async def test_two_at_once_look_appeal_and_answer_once(committed_db: object) -> None:
    part = await seller()
    await shipped(part, late=1, in_time=9)
    me = member(part.vendor_id)

    looks = await asyncio.gather(
        *(daily.look(vendor_id=part.vendor_id, now=NOON) for _ in range(2))
    )
    made = await asyncio.gather(
        *(appealing.appeal(principal=me, text="Why?", now=NOON) for _ in range(2)),
        return_exceptions=True,
    )
    [appeal_id] = [one for one in made if not isinstance(one, BaseException)]
    answers = await asyncio.gather(
        appealing.grant(principal=OLA, appeal_id=appeal_id, answer="Yes", now=LATER),
        appealing.deny(principal=OLA, appeal_id=appeal_id, answer="No", now=LATER),
        return_exceptions=True,
    )

    assert sorted(looks) == [False, True]
    assert [one.code for one in made if isinstance(one, DomainError)] == ["ALREADY_APPEALED"]
    assert [one.code for one in answers if isinstance(one, DomainError)] == ["ILLEGAL_MOVE"]
    async with transaction(SYSTEM, read_only=True):
        assert await Scorecard.all().count() == 1
        [appeal] = await Appeal.all()
    lifted = ["lift"] if appeal.state == "granted" else []
    assert await moves(part.vendor_id) == ["warn", *lifted]
