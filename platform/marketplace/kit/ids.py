"""Time-ordered ids (UUIDv7), minted from the marketplace's clock so that imported history sorts."""

from datetime import UTC, datetime, timedelta
from secrets import randbits
from uuid import UUID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_DAY = timedelta(days=1) // _MILLISECOND


def new_id(now: datetime) -> UUID:
    """RFC 9562, method 3: milliseconds, then 12 bits of the fraction, then 62 random bits."""
    milliseconds, rest = divmod(now - _EPOCH, _MILLISECOND)
    fraction = rest.microseconds * 4096 // 1000
    value = milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | randbits(62)
    return UUID(int=value)


def day_before(known: UUID) -> UUID:
    """The lowest id of a day before this one: what belongs to it has a higher one.

    A day, since clocks of several machines differ. It names the first month to look into.
    """
    return UUID(int=max((known.int >> 80) - _DAY, 0) << 80)
