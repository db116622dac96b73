"""When nothing leaves: a location with an outage, a vendor that is closed; and what a day holds.

Vendors say it of themselves, staff of anybody. What was placed before stays where it is.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from marketplace.accounts.models import Vendor
from marketplace.inventory.models import Location
from marketplace.kit.errors import Forbidden, InvalidInput, NotFound
from marketplace.kit.ids import new_id
from marketplace.kit.principal import Kind, Principal, StaffRole, VendorRole
from marketplace.kit.transactions import atomic
from marketplace.routing.models import LocationProfile, RoutingClosure, VendorStanding

CLOSERS = frozenset({StaffRole.OPERATIONS, StaffRole.ADMINISTRATOR})
BEST_SCORE = 1000
OF_VENDORS = frozenset({VendorRole.OWNER, VendorRole.FULFILMENT})


@atomic()
async def close(
    *,
    principal: Principal,
    vendor_id: UUID,
    location_id: UUID | None,
    reason: str,
    starts_at: datetime,
    ends_at: datetime | None,
    now: datetime,
) -> UUID:
    """Nothing leaves the location, or any of the vendor's without one, until it ends.

    Refuses an end that is not after the start, and a reason that is missing.
    """
    await _check(principal, vendor_id, location_id)
    if not 0 < len(reason.strip()) <= 120:
        raise InvalidInput("reason", "it is empty or too long", "1 to 120 characters")
    if ends_at is not None and ends_at <= max(starts_at, now):
        raise InvalidInput("until", "it is over before it began", "a later time, or none")
    closure = await RoutingClosure.create(
        id=new_id(now), vendor_id=vendor_id, location_id=location_id, starts_at=starts_at,
        ends_at=ends_at, reason=reason.strip(), made_by=principal.key, made_at=now,
    )  # fmt: skip
    return closure.id


@atomic()
async def reopen(*, principal: Principal, closure_id: UUID, now: datetime) -> None:
    """End it now; what had not begun never does. Twice is as good as once."""
    found = RoutingClosure.filter(id=closure_id).select_for_update()
    if principal.kind is Kind.VENDOR:
        found = found.filter(vendor_id=principal.vendor_id)
    closure = await found.first()
    if closure is None:
        raise NotFound("closure")
    await _check(principal, closure.vendor_id, None)
    if closure.ends_at is None or closure.ends_at > now:
        closure.ends_at = max(now, closure.starts_at)
        await closure.save(update_fields=["ends_at"])


@atomic()
async def set_profile(
    *,
    principal: Principal,
    location_id: UUID,
    vendor_id: UUID,
    promise_days: int | None,
    daily_lines: int | None,
    ships_to: Sequence[str],
) -> None:
    """Say how long a location's parcels take, how many lines it packs a day, and where it ships."""
    await _check(principal, vendor_id, location_id)
    for name, value in (("days to arrive", promise_days), ("lines a day", daily_lines)):
        if value is not None and not 0 <= value <= 100_000:
            raise InvalidInput(name, "it is no such number", "a whole number, or nothing")
    countries = [country.strip().upper() for country in ships_to if country.strip()]
    if not all(len(country) == 2 and country.isalpha() for country in countries):
        raise InvalidInput("countries", "one is no country", "two letters each, such as DE")
    await LocationProfile.update_or_create(
        location_id=location_id,
        defaults={
            "vendor_id": vendor_id, "promise_days": promise_days, "daily_lines": daily_lines,
            "ships_to": countries,
        },
    )  # fmt: skip


@atomic()
async def set_standing(*, principal: Principal, vendor_id: UUID, score: int, now: datetime) -> None:
    """How well a vendor does, 0 to 1000: what the ranker `vendor_score` goes by.

    Operations and administrators may. Refuses other scores, and vendors that are not there.
    """
    if principal.kind is not Kind.SYSTEM and not principal.roles & CLOSERS:
        raise Forbidden("score a vendor")
    if not 0 <= score <= BEST_SCORE:
        raise InvalidInput("score", "it is out of range", f"0 to {BEST_SCORE}")
    if not await Vendor.filter(id=vendor_id).exists():
        raise NotFound("vendor")
    await VendorStanding.update_or_create(
        vendor_id=vendor_id, defaults={"score": score, "set_by": principal.key, "set_at": now}
    )


async def _check(principal: Principal, vendor_id: UUID, location_id: UUID | None) -> None:
    if principal.kind is Kind.VENDOR:
        if principal.vendor_id != vendor_id:
            raise NotFound("location")
        if not principal.roles & OF_VENDORS:
            raise Forbidden("close a location")
    elif principal.kind is not Kind.SYSTEM and not (
        principal.kind is Kind.STAFF and principal.roles & CLOSERS
    ):
        raise Forbidden("close a location")
    if (
        location_id is not None
        and not await Location.filter(id=location_id, vendor_id=vendor_id).exists()
    ):
        raise NotFound("location")
