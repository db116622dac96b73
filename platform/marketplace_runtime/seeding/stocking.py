"""The demo's shelves: something runs low, something is coming, something is sold ahead."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from marketplace.accounts.models import Vendor
from marketplace.inventory import adjusting, locating, receiving, selling_ahead
from marketplace.inventory.models import AheadKind, LocationKind, Stock
from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM


async def stock_up(vendors: Sequence[Vendor], now: datetime) -> None:
    """Call it in the transaction that plants the catalogue."""
    for vendor in vendors:
        watched, coming, ahead = await Stock.filter(vendor_id=vendor.id).order_by("id").limit(3)
        await adjusting.set_levels(principal=SYSTEM, stock_id=watched.id, safety=1, low_at=5)
        await receiving.announce(
            principal=SYSTEM, stock_id=coming.id, pieces=24, reference=f"{vendor.code}-1",
            expected_on=(now + timedelta(days=9)).date(), key=f"demo:{vendor.code}", now=now,
        )  # fmt: skip
        await selling_ahead.allow(
            principal=SYSTEM, offer_id=ahead.offer_id, kind=AheadKind.BACKORDER, limit=20,
            lead_days=14, now=now,
        )  # fmt: skip
    await _shop(vendors[0], now)


async def _shop(vendor: Vendor, now: datetime) -> None:
    """A second location, with a few pieces of what the workshop has most of."""
    shop = await locating.open_location(
        principal=SYSTEM, vendor_id=vendor.id, code="shop", name=f"{vendor.name}, shop",
        kind=LocationKind.STORE, country=vendor.country, priority=2, now=now,
        latitude_microdegrees=52_520_008, longitude_microdegrees=13_404_954,
    )  # fmt: skip
    plenty = await Stock.filter(vendor_id=vendor.id).order_by("-on_hand", "id").first()
    assert plenty is not None, vendor
    await Stock.create(
        id=new_id(now), offer_id=plenty.offer_id, location=shop, vendor_id=vendor.id, on_hand=3
    )
