"""The marketplace that every story begins with: who sells what, and on which terms."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from marketplace.catalog.models import Offer
from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.pricing.models import Discount, ShippingRate, TaxRate
from settlement.connected import opening
from settlement.terms import changing
from settlement.terms.models import Schedule
from tests.factories import (
    NOON,
    make_channel,
    make_commission_rule,
    make_offer,
    make_vendor,
)
from tests.paying.world import Paying
from tests.payments.world import World
from tests.payouts.terms import agree
from tests.settlement.people import ADMINISTRATOR
from tests.stripe_sandbox.connected import door

CODES = ("OURS", "THEIRS")  # a discount that we pay for, and one that the first vendor pays for
LONG_AGO = NOON - timedelta(days=300)
TWO_PEOPLE_ABOVE = 150_00  # minor units


@dataclass(frozen=True)
class Cast:
    """Three vendors with two offers each: in Germany we owe the tax, in France the vendors do."""

    vendors: tuple[UUID, ...]
    offers: tuple[UUID, ...]
    accounts: tuple[str, ...]


async def gather(world: World) -> Cast:
    """The vendors' accounts at the provider are open, and we know it."""
    await make_channel()
    await _tax_in_france()
    await changing.change_policy(
        principal=ADMINISTRATOR, currency="EUR", auto_approve_minor=0,
        second_approval_minor=TWO_PEOPLE_ABOVE,
    )  # fmt: skip
    daily = {"maturity_days": 1, "undelivered_days": 4, "bank_cooling_days": 2}
    paid = {"schedule": Schedule.DAILY, "schedule_days": []} | daily
    await agree(None, at=LONG_AGO, **paid)
    paying, vendors, offers = Paying(world), [], []
    for number, prices in enumerate(((19_99, 60_00), (7_77, 40_00), (3_33, 120_01)), start=1):
        vendor = await make_vendor(name=f"Vendor {number}", shipping=100 * number + 33)
        vendors.append(vendor.id)
        offers += [
            await make_offer(vendor=vendor, price=price, on_hand=10_000, tax_category=category)
            for price, category in zip(prices, ("standard", "reduced"), strict=True)
        ]
        async with transaction(SYSTEM):
            await ShippingRate.create(
                id=new_id(NOON), vendor=vendor, country="FR", currency="EUR", base_minor=9_99,
                per_unit_minor=50,
            )  # fmt: skip
    await make_commission_rule(rate_ppm=87_500, vat_ppm=0, vendor_id=vendors[1])
    await agree(vendors[0], at=LONG_AGO, **paid | {"reserve_bps": 10_00, "reserve_days": 12})
    await agree(vendors[2], at=LONG_AGO, **paid | {"minimums": {"EUR": 25_00}})
    await _discounts(vendors[0])
    accounts = [await _account(world, vendor_id) for vendor_id in vendors]
    await paying.hear()
    return Cast(tuple(vendors), _ids(offers), tuple(accounts))


async def _tax_in_france() -> None:
    async with transaction(SYSTEM):
        for category, rate_ppm in (("standard", 200_000), ("reduced", 55_000)):
            await TaxRate.create(
                id=new_id(NOON), country="FR", tax_category=category, rate_ppm=rate_ppm,
                liable="vendor",
            )  # fmt: skip


async def _discounts(vendor_id: UUID) -> None:
    async with transaction(SYSTEM):
        for code, funds in zip(CODES, (None, vendor_id), strict=True):
            await Discount.create(
                id=new_id(NOON), code=code, amount_minor=5_55, currency="EUR", vendor_id=funds,
                valid_from=LONG_AGO,
            )  # fmt: skip


async def _account(world: World, vendor_id: UUID) -> str:
    account = await opening.open_account(
        principal=SYSTEM, vendor_id=vendor_id, gateway=world.connect, now=world.now
    )
    assert account.provider_account_id is not None
    await door(world.sandbox, f"accounts/{account.provider_account_id}/onboard")
    return account.provider_account_id


def _ids(offers: list[Offer]) -> tuple[UUID, ...]:
    return tuple(offer.id for offer in offers)
