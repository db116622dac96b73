"""Plant the demo marketplace into an empty database, whole or not at all."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from marketplace.accounts import members
from marketplace.accounts.members import Person
from marketplace.accounts.models import Vendor
from marketplace.catalog.models import Channel, Offer, Product, Variant
from marketplace.inventory.models import Location, Stock
from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM, StaffRole, VendorRole
from marketplace.kit.transactions import transaction
from marketplace.pricing.models import CommissionRule, Discount, ShippingRate, TaxRate
from marketplace.sla.models import SlaPolicy
from marketplace_runtime.seeding import demo
from marketplace_runtime.seeding.demo import DemoOffer, DemoProduct, DemoVendor
from marketplace_runtime.seeding.ruling import rule_deadlines, rule_risks
from marketplace_runtime.seeding.stocking import stock_up
from settlement.reconciliation import bank_accounts


@dataclass(frozen=True, slots=True)
class SignIn:
    face: str
    who: str
    email: str
    password: str


@dataclass(frozen=True, slots=True)
class SeedReport:
    """`planted` is False where a marketplace stood already; the sign-ins are those of the demo."""

    planted: bool
    sign_ins: tuple[SignIn, ...]


async def plant(*, now: datetime) -> SeedReport:
    """Make channels, taxes, vendors, staff, catalogue and stock; a second call changes nothing."""
    async with transaction(SYSTEM):
        planted = not await Channel.exists()
        if planted:
            await _channels(now)
            vendors = [await _vendor(vendor, now) for vendor in demo.VENDORS]
            await _packer(vendors[0], now)
            await _staff(now)
            await rule_risks(now)
            await rule_deadlines(now)
            await _bank_accounts(now)
            await _catalogue({vendor.code: vendor for vendor in vendors}, now)
            await stock_up(vendors, now)
            await _discounts({vendor.code: vendor for vendor in vendors}, now)
    return SeedReport(planted, _sign_ins())


async def is_planted() -> bool:
    """Whether a marketplace stands here, ours or somebody's."""
    async with transaction(SYSTEM, read_only=True):
        return await Channel.exists()


def _sign_ins() -> tuple[SignIn, ...]:
    vendors = [
        SignIn("vendor portal", vendor.name, vendor.owner_email, demo.PASSWORD)
        for vendor in demo.VENDORS
    ]
    _, email = demo.PACKER
    vendors.append(
        SignIn("vendor portal", f"{demo.VENDORS[0].name}, packing", email, demo.PASSWORD)
    )
    staff = [SignIn("back office", role, email, demo.PASSWORD) for _, email, role in demo.STAFF]
    return (*vendors, *staff)


async def _channels(now: datetime) -> None:
    await Channel.create(
        id=new_id(now), code="eu", name="Europe", currency="EUR", locale="en_IE",
        time_zone="Europe/Berlin", countries=demo.COUNTRIES, prices_include_tax=True,
    )  # fmt: skip
    await Channel.create(
        id=new_id(now), code="us", name="United States", currency="USD", locale="en_US",
        time_zone="America/New_York", countries=["US"], prices_include_tax=False,
    )  # fmt: skip
    for country, (standard, reduced) in demo.TAX_RATES.items():
        for category, rate_ppm in (("standard", standard), ("reduced", reduced), ("zero", 0)):
            await TaxRate.create(
                id=new_id(now), country=country, tax_category=category, rate_ppm=rate_ppm,
                liable="platform",
            )  # fmt: skip
    commissions: dict[str | None, int] = {None: 150_000, "pantry": 100_000}
    for kind, rate_ppm in commissions.items():
        await CommissionRule.create(
            id=new_id(now), version=1, category=kind, rate_ppm=rate_ppm, vat_ppm=190_000,
            valid_from=now,
        )  # fmt: skip


async def _vendor(vendor: DemoVendor, now: datetime) -> Vendor:
    created = await members.create_vendor(
        code=vendor.code,
        name=vendor.name,
        email=f"orders@{vendor.code}.example",
        country=vendor.country,
        time_zone=vendor.time_zone,
        owner=Person(vendor.owner_email, vendor.owner, demo.PASSWORD),
        principal=SYSTEM,
        now=now,
    )
    await Location.create(
        id=new_id(now), vendor=created, code="main", name=f"{vendor.name}, workshop",
        country=vendor.country, priority=1,
    )  # fmt: skip
    await SlaPolicy.create(
        id=new_id(now), vendor=created, accept_hours=16, ship_hours=24, warn_hours=4,
        time_zone=vendor.time_zone, working_days="12345", opens="09:00", closes="17:00",
        holiday_country=vendor.country,
    )  # fmt: skip
    await _rates(created, vendor, now)
    return created


