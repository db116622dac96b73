"""A vendor's account at the provider: opened once, onboarded, restricted, disconnected."""

import asyncio
from uuid import UUID

import pytest

from marketplace.kit.errors import Forbidden, NotFound
from marketplace.kit.principal import SYSTEM, Kind, Principal, StaffRole, VendorRole
from marketplace.payments.gateway import Params, ProviderRefused
from settlement.connected import opening, queries, resuming
from settlement.connected.models import AccountState, ConnectedAccount
from settlement.connected.stripe_connect import StripeConnect
from tests.factories import make_vendor, member
from tests.paying.world import Paying
from tests.payments.world import OVER_HTTP, address
from tests.payouts.money import staff
from tests.stripe_sandbox.connected import acting_as
from tests.stripe_sandbox.running import KEY

pytestmark = OVER_HTTP

OPENING = "POST /v1/accounts"
SETTING = "POST /v1/balance_settings"
PAGES = {"return_url": "https://souk.test/back", "refresh_url": "https://souk.test/again"}


async def opened(shop: Paying, vendor_id: UUID, by: Principal = SYSTEM) -> ConnectedAccount:
    return await opening.open_account(
        principal=by, vendor_id=vendor_id, gateway=shop.world.connect, now=shop.world.now
    )


async def at_provider(shop: Paying) -> list[str]:
    found = await shop.world.sandbox.client.v1.accounts.list_async({"limit": 100})
    return [account.id for account in found.data]


async def interval(shop: Paying, account: str) -> str | None:
    """How often the provider pays the account out by itself."""
    settings = await shop.world.sandbox.client.v1.balance_settings.retrieve_async(
        None, acting_as(account)
    )
    assert settings.payments.payouts is not None
    assert settings.payments.payouts.schedule is not None
    return settings.payments.payouts.schedule.interval


async def moves(shop: Paying, vendor_id: UUID) -> list[str]:
    rows = await shop.world.rows(
        "SELECT to_state FROM settlement_change WHERE subject = 'account' AND subject_id = $1"
        " ORDER BY at, ctid",
        vendor_id,
    )
    return [row["to_state"] for row in rows]


async def test_an_account_is_opened_with_payouts_by_hand(shop: Paying) -> None:
    vendor = await make_vendor()

    account = await opened(shop, vendor.id, by=member(vendor.id))

    assert account.state is AccountState.ONBOARDING
    assert account.requirements
    assert await at_provider(shop) == [account.provider_account_id]
    assert account.provider_account_id is not None
    assert await interval(shop, account.provider_account_id) == "manual"
    assert await moves(shop, vendor.id) == ["new", "onboarding"]


async def test_eight_who_open_it_at_once_open_one(shop: Paying) -> None:
    vendor = await make_vendor()

    await asyncio.gather(*(opened(shop, vendor.id) for _ in range(8)))

    account = await opened(shop, vendor.id)
    assert await at_provider(shop) == [account.provider_account_id]


@pytest.mark.parametrize("path", [OPENING, SETTING])
@pytest.mark.parametrize(
    ("fault", "strokes"), [("timeout_after_work", 3), ("error_500_before_work", 3)]
)
async def test_a_lost_answer_is_looked_up_and_opens_one(
    shop: Paying, fault: str, strokes: int, path: str
) -> None:
    vendor = await make_vendor()
    await shop.world.sandbox.fault(fault, path=path, count=strokes)
    await opened(shop, vendor.id)
    assert await resuming.resume_due(gateway=shop.world.connect, now=shop.world.now) == 0

    await shop.world.pass_time(minutes=2)
    await resuming.resume_due(gateway=shop.world.connect, now=shop.world.now)

    account = await shop.account(vendor.id)
    assert account.state is AccountState.ONBOARDING
    assert await at_provider(shop) == [account.provider_account_id]
    assert await resuming.resume_due(gateway=shop.world.connect, now=shop.world.now) == 0


async def test_an_account_that_the_provider_refuses_may_be_asked_for_again(shop: Paying) -> None:
    vendor = await make_vendor()
    await shop.world.rows("UPDATE vendor SET country = 'd!' WHERE id = $1", vendor.id)
    with pytest.raises(ProviderRefused):
        await opened(shop, vendor.id)
    await shop.world.rows("UPDATE vendor SET country = 'FR' WHERE id = $1", vendor.id)

    account = await opened(shop, vendor.id)

    assert account.state is AccountState.ONBOARDING


