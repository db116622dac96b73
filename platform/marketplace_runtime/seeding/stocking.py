"""The demo's shelves: something is watched, something is coming, and there is a second location."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from marketplace.accounts.models import Vendor
from marketplace.inventory import adjusting, locating, receiving
from marketplace.inventory.models import LocationKind, Stock
from marketplace.kit.principal import SYSTEM


async def stock_up(vendors: Sequence[Vendor], now: datetime) -> None:
    """Call it in the transaction that plants the catalogue."""
    for vendor in vendors:
        watched, coming = await Stock.filter(vendor_id=vendor.id).order_by("on_hand", "id").limit(2)
        await adjusting.set_levels(principal=SYSTEM, stock_id=watched.id, safety=0, low_at=5)
        await receiving.announce(
            principal=SYSTEM, stock_id=coming.id, pieces=24, reference=f"{vendor.code}-1",
            expected_on=(now + timedelta(days=9)).date(), key=f"demo:{vendor.code}", now=now,
        )  # fmt: skip
    await locating.open_location(
        principal=SYSTEM, vendor_id=vendors[0].id, code="shop", name=f"{vendors[0].name}, shop",
        kind=LocationKind.STORE, country=vendors[0].country, priority=2, now=now,
        latitude_microdegrees=52_520_008, longitude_microdegrees=13_404_954,
    )  # fmt: skip
