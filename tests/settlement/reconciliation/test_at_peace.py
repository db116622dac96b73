"""Where nothing is wrong, nothing is found."""

from marketplace.kit.principal import SYSTEM
from settlement.reconciliation import running
from tests.payments.world import OVER_HTTP
from tests.settlement.reconciliation.desk import Desk

pytestmark = OVER_HTTP


async def test_a_paid_and_settled_order_is_matched_and_proven(desk: Desk) -> None:
    await desk.sell()
    await desk.world.pass_time(hours=2)
    await desk.world.sandbox.do_what_is_due()
    await desk.hear()

    found = await desk.reconcile()

    assert found == []
    proofs = await desk.proofs()
    assert [(one.code, one.is_proven) for one in proofs] == [("1010", True), ("1120", True)]
    rerun = await running.rerun(principal=SYSTEM, run_id=desk.run_ids[-1])
    assert rerun.is_same
