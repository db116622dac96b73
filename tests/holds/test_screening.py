import json
from datetime import timedelta

import asyncpg
import pytest

from marketplace.kit.errors import Forbidden, IllegalMove, InvalidInput
from marketplace.kit.money import Money
from marketplace.kit.principal import SYSTEM, Kind, Principal, StaffRole
from marketplace.kit.transactions import connection
from marketplace.orders.hold_models import HoldKind, OrderHold
from marketplace.orders.states import SubOrderState
from marketplace.payments.models import Payment, Refund
from marketplace.risk import drafting, rule_sets, screening
from marketplace.risk.drafting import Draft
from marketplace.risk.models import Outcome, RiskAssessment, RiskRule, RuleKind
from marketplace.risk.scoring import Rule, Rules
from tests.factories import NOON, make_offer, make_order, make_paid_order, parts_of, stock_of
from tests.holds.risky import dear, draft, in_force, often
from tests.holds.waiting import OPERATIONS, broken, release, told

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]


async def test_an_order_the_rules_find_harmless_goes_to_its_vendor() -> None:
    await in_force(dear(1000_00))
    mug = await make_offer(price=12_00)

    order_id = await make_paid_order({mug.id: 1})

    [part] = await parts_of(order_id)
    kept = await RiskAssessment.get(order_id=order_id)
    assert part.state is SubOrderState.AWAITING_ACCEPTANCE
    assert (kept.outcome, kept.score, kept.hits) == (Outcome.APPROVE, 0, [])
    assert kept.inputs["ships_to"] == "DE"


async def test_without_rules_nobody_is_judged() -> None:
    mug = await make_offer()

    order_id = await make_paid_order({mug.id: 1})

    assert not await RiskAssessment.filter(order_id=order_id).exists()


async def test_a_doubtful_order_waits_for_staff_with_its_stock() -> None:
    await in_force(dear(10_00))
    mug = await make_offer(price=12_00, on_hand=5)

    order_id = await make_paid_order({mug.id: 2})

    [part] = await parts_of(order_id)
    hold = await OrderHold.get(order_id=order_id)
    assert part.state is SubOrderState.PENDING
    assert (hold.kind, hold.reason, hold.placed_by) == (
        HoldKind.FRAUD, "The rules gave it 60 points", "system",
    )  # fmt: skip
    assert await stock_of(mug.id) == (5, 2)
    assert await broken() == ()
    await release(hold.id)
    [part] = await parts_of(order_id)
    assert part.state is SubOrderState.AWAITING_ACCEPTANCE


async def test_a_declined_order_gives_money_and_stock_back_and_tells_once() -> None:
    await in_force(dear(10_00, score=100))
    mug = await make_offer(price=12_00, on_hand=5)

    order_id = await make_paid_order({mug.id: 2})

    [part] = await parts_of(order_id)
    payment = await Payment.get(order_id=order_id)
    assert part.state is SubOrderState.CANCELLED
    assert payment.refund_claimed_minor == payment.captured_minor == payment.amount_minor
    assert (await Refund.get(order_id=order_id)).reason == "we cannot accept this order"
    assert await stock_of(mug.id) == (5, 0)
    assert await told(order_id, "order.declined") == 1
    assert await told(order_id, "sub_order.released") == 0
    assert await broken() == ()


async def test_an_order_is_judged_once_however_often_its_payment_is_told_of() -> None:
    await in_force(dear(10_00))
    mug = await make_offer(price=12_00, on_hand=5)
    order_id = await make_paid_order({mug.id: 1})
    hold = await OrderHold.get(order_id=order_id)

    again = await screening.admit(order_id=order_id, now=NOON)
    await release(hold.id)
    after = await screening.admit(order_id=order_id, now=NOON)

    assert again is None
    assert after == screening.PAID_TOO_LATE  # nothing of it waits for money
    assert await OrderHold.filter(order_id=order_id).count() == 1
    assert await RiskAssessment.filter(order_id=order_id).count() == 1


async def test_orders_that_follow_each_other_too_fast_are_noticed() -> None:
    await in_force(often(2, hours=1))
    mug = await make_offer(on_hand=50)
    first = await make_paid_order({mug.id: 1}, now=NOON)
    second = await make_paid_order({mug.id: 1}, now=NOON + timedelta(minutes=10))
    third = await make_paid_order({mug.id: 1}, now=NOON + timedelta(minutes=20))

    outcomes = [(await RiskAssessment.get(order_id=one)).outcome for one in (first, second, third)]

    assert outcomes == [Outcome.APPROVE, Outcome.APPROVE, Outcome.REVIEW]


