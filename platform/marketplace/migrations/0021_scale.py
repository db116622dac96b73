"""Who could serve a cart is found from the offer on, whatever the tables looked like before."""

from tortoise.migrations import operations as ops

from marketplace.kit import migration

# All else as before. The planner may turn the sides of a join round, and began with all locations
# where it took a small table that nobody has counted yet for an empty one. OFFSET 0 is what it
# does not look through.
FENCES = """
DO $do$
DECLARE
    said text := pg_get_functiondef('routing_candidates'::regproc);
    joins CONSTANT text := 'FROM offer other
    JOIN stock ON stock.offer_id = other.id
    JOIN location place ON place.id = stock.location_id AND place.closed_at IS NULL
    JOIN vendor seller ON seller.id = stock.vendor_id';
    filter CONSTANT text := '
    WHERE other.variant_id = wanted AND other.currency = in_currency AND other.is_active';
BEGIN
    IF strpos(said, joins) = 0 OR strpos(said, filter) = 0 THEN
        RAISE EXCEPTION 'routing_candidates joins in another way than this migration knows';
    END IF;
    said := replace(said, joins, 'FROM (
        SELECT * FROM offer
        WHERE variant_id = wanted AND currency = in_currency AND is_active OFFSET 0
    ) other
    CROSS JOIN LATERAL (SELECT * FROM stock WHERE stock.offer_id = other.id OFFSET 0) stock
    CROSS JOIN LATERAL (
        SELECT * FROM location
        WHERE location.id = stock.location_id AND closed_at IS NULL OFFSET 0
    ) place
    CROSS JOIN LATERAL (SELECT * FROM vendor WHERE vendor.id = stock.vendor_id OFFSET 0) seller');
    EXECUTE replace(said, filter, '');
END $do$;
"""


class Migration(migration.Migration):
    dependencies = [
        ("marketplace", "0022_pauses_of_an_order"),
        ("marketplace", "0023_candidates"),
    ]

    operations = [ops.RunSQL(FENCES)]
