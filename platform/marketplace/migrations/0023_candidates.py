"""Of more places than a decision looks at, those that have the pieces are looked at."""

from tortoise.migrations import operations as ops

from marketplace.kit import migration

# All of it as before, but for the order: a line is served whole from one shelf, so where its offer
# lies on more shelves than `most`, those with the most pieces count; of other offers, those with
# any.
FULLEST_FIRST = """
DO $do$
DECLARE
    said CONSTANT text := pg_get_functiondef('routing_candidates'::regproc);
    before CONSTANT text := 'IS DISTINCT FROM first, other.price_minor, stock.id LIMIT most';
BEGIN
    IF strpos(said, before) = 0 THEN
        RAISE EXCEPTION 'routing_candidates has another order than this migration knows';
    END IF;
    EXECUTE replace(said, before, 'IS DISTINCT FROM first, stock.available <= 0,
        CASE WHEN other.id = first THEN -stock.available END, other.price_minor, stock.id
    LIMIT most');
END $do$;
"""


class Migration(migration.Migration):
    dependencies = [("marketplace", "0022_pauses_of_an_order")]

    operations = [ops.RunSQL(FULLEST_FIRST)]