async def test_an_address_is_the_same_whoever_orders_to_it() -> None:
    pace = Rule(position=1, kind=RuleKind.SAME_ADDRESS, score=60, orders=1, hours=24)
    await in_force(pace)
    mug = await make_offer(on_hand=50)
    first = await make_order({mug.id: 1})
    await connection().execute("UPDATE orders SET email = 'o@x.test' WHERE id = $1", first)

    order_id = await make_paid_order({mug.id: 1}, now=NOON + timedelta(minutes=1))

    assessed = await rule_sets.of_order(principal=SYSTEM, order_id=order_id)
    assert assessed is not None
    assert [hit.saw for hit in assessed.hits] == ["1 in 24 hours"]


async def test_a_draft_says_what_it_would_have_said_and_changes_nothing() -> None:
    mug, vase = await make_offer(price=12_00), await make_offer(sku="vase", price=90_00)
    cheap = await make_paid_order({mug.id: 1})
    costly = await make_paid_order({vase.id: 1}, now=NOON + timedelta(days=9))
    version_id = await draft(dear(50_00))

    said = await rule_sets.would_have_said(principal=OPERATIONS, version_id=version_id, last=20)

    outcomes = {one.order_id: one.judgement.outcome for one in said}
    assert outcomes[cheap] is Outcome.APPROVE
    assert outcomes[costly] is Outcome.REVIEW
    assert not await OrderHold.exists()
    assert not await RiskAssessment.exists()


async def test_what_was_in_force_and_what_it_said_never_change() -> None:
    version_id = await in_force(dear(10_00))
    mug = await make_offer()
    order_id = await make_paid_order({mug.id: 1})

    for statement, value in (
        ("UPDATE risk_rule SET score = 1 WHERE rule_set_id = $1", version_id),
        ("UPDATE risk_assessment SET score = 1 WHERE order_id = $1", order_id),
        ("DELETE FROM risk_assessment WHERE order_id = $1", order_id),
    ):
        await connection().execute("SAVEPOINT tried")
        with pytest.raises(asyncpg.PostgresError):
            await connection().execute(statement, value)
        await connection().execute("ROLLBACK TO tried")
    with pytest.raises(IllegalMove):
        await drafting.activate(principal=OPERATIONS, version_id=version_id, now=NOON)


async def test_a_second_draft_takes_the_place_of_the_first() -> None:
    first = await draft(dear(10_00), often(3, position=2))
    second = await draft(dear(20_00))

    assert first == second
    assert [rule.amount_minor for rule in await RiskRule.filter(rule_set_id=first)] == [20_00]
    await drafting.discard(principal=OPERATIONS, version_id=first)
    assert not await RiskRule.filter(rule_set_id=first).exists()


@pytest.mark.parametrize(
    ("rules", "named"),
    [
        ([dear(-1)], "rule 1"),
        ([dear(1), dear(1, score=0)], "rule 2"),
        ([often(0)], "rule 1"),
        ([often(1, hours=24 * 91)], "rule 1"),
        ([Rule(position=1, kind=RuleKind.AMOUNT_ABOVE, score=5)], "rule 1"),
        ([Rule(position=1, kind=RuleKind.SAME_EMAIL, score=5)], "rule 1"),
        ([dear(1)] * 31, "rules"),
    ],
)
async def test_rules_that_cannot_be_judged_by_are_refused_by_number(
    rules: list[Rule], named: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await draft(*rules)

    assert refused.value.name == named


async def test_thresholds_stand_in_order_and_a_draft_has_a_note() -> None:
    with pytest.raises(InvalidInput):
        await draft(dear(1), review_from=100, reject_from=50)
    wanted = Draft(Rules(review_from=1, reject_from=2, rules=()), " ")
    with pytest.raises(InvalidInput):
        await drafting.save(principal=OPERATIONS, draft=wanted, now=NOON)


async def test_support_does_not_change_the_rules() -> None:
    support = Principal(Kind.STAFF, id=OPERATIONS.id, roles=frozenset({StaffRole.SUPPORT}))
    version_id = await draft(dear(1))

    for attempt in (
        drafting.activate(principal=support, version_id=version_id, now=NOON),
        drafting.discard(principal=support, version_id=version_id),
    ):
        with pytest.raises(Forbidden):
            await attempt


async def test_what_is_kept_can_be_read_without_us() -> None:
    await in_force(dear(10_00))
    mug = await make_offer(price=12_00)
    order_id = await make_paid_order({mug.id: 1})

    text = await connection().fetchval(
        "SELECT hits::text FROM risk_assessment WHERE order_id = $1", order_id
    )

    total = (await Payment.get(order_id=order_id)).amount_minor
    assert json.loads(text) == [
        {"position": 1, "kind": "amount_above", "score": 60, "saw": str(Money(total, "EUR"))}
    ]
