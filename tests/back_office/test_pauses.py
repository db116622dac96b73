"""What an order's deadlines wait for, on its page."""

import pytest

from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM, StaffRole
from marketplace.kit.transactions import transaction
from marketplace.sla import pausing
from marketplace.sla.models import PauseCause
from tests.back_office.conftest import SignedIn
from tests.back_office.stories import two_vendors
from tests.factories import NOON

pytestmark = pytest.mark.anyio


async def test_what_stands_still_for_a_question_is_shown_and_not_ended_by_hand(
    signed_in: SignedIn,
) -> None:
    ola, order = await signed_in(StaffRole.OPERATIONS), await two_vendors()
    async with transaction(SYSTEM):
        await pausing.pause(
            order_id=order.order_id, cause=PauseCause.CUSTOMER, reference=new_id(NOON),
            note="A question about a substitute", now=NOON,
        )  # fmt: skip

    page = (await ola.get(f"/back-office/orders/{order.order_id}")).text

    assert "A question about a substitute" in page
    assert "Let them go on" not in page
