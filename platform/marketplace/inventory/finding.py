"""Stock items by the words that vendors know them by."""

from collections.abc import Collection, Mapping
from uuid import UUID

from marketplace.kit.transactions import connection

# Two offers of one vendor with the same SKU, in two currencies, cannot be told apart by it.
_BY_NAME = """
    SELECT variant.sku, location.code, min(stock.id::text)::uuid AS id, count(*) AS items
    FROM location
    JOIN stock ON stock.location_id = location.id AND stock.vendor_id = $1
    JOIN offer ON offer.id = stock.offer_id
    JOIN variant ON variant.id = offer.variant_id
    WHERE location.vendor_id = $1
        AND (variant.sku, location.code) IN (
            SELECT * FROM unnest($2::text[], $3::text[]))
    GROUP BY variant.sku, location.code
"""


async def shelves_by_name(
    *, vendor_id: UUID, names: Collection[tuple[str, str]]
) -> Mapping[tuple[str, str], UUID]:
    """Stock ids by SKU and location code; what there is not, or twice, is left out.

    Call it in a transaction.
    """
    rows = await connection().fetch(
        _BY_NAME, vendor_id, [sku for sku, _ in names], [code for _, code in names]
    )
    return {(row["sku"], row["code"]): row["id"] for row in rows if row["items"] == 1}