async def _rates(created: Vendor, vendor: DemoVendor, now: datetime) -> None:
    for country in demo.COUNTRIES:
        await ShippingRate.create(
            id=new_id(now), vendor=created, country=country, currency="EUR",
            base_minor=vendor.shipping_eur, per_unit_minor=50,
            free_from_minor=vendor.free_from_eur,
        )  # fmt: skip
        if vendor.express_eur is not None:
            await ShippingRate.create(
                id=new_id(now), vendor=created, country=country, currency="EUR",
                method=demo.EXPRESS, base_minor=vendor.express_eur, per_unit_minor=100,
            )  # fmt: skip
    await ShippingRate.create(
        id=new_id(now), vendor=created, country="US", currency="USD", base_minor=2900,
        per_unit_minor=400,
    )  # fmt: skip


async def _packer(vendor: Vendor, now: datetime) -> None:
    """Somebody who ships for a vendor and does not see its money."""
    name, email = demo.PACKER
    await members.add_member(
        vendor_id=vendor.id, person=Person(email, name, demo.PASSWORD),
        role=VendorRole.FULFILMENT, principal=SYSTEM, now=now,
    )  # fmt: skip


async def _staff(now: datetime) -> None:
    for name, email, role in demo.STAFF:
        await members.create_staff(
            person=Person(email, name, demo.PASSWORD), roles=[StaffRole(role)], principal=SYSTEM,
            now=now,
        )  # fmt: skip


async def _bank_accounts(now: datetime) -> None:
    """Ours at the sandbox's bank, which has one number for every currency."""
    for currency in ("EUR", "USD"):
        await bank_accounts.open_account(
            principal=SYSTEM, code=f"main-{currency.lower()}", name=f"Main account {currency}",
            identification=demo.IBAN, currency=currency, now=now,
        )  # fmt: skip


async def _catalogue(vendors: dict[str, Vendor], now: datetime) -> None:
    locations = {
        location.vendor_id: location.id
        for location in await Location.filter(vendor_id__in=[v.id for v in vendors.values()])
    }
    for product in demo.PRODUCTS:
        slug = "-".join("".join(c if c.isalnum() else " " for c in product.name.lower()).split())
        planted = await Product.create(
            id=new_id(now), slug=slug, name=product.name, description=product.description,
            category=product.category, tax_category=product.tax_category, created_at=now,
        )  # fmt: skip
        await _variants(planted, product, vendors, locations, now)


async def _variants(
    planted: Product,
    product: DemoProduct,
    vendors: dict[str, Vendor],
    locations: dict[UUID, UUID],
    now: datetime,
) -> None:
    for number, (name, offers) in enumerate(product.variants.items(), start=1):
        sku = f"{planted.slug[:24].strip('-').upper()}-{number}"
        variant = await Variant.create(id=new_id(now), product=planted, sku=sku, name=name)
        for offer in offers:
            vendor = vendors[offer.vendor]
            await _offer(offer, variant, vendor, locations[vendor.id], now)


async def _offer(
    offer: DemoOffer, variant: Variant, vendor: Vendor, location_id: UUID, now: datetime
) -> None:
    planted = await Offer.create(
        id=new_id(now), vendor=vendor, variant=variant, price_minor=offer.price,
        currency=offer.currency, created_at=now,
    )  # fmt: skip
    await Stock.create(
        id=new_id(now), offer=planted, location_id=location_id, vendor_id=vendor.id,
        on_hand=offer.stock,
    )  # fmt: skip


async def _discounts(vendors: dict[str, Vendor], now: datetime) -> None:
    await Discount.create(
        id=new_id(now), code="WELCOME10", amount_minor=1000, currency="EUR", valid_from=now
    )
    await Discount.create(
        id=new_id(now), code="KILN5", amount_minor=500, currency="EUR", valid_from=now,
        vendor=vendors["kiln"],
    )  # fmt: skip