class Stubborn(StripeConnect):
    """The provider, refusing to let an account pay out by hand for as long as it is told."""

    is_refusing = True

    async def update_balance_settings(self, account: str, params: Params, key: str) -> None:
        if self.is_refusing:
            raise ProviderRefused("not_now", "The account is being looked at.")
        await super().update_balance_settings(account, params, key)


async def test_settings_that_the_provider_refuses_are_asked_for_again_every_hour(
    shop: Paying,
) -> None:
    vendor = await make_vendor()
    provider = Stubborn(api_key=KEY, api_base=address(shop.world.sandbox))
    await opening.open_account(
        principal=SYSTEM, vendor_id=vendor.id, gateway=provider, now=shop.world.now
    )
    account = (await shop.account(vendor.id)).provider_account_id
    assert account is not None

    async def resumed(**later: float) -> int:
        await shop.world.pass_time(**later)
        return await resuming.resume_due(gateway=provider, now=shop.world.now)

    in_vain = [await resumed(minutes=59), await resumed(minutes=1), await resumed(minutes=59)]
    provider.is_refusing = False
    at_last = [await resumed(minutes=1), await resumed(hours=2)]
    await provider.close()

    assert in_vain == [0, 1, 0]
    assert at_last == [1, 0]
    assert await interval(shop, account) == "manual"


async def test_a_vendor_who_answers_the_providers_questions_can_be_paid(shop: Paying) -> None:
    vendor = await make_vendor()
    await opened(shop, vendor.id)

    url = await opening.onboarding_link(
        principal=member(vendor.id), vendor_id=vendor.id, gateway=shop.world.connect, **PAGES
    )
    account_id = (await shop.account(vendor.id)).provider_account_id
    await shop.world.sandbox.door(f"accounts/{account_id}/onboard")
    await shop.hear(newest_first=True)

    account = await queries.account_of(principal=member(vendor.id), vendor_id=vendor.id)
    assert url.startswith("http")
    assert account is not None
    assert (account.state, account.requirements) == (AccountState.ENABLED, [])
    assert account.bank_last4
    assert account.bank_changed_at is None


async def test_what_the_provider_asks_for_restricts_until_it_is_answered(shop: Paying) -> None:
    vendor = await shop.vendor()
    account_id = (await shop.account(vendor)).provider_account_id

    await shop.world.sandbox.door(
        f"accounts/{account_id}/requirements", past_due=["representative.id_number"]
    )
    await shop.hear()
    restricted = await shop.account(vendor)
    await shop.world.sandbox.door(f"accounts/{account_id}/requirements")
    await shop.hear()

    assert restricted.state is AccountState.RESTRICTED
    assert (await shop.account(vendor)).state is AccountState.ENABLED
    assert await moves(shop, vendor) == ["new", "onboarding", "enabled", "restricted", "enabled"]


async def test_a_vendor_who_takes_our_access_away_is_disconnected_for_good(shop: Paying) -> None:
    vendor = await shop.vendor()
    account_id = (await shop.account(vendor)).provider_account_id
    await shop.earn([vendor])
    batch = await shop.batch()

    await shop.world.sandbox.door(f"accounts/{account_id}/deauthorize")
    await shop.hear()

    account = await shop.account(vendor)
    assert account.state is AccountState.DISCONNECTED
    assert not account.payouts_enabled
    assert await shop.pay(batch) == {"cancelled": 1}
    assert (await shop.payout(vendor)).failure_code == "account_not_ready"
    assert await shop.poll() == 1


async def test_only_who_may_opens_a_vendors_account(shop: Paying) -> None:
    vendor, other = await make_vendor(), await make_vendor()
    packer = Principal(
        Kind.VENDOR, id=vendor.id, vendor_id=vendor.id, roles=frozenset({VendorRole.FULFILMENT})
    )

    with pytest.raises(Forbidden):
        await opened(shop, vendor.id, by=packer)
    with pytest.raises(Forbidden):
        await opened(shop, vendor.id, by=staff(StaffRole.SUPPORT))
    with pytest.raises(NotFound):
        await opened(shop, vendor.id, by=member(other.id))
    with pytest.raises(NotFound):
        await opening.onboarding_link(
            principal=SYSTEM, vendor_id=vendor.id, gateway=shop.world.connect, **PAGES
        )
    with pytest.raises(NotFound):
        await queries.account_of(principal=member(other.id), vendor_id=vendor.id)
    assert await at_provider(shop) == []
