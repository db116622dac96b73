"""What the e-mails about a vendor's standing need to know, as plain values."""

from typing import Any
from uuid import UUID

from marketplace.kit.transactions import connection

# A vendor sells in every channel; the first one's name and language are the marketplace's.
_VENDOR = """
    vendor.name AS vendor, vendor.email, vendor.time_zone AS zone,
    coalesce(channel.name, '') AS marketplace, coalesce(channel.locale, 'en') AS locale
"""
_CHANNEL = (
    "LEFT JOIN LATERAL (SELECT name, locale FROM channel ORDER BY code LIMIT 1) channel ON true"
)
_CHANGE = f"""
    SELECT change.from_state, change.move, change.reason, change.causes::text, {_VENDOR}
    FROM scorecard_standing_change change JOIN vendor ON vendor.id = change.vendor_id {_CHANNEL}
    WHERE change.id = $1
"""
_APPEAL = f"""
    SELECT appeal.answer, standing.state, {_VENDOR}
    FROM scorecard_appeal appeal JOIN vendor ON vendor.id = appeal.vendor_id
    JOIN scorecard_standing standing ON standing.vendor_id = appeal.vendor_id {_CHANNEL}
    WHERE appeal.id = $1
"""


async def change(change_id: UUID) -> dict[str, Any]:
    """Whose standing changed, from what, why, and how the vendor reads."""
    return dict(await connection().fetchrow(_CHANGE, change_id))


async def appeal(appeal_id: UUID) -> dict[str, Any]:
    """Whose appeal it was, how it stands now, and what was answered."""
    return dict(await connection().fetchrow(_APPEAL, appeal_id))
