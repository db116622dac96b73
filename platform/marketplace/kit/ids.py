"""Time-ordered ids (UUIDv7), minted from the marketplace's clock so that imported history sorts."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from secrets import randbits
from uuid import UUID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def new_id(now: datetime) -> UUID:
    """RFC 9562, method 3: milliseconds, then 12 bits of the fraction, then 62 random bits."""
    return UUID(int=_head(now) | randbits(62))


@lru_cache(maxsize=16)
def _head(now: datetime) -> int:
    """All but the random bits: an operation asks for many ids of one moment."""
    milliseconds, rest = divmod(now - _EPOCH, _MILLISECOND)
    fraction = rest.microseconds * 4096 // 1000
    return milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62
