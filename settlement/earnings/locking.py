"""The earning is the lock between maturing, refunds, disputes and the news of its delivery."""

from collections.abc import Iterable
from uuid import UUID

from marketplace.kit import locks
from marketplace.kit.transactions import connection
from settlement.earnings.models import EarningState

_LOCK = """
    SELECT sub_order_id, state FROM earning WHERE sub_order_id = ANY($1)
    ORDER BY sub_order_id FOR UPDATE
"""


async def hold_place(sub_order_id: UUID) -> None:
    """Lock what is not there yet: whoever makes the earning, or finds none, waits here."""
    await locks.hold(f"earning:{sub_order_id}")


async def lock(sub_order_ids: Iterable[UUID]) -> dict[UUID, EarningState]:
    """Hold these earnings until the transaction ends; their states, without those not yet made.

    In id order, and with its place where an earning is missing: it cannot appear meanwhile.
    """
    wanted = sorted(set(sub_order_ids))
    found = await _lock(wanted)
    missing = [sub_order_id for sub_order_id in wanted if sub_order_id not in found]
    if missing:
        for sub_order_id in missing:
            await hold_place(sub_order_id)
        found |= await _lock(missing)
    return found


async def _lock(sub_order_ids: list[UUID]) -> dict[UUID, EarningState]:
    rows = await connection().fetch(_LOCK, sub_order_ids)
    return {row["sub_order_id"]: EarningState(row["state"]) for row in rows}
