"""Days on which a vendor is closed: its deadlines are extended over them."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from marketplace.accounts.models import Vendor
from marketplace.kit import locks
from marketplace.kit.errors import Forbidden, IllegalMove, InvalidInput, NotFound
from marketplace.kit.ids import new_id
from marketplace.kit.principal import Kind, Principal, VendorRole
from marketplace.kit.transactions import atomic, connection, transaction
from marketplace.sla import access, shifting, vendor_times
from marketplace.sla.calendars import BusinessCalendar
from marketplace.sla.clocks import COLUMNS, read
from marketplace.sla.models import OffersAway, VendorClosure

LONGEST_DAYS = 120
AHEAD_DAYS = 730
LONGEST_NOTE = 200  # characters
MAY = frozenset({VendorRole.OWNER, VendorRole.FULFILMENT})

# Their orders are locked as by everybody who moves a clock, in the order of their ids.
_ORDERS = """
    SELECT 1 FROM orders WHERE id IN (
        SELECT order_id FROM sla_clock WHERE on_calendar_of = $1
            AND state IN ('running', 'warned', 'paused'))
    ORDER BY id FOR NO KEY UPDATE
"""
_OPEN = f"""
    SELECT {COLUMNS} FROM sla_clock
    WHERE on_calendar_of = $1 AND state IN ('running', 'warned', 'paused') AND due_at > $2
"""
_MOVE = """
    UPDATE sla_clock SET due_at = item.due_at, warn_at = item.warn_at
    FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[]) AS item (id, due_at, warn_at)
    WHERE sla_clock.id = item.id AND state IN ('running', 'warned', 'paused')
"""


@atomic()
async def close(
    *,
    principal: Principal,
    vendor_id: UUID,
    first_day: date,
    last_day: date,
    offers: OffersAway,
    note: str,
    now: datetime,
) -> UUID:
    """A vendor is away from one local day to another, both included; the closure's id.

    What is open and due later is extended over it. The same days twice are one closure. The
    vendor's owner and packers may, and operations. Refuses days that have begun or lie far
    ahead, more than `LONGEST_DAYS`, and days that are closed already.
    """
    vendor = await _held(principal, vendor_id)
    today = now.astimezone(ZoneInfo(vendor.time_zone)).date()
    _check_days(first_day, last_day, today)
    if len(note.strip()) > LONGEST_NOTE:
        raise InvalidInput("note", "it is too long", f"at most {LONGEST_NOTE} characters")
    for other in await VendorClosure.filter(vendor_id=vendor_id, cancelled_at=None):
        if (other.first_day, other.last_day, other.offers) == (first_day, last_day, offers):
            return other.id
        if other.first_day <= last_day and first_day <= other.last_day:
            days = f"{other.first_day} to {other.last_day}"
            raise InvalidInput("first_day", f"you are closed from {days} already", "other days")
    before = (await vendor_times.of_vendors([vendor_id]))[vendor_id].calendar
    closure = await VendorClosure.create(
        id=new_id(now), vendor_id=vendor_id, first_day=first_day, last_day=last_day, offers=offers,
        note=note.strip(), created_by=principal.key, created_at=now,
    )  # fmt: skip
    await _lay_again(vendor_id, before, now)
    return closure.id


@atomic()
async def reopen(*, principal: Principal, vendor_id: UUID, closure_id: UUID, now: datetime) -> None:
    """Take a closure back that has not begun; deadlines that were extended over it come back.

    Refuses (IllegalMove) one that has begun or was taken back; another vendor's is NotFound.
    """
    vendor = await _held(principal, vendor_id)
    closure = await VendorClosure.get_or_none(id=closure_id, vendor_id=vendor_id)
    if closure is None:
        raise NotFound("vacation")
    today = now.astimezone(ZoneInfo(vendor.time_zone)).date()
    if closure.cancelled_at is not None or closure.first_day <= today:
        state = "begun" if closure.cancelled_at is None else "taken back"
        raise IllegalMove(thing="vacation", state=state, move="be taken back")
    before = (await vendor_times.of_vendors([vendor_id]))[vendor_id].calendar
    closure.cancelled_at, closure.cancelled_by = now, principal.key
    await closure.save(update_fields=["cancelled_at", "cancelled_by"])
    await _lay_again(vendor_id, before, now)


async def of_vendor(*, principal: Principal, vendor_id: UUID) -> Sequence[VendorClosure]:
    """A vendor's closures, the latest first. Staff see everybody's, a vendor its own."""
    if principal.vendor_id not in (None, vendor_id):
        raise NotFound("vendor")
    async with transaction(principal, read_only=True):
        return await VendorClosure.filter(vendor_id=vendor_id).order_by("-first_day", "-id")


def may_close(principal: Principal) -> bool:
    if principal.kind is Kind.VENDOR:
        return bool(principal.roles & MAY)
    return access.is_operator(principal)


async def _held(principal: Principal, vendor_id: UUID) -> Vendor:
    """The vendor, its calendar ours alone until we commit."""
    if principal.vendor_id not in (None, vendor_id):
        raise NotFound("vendor")
    if not may_close(principal):
        raise Forbidden("close the shop")
    vendor = await Vendor.get_or_none(id=vendor_id)
    if vendor is None:
        raise NotFound("vendor")
    await connection().execute(_ORDERS, vendor_id)
    await locks.hold(f"calendar:{vendor_id}")
    return vendor


def _check_days(first_day: date, last_day: date, today: date) -> None:
    if first_day <= today:
        raise InvalidInput("first_day", "that day has begun", "tomorrow or later")
    if last_day < first_day:
        raise InvalidInput("last_day", "it is before the first", "the first day or later")
    if last_day - first_day >= timedelta(days=LONGEST_DAYS):
        raise InvalidInput("last_day", "that is very long", f"at most {LONGEST_DAYS} days")
    if last_day - today > timedelta(days=AHEAD_DAYS):
        raise InvalidInput("last_day", "that is far ahead", "within two years")


async def _lay_again(vendor_id: UUID, before: BusinessCalendar, now: datetime) -> None:
    """The business time that was left is left on the new calendar too."""
    after = (await vendor_times.of_vendors([vendor_id]))[vendor_id].calendar
    clocks = [read(row) for row in await connection().fetch(_OPEN, vendor_id, now)]
    moved = [
        shifting.laid_on(clock, at=clock.paused_at or now, before=before, after=after)
        for clock in clocks
    ]
    ids = [clock.id for clock in clocks]
    dues, warnings = [each.due_at for each in moved], [each.warn_at for each in moved]
    await connection().execute(_MOVE, ids, dues, warnings)
