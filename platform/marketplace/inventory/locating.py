"""Where stock is: a vendor's locations, opened and closed."""

from datetime import datetime
from uuid import UUID
from zoneinfo import available_timezones

from marketplace.inventory.access import check_keeper
from marketplace.inventory.errors import CodeTaken
from marketplace.inventory.models import Location, LocationKind
from marketplace.kit import locks
from marketplace.kit.errors import InvalidInput, NotFound
from marketplace.kit.ids import new_id
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import atomic


@atomic()
async def open_location(
    *,
    principal: Principal,
    vendor_id: UUID,
    code: str,
    name: str,
    kind: LocationKind,
    country: str,
    priority: int,
    now: datetime,
    postal_code: str | None = None,
    time_zone: str | None = None,
    latitude_microdegrees: int | None = None,
    longitude_microdegrees: int | None = None,
) -> Location:
    """A place to sell from. Refuses a code that the vendor uses already, and unknown time zones."""
    check_keeper(principal)
    if principal.vendor_id not in (None, vendor_id):
        raise NotFound("vendor")
    if time_zone is not None and time_zone not in available_timezones():
        raise InvalidInput("time_zone", "there is no such one", "an IANA name as Europe/Berlin")
    code = _text("code", code, 40)
    await locks.hold(f"locations:{vendor_id}")
    if await Location.filter(vendor_id=vendor_id, code=code).exists():
        raise CodeTaken(taken=code)
    return await Location.create(
        id=new_id(now), vendor_id=vendor_id, code=code, name=_text("name", name, 120), kind=kind,
        country=_country(country), postal_code=postal_code, time_zone=time_zone,
        priority=priority, latitude_microdegrees=latitude_microdegrees,
        longitude_microdegrees=longitude_microdegrees,
    )  # fmt: skip


@atomic()
async def close(*, principal: Principal, location_id: UUID, now: datetime) -> Location:
    """Nothing is promised from it any more. What was promised before is still shipped from it."""
    location = await _held(principal, location_id)
    if location.closed_at is None:
        location.closed_at = now
        await location.save(update_fields=["closed_at"])
    return location


@atomic()
async def reopen(*, principal: Principal, location_id: UUID) -> Location:
    """What it has on hand is for sale again."""
    location = await _held(principal, location_id)
    location.closed_at = None
    await location.save(update_fields=["closed_at"])
    return location


async def _held(principal: Principal, location_id: UUID) -> Location:
    check_keeper(principal)
    theirs = Location.filter(id=location_id)
    if principal.vendor_id is not None:
        theirs = theirs.filter(vendor_id=principal.vendor_id)
    location = await theirs.select_for_update(no_key=True).first()
    if location is None:
        raise NotFound("location")
    return location


def _text(name: str, value: str, most: int) -> str:
    value = " ".join(value.split())
    if not 0 < len(value) <= most:
        raise InvalidInput(name, "it is empty or too long", f"1 to {most} characters")
    return value


def _country(code: str) -> str:
    code = code.strip().upper()
    if len(code) != 2 or not code.isalpha():
        raise InvalidInput("country", f"{code} is none", "ISO 3166 alpha-2, as DE")
    return code
