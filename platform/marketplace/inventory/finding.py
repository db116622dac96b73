"""Stock items by the words that vendors know them by."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
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
# Which halves of such names are the vendor's own, and which whole ones are there more than once.
_KNOWN = """
    WITH wanted AS (SELECT * FROM unnest($2::text[], $3::text[]) AS name (sku, code))
    SELECT
        ARRAY(SELECT DISTINCT variant.sku FROM wanted JOIN variant ON variant.sku = wanted.sku
            JOIN offer ON offer.variant_id = variant.id AND offer.vendor_id = $1) AS skus,
        ARRAY(SELECT location.code FROM location
            WHERE location.vendor_id = $1 AND code IN (SELECT code FROM wanted)) AS locations
"""


@dataclass(frozen=True, slots=True)
class KnownNames:
    """The parts of asked-for names that a vendor has; `ambiguous` ones are two stock items."""

    skus: frozenset[str]
    locations: frozenset[str]
    ambiguous: frozenset[tuple[str, str]]


async def shelves_by_name(
    *, vendor_id: UUID, names: Collection[tuple[str, str]]
) -> Mapping[tuple[str, str], UUID]:
    """Stock ids by SKU and location code; what there is not, or twice, is left out.

    Call it in a transaction.
    """
    rows = await _named(vendor_id, names)
    return {(row["sku"], row["code"]): row["id"] for row in rows if row["items"] == 1}


async def known_names(*, vendor_id: UUID, names: Collection[tuple[str, str]]) -> KnownNames:
    """What of these names a vendor has, where `shelves_by_name` left them out. Two statements.

    Call it in a transaction.
    """
    skus, codes = [sku for sku, _ in names], [code for _, code in names]
    known = await connection().fetchrow(_KNOWN, vendor_id, skus, codes)
    rows = await _named(vendor_id, names)
    return KnownNames(
        skus=frozenset(known["skus"]),
        locations=frozenset(known["locations"]),
        ambiguous=frozenset((row["sku"], row["code"]) for row in rows if row["items"] > 1),
    )


async def _named(vendor_id: UUID, names: Collection[tuple[str, str]]) -> Any:
    return await connection().fetch(
        _BY_NAME, vendor_id, [sku for sku, _ in names], [code for _, code in names]
    )
