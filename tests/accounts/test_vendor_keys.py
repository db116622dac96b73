"""Keys of vendors' systems: who makes them, what they open, and when they stop."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from marketplace.accounts import vendor_keys
from marketplace.accounts.errors import KeyShownBefore, KeySlowed, TooManyKeys, UnknownKey
from marketplace.accounts.models import VendorKey
from marketplace.accounts.vendor_keys import MOST_OPEN, MOST_REQUESTS, PER, NewKey
from marketplace.kit.errors import Forbidden, InvalidInput, NotFound
from marketplace.kit.principal import Kind, Principal, VendorRole
from marketplace.kit.transactions import connection
from tests.factories import NOON, make_vendor, member

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]

SECOND = timedelta(seconds=1)


async def make(
    vendor_id: UUID, *, name: str = "Till", token: UUID | None = None, by: Principal | None = None
) -> NewKey:
    return await vendor_keys.make(
        principal=by or member(vendor_id), vendor_id=vendor_id, name=name,
        installation_secret="k" * 32, token=token or uuid4(), now=NOON,
    )  # fmt: skip


async def revoke(key: NewKey, vendor_id: UUID) -> str:
    return await vendor_keys.revoke(
        principal=member(vendor_id), vendor_id=vendor_id, key_id=key.id, now=NOON
    )


async def test_a_key_speaks_for_its_vendor_and_its_row_does_not_hold_it() -> None:
    vendor = await make_vendor()
    key = await make(vendor.id, name="  The   till ")

    holder = await vendor_keys.admit(secret=key.secret, now=NOON + SECOND)

    assert (holder.id, holder.vendor_id, holder.roles) == (
        key.id, vendor.id, frozenset({"stock"}),
    )  # fmt: skip
    row = await connection().fetchval("SELECT to_jsonb(vendor_key)::text FROM vendor_key")
    assert key.secret not in row
    assert key.secret not in repr(key)
    assert key.secret.removeprefix("souk_")[8:] not in row
    [shown] = await vendor_keys.of_vendor(principal=member(vendor.id), vendor_id=vendor.id)
    assert (shown.name, shown.prefix) == ("The till", key.secret[:13])
    assert (shown.created_at, shown.used_at) == (NOON, NOON + SECOND)


async def test_a_form_sent_twice_makes_one_key_that_both_answers_show_until_it_is_used() -> None:
    mine, theirs = await make_vendor(), await make_vendor()
    token = uuid4()

    first, again = await make(mine.id, token=token), await make(mine.id, token=token)
    other = await make(theirs.id, token=token)
    await vendor_keys.admit(secret=first.secret, now=NOON)

    assert (first.id, first.secret) == (again.id, again.secret)
    assert other.secret != first.secret
    assert await VendorKey.filter(vendor_id=mine.id).count() == 1
    with pytest.raises(KeyShownBefore):
        await make(mine.id, token=token)


async def test_owners_alone_make_list_and_revoke_keys() -> None:
    vendor = await make_vendor()
    key = await make(vendor.id)
    holder = await vendor_keys.admit(secret=key.secret, now=NOON)
    packer = Principal(Kind.VENDOR, uuid4(), vendor.id, frozenset({VendorRole.FULFILMENT}))

    for by in (packer, holder):
        with pytest.raises(Forbidden):
            await make(vendor.id, by=by)
        with pytest.raises(Forbidden):
            await vendor_keys.of_vendor(principal=by, vendor_id=vendor.id)
        with pytest.raises(Forbidden):
            await vendor_keys.revoke(principal=by, vendor_id=vendor.id, key_id=key.id, now=NOON)
    with pytest.raises(InvalidInput):
        await make(vendor.id, name=" ")

    assert await VendorKey.filter(vendor_id=vendor.id, revoked_at=None).count() == 1


async def test_another_vendors_key_does_not_exist() -> None:
    mine, theirs = await make_vendor(), await make_vendor()
    key = await make(theirs.id)

    with pytest.raises(NotFound):
        await revoke(key, mine.id)

    assert await vendor_keys.of_vendor(principal=member(mine.id), vendor_id=mine.id) == []
    assert (await vendor_keys.admit(secret=key.secret, now=NOON)).vendor_id == theirs.id


async def test_what_is_no_open_key_is_refused_alike() -> None:
    vendor = await make_vendor()
    key = await make(vendor.id)
    await revoke(key, vendor.id)
    assert await revoke(key, vendor.id) == "Till"

    for secret in (key.secret, f"souk_{'0' * 64}", "souk_", "", key.secret.upper(), "\x00"):
        with pytest.raises(UnknownKey):
            await vendor_keys.admit(secret=secret, now=NOON)


async def test_a_handful_may_be_open_and_a_revoked_one_makes_room() -> None:
    vendor = await make_vendor()
    keys = [await make(vendor.id) for _ in range(MOST_OPEN)]

    with pytest.raises(TooManyKeys):
        await make(vendor.id)
    await revoke(keys[0], vendor.id)
    await make(vendor.id)

    listed = await vendor_keys.of_vendor(principal=member(vendor.id), vendor_id=vendor.id)
    assert [row.revoked_at is None for row in listed] == [*[True] * MOST_OPEN, False]


async def test_a_key_that_asks_too_often_waits_for_the_next_minute() -> None:
    vendor = await make_vendor()
    busy, other = await make(vendor.id), await make(vendor.id)
    await vendor_keys.admit(secret=busy.secret, now=NOON)
    await connection().execute(
        "UPDATE vendor_key SET counted = $1 - 1 WHERE counted > 0", MOST_REQUESTS
    )

    await vendor_keys.admit(secret=busy.secret, now=NOON + 10 * SECOND)
    with pytest.raises(KeySlowed) as slowed:
        await vendor_keys.admit(secret=busy.secret, now=NOON + 20 * SECOND)
    with pytest.raises(KeySlowed) as slowed_again:
        await vendor_keys.admit(secret=busy.secret, now=NOON + 20.7 * SECOND)
    await vendor_keys.admit(secret=other.secret, now=NOON + 20 * SECOND)
    await vendor_keys.admit(secret=busy.secret, now=NOON + PER)

    assert slowed.value.seconds == 40
    assert slowed_again.value.seconds == 40  # after 39 it would be too early
    assert (await VendorKey.get(id=busy.id)).counted == 1
