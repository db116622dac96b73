"""Each kind of difference, brought about where it would be: found alone, named right, settled.

What a person settles is settled on the pages.
"""

import pytest

from settlement.reconciliation import running
from settlement.reconciliation.run_models import BreakCode
from tests.payments.world import OVER_HTTP
from tests.settlement.people import VIEWER
from tests.settlement.reconciliation.desk import Desk
from tests.settlement.reconciliation.stories import STORIES, Story

pytestmark = OVER_HTTP


def test_every_kind_of_difference_has_its_story() -> None:
    assert {story.code for story in STORIES.values()} == set(BreakCode)


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES.keys())
async def test_a_difference_is_found_alone_named_and_settled(desk: Desk, story: Story) -> None:
    await story.comes(desk)

    live = await desk.reconcile()

    every = await desk.breaks(is_live=None)
    assert [one.code for one in every] == [story.code], every
    assert [one.code for one in live] == ([] if story.settles_itself else [story.code])
    assert all(proof.is_proven for proof in await desk.proofs()), await desk.proofs()
    again = await running.rerun(principal=VIEWER, run_id=desk.run_ids[-1])
    assert again.is_same

    await story.goes(desk)
    await desk.reconcile()  # sees that it is gone, and books what it recognises

    assert await desk.reconcile() == []
    assert len(await desk.breaks(is_live=None)) == 1
    if not story.is_forged:
        assert await desk.violations() == ""
    proofs = await desk.proofs()
    assert all(proof.is_proven and not proof.difference.minor for proof in proofs), proofs
