"""Operations stop a key of a vendor's system; nobody else of the staff does."""

import re
from uuid import uuid4

import pytest

from marketplace.accounts import vendor_keys
from marketplace.accounts.errors import UnknownKey
from marketplace.accounts.models import VendorKey
from marketplace.kit.principal import SYSTEM, StaffRole
from marketplace.kit.transactions import transaction
from tests.back_office.conftest import SignedIn
from tests.back_office.stories import two_vendors
from tests.factories import NOON
from tests.marketplace_web.doors import token_in
from tests.vendor_portal.systems import connect

pytestmark = pytest.mark.anyio


async def test_operations_revoke_a_key_and_its_history_says_so(signed_in: SignedIn) -> None:
    order = await two_vendors()
    system = await connect(order.kiln.id)
    ola = await signed_in(StaffRole.OPERATIONS)
    vendor = f"/back-office/vendors/{order.kiln.id}"

    page = await ola.get(vendor)
    [door] = re.findall(r'action="([^"]+/revocation)"', page.text)
    answers = [await ola.post(door, data={"csrf_token": token_in(page)}) for _ in range(2)]

    assert [answer.headers["location"] for answer in answers] == [vendor] * 2
    shown = await ola.get(vendor)
    assert "The key of Till opens nothing now." in shown.text
    assert door not in shown.text
    with pytest.raises(UnknownKey):
        await vendor_keys.admit(secret=system.secret, now=NOON)
    async with transaction(SYSTEM, read_only=True):
        [key] = await VendorKey.all()
    assert key.revoked_by is not None
    assert key.revoked_by.startswith("staff:")


async def test_a_key_is_revoked_at_its_own_vendor_alone(signed_in: SignedIn) -> None:
    order = await two_vendors()
    system = await connect(order.kiln.id)
    ola = await signed_in(StaffRole.OPERATIONS)
    token = token_in(await ola.get(f"/back-office/vendors/{order.kiln.id}"))

    for vendor_id, key_id in ((order.loom.id, system.key_id), (order.kiln.id, uuid4())):
        path = f"/back-office/vendors/{vendor_id}/keys/{key_id}/revocation"
        assert (await ola.post(path, data={"csrf_token": token})).status_code == 404

    assert (await vendor_keys.admit(secret=system.secret, now=NOON)).vendor_id == order.kiln.id


@pytest.mark.parametrize("role", [StaffRole.SUPPORT, StaffRole.ACCOUNTANT])
async def test_others_neither_see_nor_revoke_them(signed_in: SignedIn, role: StaffRole) -> None:
    order = await two_vendors()
    system = await connect(order.kiln.id)
    somebody = await signed_in(role)
    vendor = f"/back-office/vendors/{order.kiln.id}"

    page = await somebody.get(vendor)
    answer = await somebody.post(
        f"{vendor}/keys/{system.key_id}/revocation", data={"csrf_token": token_in(page)}
    )

    assert "Keys of its systems" not in page.text
    assert answer.status_code == 403
    assert (await vendor_keys.admit(secret=system.secret, now=NOON)).vendor_id == order.kiln.id
