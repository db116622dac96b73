"""Every step there is, and how often it is chosen."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from tests.settlement.simulation import faults, mending, money, month, selling
from tests.settlement.simulation.play import Play
from tests.settlement.simulation.story import Picks

Act: TypeAlias = Callable[[Play, Picks], Awaitable[str | None]]

ACTS: dict[str, tuple[Act, int]] = {
    act.__name__: (act, weight)
    for act, weight in (
        (selling.sell, 10),
        (selling.buy, 4),
        (selling.pay_again, 1),
        (selling.accept, 3),
        (selling.ship, 3),
        (selling.deliver, 2),
        (selling.refund, 8),
        (selling.refund_all, 3),
        (selling.resend, 2),
        (money.correct, 4),
        (money.hold, 2),
        (money.release, 2),
        (money.freeze, 2),
        (money.lift, 2),
        (money.draft, 3),
        (money.approve, 4),
        (money.cancel_batch, 1),
        (money.pay_batch, 2),
        (money.payday, 10),
        (money.cancel_payout, 3),
        (money.retry_payout, 2),
        (money.dispute, 4),
        (money.decide, 3),
        (money.answer, 3),
        (money.new_bank, 1),
        (mending.shorten, 3),
        (mending.undo, 2),
        (mending.revalue, 1),
        (month.close_month, 2),
        (faults.minutes, 3),
        (faults.days, 4),
        (faults.work, 3),
        (faults.two_workers, 4),
        (faults.answers_lost, 6),
        (faults.webhooks, 4),
        (faults.payout_fails, 4),
        (faults.line_late, 2),
        (faults.die, 5),
    )
}
WEIGHTS = {name: weight for name, (_, weight) in ACTS.items()}
