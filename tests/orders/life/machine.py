"""A whole order's life, at random: whoever may do something does it, and every rule holds after.

`python -m tests.orders.life 500` plays as many lives as one likes; each failure prints its steps.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from hypothesis import strategies as st

from marketplace.kit.errors import DomainError
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from marketplace.outbox import draining
from marketplace_runtime.routes import ledger_routes
from settlement.invariants.checking import check_all
from tests.orders.life import acts, trouble
from tests.orders.life.order import Life

LEFT_OVERS = {
    "a hold holds nothing": """
        SELECT 1 FROM order_hold hold WHERE released_at IS NULL AND NOT EXISTS (
            SELECT 1 FROM order_line line WHERE line.order_id = hold.order_id
                AND quantity > refused + cancelled + shipped
                AND (hold.sub_order_id IS NULL OR hold.sub_order_id = line.sub_order_id))
    """,
    "missing pieces wait for nobody": """
        SELECT 1 FROM reservation JOIN order_line line ON line.id = line_id
        JOIN sub_order ON sub_order.id = line.sub_order_id
        WHERE reservation.state = 'committed' AND short > (
                SELECT coalesce(sum(units), 0) FROM substitution
                WHERE substitution.line_id = line.id AND substitution.state = 'proposed')
            AND NOT EXISTS (SELECT 1 FROM shipment WHERE shipment.sub_order_id = sub_order.id
                AND shipment.state IN ('created', 'labelled', 'ready_for_pickup'))
    """,
    "a deadline of a parcel that is none": """
        SELECT 1 FROM sla_clock clock JOIN shipment ON shipment.id = clock.subject_id
        WHERE clock.state IN ('running', 'warned', 'paused')
            AND shipment.state IN ('cancelled', 'delivered', 'collected')
    """,
}
# What is done, to which sub-order and parcel, how many units, and the hours that pass before.
Step = tuple[str, int, int, int, int]
Act = Callable[[Life, int, int, int], Awaitable[None]]
ACTS: Mapping[str, Act] = {
    "pay": acts.pay, "accept": acts.accept, "prepare": acts.prepare, "ship": acts.ship,
    "pack": acts.pack, "hand over": acts.hand_over, "unpack": acts.unpack, "scan": acts.scan,
    "deliver": acts.deliver, "lose": acts.lose, "resolve": acts.resolve,
    "lay ready": acts.lay_ready, "collect": acts.collect, "cancel": acts.cancel,
    "refund": acts.refund, "wait": acts.wait,
    "hold": trouble.hold, "release": trouble.release, "pause": trouble.pause,
    "resume": trouble.resume, "count": trouble.count, "propose": trouble.propose,
    "answer": trouble.answer, "withdraw": trouble.withdraw,
}  # fmt: skip
# Most lives are paid and accepted, or little would happen in them.
BEGINNINGS: list[list[Step]] = [
    [],
    [("pay", 0, 0, 1, 0)],
    [("hold", 0, 0, 1, 0), ("pay", 0, 0, 1, 0)],
    [("pay", 0, 0, 1, 0), ("accept", 0, 0, 1, 1), ("accept", 1, 0, 1, 0)],
    [("pay", 0, 0, 1, 0), ("accept", 0, 0, 2, 1), ("accept", 1, 0, 1, 0), ("ship", 0, 0, 1, 1)],
]
STEPS: st.SearchStrategy[Step] = st.tuples(
    st.sampled_from(sorted(ACTS)),
    st.integers(0, 2),
    st.integers(0, 4),
    st.integers(1, 4),
    st.sampled_from([0, 1, 30]),
)
LIVES = st.tuples(st.sampled_from(BEGINNINGS), st.lists(STEPS, min_size=3, max_size=16))


async def act(life: Life, step: Step) -> None:
    """Do it, or be refused; and look whether everything still holds."""
    name, which, parcel, units, hours = step
    life.now += timedelta(hours=hours)
    try:
        async with transaction(SYSTEM):
            await ACTS[name](life, which, parcel, units)
        life.done.append(name)
    except DomainError as refusal:
        life.done.append(f"({name}: {refusal.code})")
    await trouble.hear_of_shortages(life)
    await draining.drain(routes=ledger_routes(), now=life.now)
    report = await check_all(connection())
    assert report.violations == (), f"{life.done}\n{report}"
    for sentence, sql in LEFT_OVERS.items():
        assert not await connection().fetchval(f"SELECT EXISTS ({sql})"), f"{life.done}\n{sentence}"
