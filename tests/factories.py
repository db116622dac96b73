"""Make one thing with sensible defaults; name only what the test is about."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

from marketplace.accounts.models import Vendor
from marketplace.catalog.models import Channel, Offer, Product, Variant
from marketplace.checkout import carts, confirming, placing
from marketplace.inventory.models import Location, Stock
from marketplace.kit.ids import new_id
from marketplace.kit.money import Money
from marketplace.kit.principal import SYSTEM, Kind, Principal
from marketplace.kit.transactions import transaction
from marketplace.orders.models import SubOrder
from marketplace.payments.gateway import IntentSnapshot
from marketplace.payments.models import Payment, PaymentAttempt
from marketplace.pricing.models import CommissionRule, ShippingRate, TaxRate
from marketplace.sla.models import SlaPolicy

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)  # a Monday
GUEST = Principal(Kind.GUEST)
ADDRESS = {"line1": "1 Kiln Lane", "city": "Berlin", "postal_code": "10115", "country": "DE"}


async def make_channel(
    *, code: str = "eu", currency: str = "EUR", prices_include_tax: bool = False
) -> Channel:
    """A channel that ships to Germany, with its taxes and the default commission."""
    async with transaction(SYSTEM):
        channel, _ = await Channel.get_or_create(
            code=code,
            defaults={
                "id": new_id(NOON),
                "name": code,
                "currency": currency,
                "locale": "en_IE",
                "time_zone": "Europe/Berlin",
                "countries": ["DE", "FR"],
                "prices_include_tax": prices_include_tax,
            },
        )
        for category, rate_ppm in (("standard", 190_000), ("reduced", 70_000), ("zero", 0)):
            await TaxRate.get_or_create(
                country="DE",
                tax_category=category,
                defaults={"id": new_id(NOON), "rate_ppm": rate_ppm, "liable": "platform"},
            )
        if not await CommissionRule.filter(vendor_id=None, category=None).exists():
            await make_commission_rule()
    return channel


async def make_commission_rule(
    *, rate_ppm: int = 150_000, vat_ppm: int = 200_000, version: int = 1,
    vendor_id: UUID | None = None, category: str | None = None,
) -> CommissionRule:  # fmt: skip
    async with transaction(SYSTEM):
        return await CommissionRule.create(
            id=new_id(NOON),
            version=version,
            vendor_id=vendor_id,
            category=category,
            rate_ppm=rate_ppm,
            vat_ppm=vat_ppm,
            valid_from=NOON - timedelta(days=3650),
        )


async def make_vendor(
    *, name: str = "Kiln & Co", currency: str = "EUR", shipping: int = 4_00
) -> Vendor:
    """A vendor with one location, a shipping rate to Germany and office hours in Berlin."""
    async with transaction(SYSTEM):
        vendor_id = new_id(NOON)
        vendor = await Vendor.create(
            id=vendor_id,
            code=f"v{vendor_id.hex[-10:]}",
            name=name,
            email=f"{vendor_id.hex[-10:]}@vendor.test",
            country="DE",
            time_zone="Europe/Berlin",
            created_at=NOON,
        )
        await Location.create(
            id=new_id(NOON), vendor=vendor, code="main", name="Main", country="DE", priority=1
        )
        await ShippingRate.create(
            id=new_id(NOON), vendor=vendor, country="DE", currency=currency,
            base_minor=shipping, per_unit_minor=0,
        )  # fmt: skip
        await SlaPolicy.create(
            id=new_id(NOON), vendor=vendor, accept_hours=8, ship_hours=16, warn_hours=2,
            time_zone="Europe/Berlin", working_days="12345", opens="09:00", closes="17:00",
            holiday_country="DE",
        )  # fmt: skip
    return vendor


async def make_rate(
    vendor_id: UUID,
    method: str = "express",
    *,
    base: int = 9_00,
    per_unit: int = 0,
    free_from: int | None = None,
    country: str = "DE",
    currency: str = "EUR",
) -> ShippingRate:
    """Another way in which a vendor sends."""
    async with transaction(SYSTEM):
        return await ShippingRate.create(
            id=new_id(NOON), vendor_id=vendor_id, method=method, country=country,
            currency=currency, base_minor=base, per_unit_minor=per_unit, free_from_minor=free_from,
        )  # fmt: skip


async def make_offer(
    *,
    vendor: Vendor | None = None,
    sku: str = "mug",
    price: int = 12_00,
    on_hand: int = 5,
    currency: str = "EUR",
    category: str = "home",
    tax_category: str = "standard",
    like: Offer | None = None,
) -> Offer:
    """An offer for a product of its own, or of the same as `like`, in stock at its location."""
    vendor = vendor or await make_vendor(currency=currency)
    async with transaction(SYSTEM):
        product_id = new_id(NOON)
        variant = None if like is None else await Variant.get(id=like.variant_id)
        product = None if variant else await Product.create(
            id=product_id, slug=f"{sku}-{product_id.hex[-10:]}", name=sku.title(),
            description=f"A {sku}.", category=category, tax_category=tax_category, created_at=NOON,
        )  # fmt: skip
        variant = variant or await Variant.create(
            id=new_id(NOON), product=product, sku=f"{sku}-{product_id.hex[-10:]}", name=""
        )
        offer = await Offer.create(
            id=new_id(NOON), vendor=vendor, variant=variant, price_minor=price, currency=currency,
            created_at=NOON,
        )  # fmt: skip
        location = await Location.filter(vendor_id=vendor.id).first()
        assert location is not None
        await Stock.create(
            id=new_id(NOON), offer=offer, location=location, vendor_id=vendor.id, on_hand=on_hand
        )
    return offer


async def make_cart(
    basket: Mapping[UUID, int], *, channel: str = "eu", email: str = "ana@example.com"
) -> str:
    """A cart that could be ordered; answers with its token."""
    await make_channel(code=channel)
    _, token = await carts.create(principal=GUEST, channel_code=channel, now=NOON)
    for offer_id, quantity in basket.items():
        await carts.set_line(principal=GUEST, token=token, offer_id=offer_id, quantity=quantity)
    await carts.set_details(
        principal=GUEST, token=token, email=email, name="Ana Pires", address=ADDRESS
    )
    return token


async def make_order(
    basket: Mapping[UUID, int],
    *,
    key: str | None = None,
    now: datetime = NOON,
    discount: str | None = None,
    methods: Mapping[UUID, str] | None = None,
) -> UUID:
    """An order that was placed and not yet paid; its key is its own unless one is given.

    `methods` are the shipping methods that were chosen, by vendor.
    """
    token = await make_cart(basket)
    for vendor_id, method in (methods or {}).items():
        await carts.set_shipping(principal=GUEST, token=token, vendor_id=vendor_id, method=method)
    if discount is not None:
        await carts.set_discount(principal=GUEST, token=token, code=discount)
    return await placing.place_order(principal=GUEST, token=token, key=key or token, now=now)


async def stock_of(offer_id: UUID) -> tuple[int, int]:
    """On hand and reserved."""
    async with transaction(SYSTEM, read_only=True):
        stock = await Stock.get(offer_id=offer_id)
    return stock.on_hand, stock.reserved


def euros(minor: int) -> Money:
    return Money(minor, "EUR")


async def make_paid_order(
    basket: Mapping[UUID, int],
    *,
    now: datetime = NOON,
    fee: int | None = None,
    discount: str | None = None,
    methods: Mapping[UUID, str] | None = None,
) -> UUID:
    """An order whose money has arrived: released to its vendors. The provider is only told of."""
    order_id = await make_order(basket, now=now, discount=discount, methods=methods)
    await pay(order_id, now=now, fee=fee)
    return order_id


async def pay(order_id: UUID, *, now: datetime = NOON, fee: int | None = None) -> None:
    """The provider says that this order's whole amount was captured."""
    tail = order_id.hex[-20:]
    async with transaction(SYSTEM):
        payment = await Payment.get(order_id=order_id)
        attempt = await PaymentAttempt.create(
            id=new_id(now), payment=payment, generation=1, state="created", created_at=now,
            payment_method="pm_card_visa",
        )  # fmt: skip
    snapshot = IntentSnapshot(
        intent_id=f"pi_{tail}",
        status="succeeded",
        amount_minor=payment.amount_minor,
        amount_received_minor=payment.amount_minor,
        currency=payment.currency,
        charge_id=f"ch_{tail}",
        balance_transaction_id=None if fee is None else f"txn_{tail}",
        fee_minor=fee,
    )
    await confirming.apply_intent(attempt_id=attempt.id, snapshot=snapshot, now=now)


async def parts_of(order_id: UUID) -> list[SubOrder]:
    """The order's sub-orders by number, with their lines."""
    async with transaction(SYSTEM, read_only=True):
        return await SubOrder.filter(order_id=order_id).order_by("number").prefetch_related("lines")


def member(vendor_id: UUID) -> Principal:
    """Somebody who works for this vendor."""
    return Principal(Kind.VENDOR, id=vendor_id, vendor_id=vendor_id, roles=frozenset({"owner"}))
