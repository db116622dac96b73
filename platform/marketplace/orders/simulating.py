"""The simulated carrier at work: it tells through the door what has happened by now."""

from datetime import datetime, timedelta

from marketplace.carriers import simulated
from marketplace.carriers.simulated import SimulatedCarrier
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from marketplace.orders import tracking

COLLECTED_AFTER = timedelta(hours=2)  # once it has its label, where its vendor does not say so

_UNDER_WAY = """
    SELECT tracking_number, created_at, shipped_at,
        ARRAY(SELECT provider_event_id FROM tracking_event
            WHERE tracking_event.shipment_id = shipment.id) AS told
    FROM shipment
    WHERE carrier = $1 AND tracking_number <> '' AND state IN
        ('labelled', 'handed_over', 'in_transit', 'out_for_delivery', 'exception')
    ORDER BY coalesce(last_scan_at, shipped_at, created_at), id LIMIT $2
"""


async def drive(*, carrier: SimulatedCarrier, now: datetime, limit: int = 200) -> int:
    """Tell what is new of up to `limit` parcels, those first that were scanned longest ago.

    Answers with how many events were kept. It tells again what its listener may have lost.
    """
    async with transaction(SYSTEM, read_only=True):
        rows = await connection().fetch(_UNDER_WAY, simulated.NAME, limit)
    news = []
    for row in rows:
        handed_over_at = row["shipped_at"] or row["created_at"] + COLLECTED_AFTER
        happened = simulated.news_of(
            row["tracking_number"], handed_over_at=handed_over_at, until=now
        )
        news += [one for one in happened if one.event_id not in row["told"]]
    if not news:
        return 0
    body, headers = carrier.write_news(news)
    return await tracking.receive(carrier=carrier, body=body, headers=headers, now=now)
