"""A vendor sends by more than one method, and a cart says which one its shopper chose."""

import functools
from json import dumps, loads

from tortoise import fields
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import UniqueConstraint

from marketplace.kit import migration

# A choice is kept by vendor; of what is no vendor's or no method nothing would come.
CHECKS = """
ALTER TABLE shipping_rate ADD CONSTRAINT shipping_rate_method
    CHECK (method ~ '^[a-z][a-z0-9_-]*$');
ALTER TABLE cart ADD CONSTRAINT cart_shipping_methods
    CHECK (jsonb_typeof(shipping_methods) = 'object');
"""

# The rate by which a vendor would send: of the wanted method, else of standard, else the cheapest.
RATE = """
CREATE FUNCTION shipping_rate_for(vendor uuid, to_country text, in_currency text, wanted text)
RETURNS SETOF shipping_rate LANGUAGE sql STABLE AS $$
    SELECT * FROM shipping_rate rate
    WHERE rate.vendor_id = vendor AND rate.country = to_country AND rate.currency = in_currency
    ORDER BY rate.method IS DISTINCT FROM wanted, rate.method <> 'standard',
        rate.base_minor + rate.per_unit_minor, rate.method
    LIMIT 1
$$;
"""

# Who reads a cart gets all rates of each line's vendor, by the index as before; who could serve it
# is weighed by the method that was chosen. All else is as it was.
READING = """
DO $do$
DECLARE
    candidates text := pg_get_functiondef('routing_candidates'::regproc);
    cart text := pg_get_functiondef('read_cart'::regproc);
    last_argument CONSTANT text := 'most integer)';
    joined CONSTANT text := 'LEFT JOIN shipping_rate sending ON sending.vendor_id = seller.id
        AND sending.country = to_country AND sending.currency = other.currency';
    one_rate CONSTANT text := 'rate.base_minor, rate.per_unit_minor, rate.free_from_minor,';
    rate CONSTANT text := 'LEFT JOIN shipping_rate rate ON rate.vendor_id = offer.vendor_id
                    AND rate.country = there AND rate.currency = offer.currency';
    asked_for CONSTANT text := 'there, postcode, moment, most)';
BEGIN
    IF strpos(candidates, last_argument) = 0 OR strpos(candidates, joined) = 0
        OR strpos(cart, one_rate) = 0 OR strpos(cart, rate) = 0 OR strpos(cart, asked_for) = 0
    THEN
        RAISE EXCEPTION 'carts are read in another way than this migration knows';
    END IF;
    candidates := replace(candidates, last_argument,
        'most integer, by_method text DEFAULT NULL)');
    candidates := replace(candidates, joined, 'LEFT JOIN LATERAL shipping_rate_for(
        seller.id, to_country, other.currency, by_method) sending ON true');
    cart := replace(cart, one_rate, '(
                        SELECT json_agg(json_build_object(''method'', method,
                            ''base_minor'', base_minor, ''per_unit_minor'', per_unit_minor,
                            ''free_from_minor'', free_from_minor))
                        FROM shipping_rate
                        WHERE shipping_rate.vendor_id = offer.vendor_id
                            AND shipping_rate.country = there
                            AND shipping_rate.currency = offer.currency
                    ) AS rates,');
    cart := replace(cart, rate, '');
    cart := replace(cart, asked_for, 'there, postcode, moment, most,
                            asked.shipping_methods->>offer.vendor_id::text)');
    DROP FUNCTION routing_candidates(uuid, text, uuid, text, text, timestamptz, int);
    EXECUTE candidates;
    EXECUTE cart;
END $do$;
"""


class Migration(migration.Migration):
    dependencies = [("marketplace", "0019_scorecards")]

    operations = [
        ops.AddField(
            model_name="Cart",
            name="shipping_methods",
            field=fields.JSONField(
                null=True,
                description="What was chosen, by vendor",
                encoder=functools.partial(dumps, separators=(",", ":")),
                decoder=loads,
            ),
        ),
        ops.AddField(
            model_name="ShippingRate",
            name="method",
            field=fields.CharField(
                default="standard",
                db_default="standard",
                description="A short code: lower-case letters, digits, - and _",
                max_length=20,
            ),
        ),
        ops.RemoveConstraint(
            model_name="ShippingRate", name=None, fields=["vendor_id", "country", "currency"]
        ),
        ops.AlterModelOptions(
            name="ShippingRate",
            options={
                "table": "shipping_rate",
                "app": "marketplace",
                "unique_together": (("vendor_id", "country", "currency", "method"),),
                "pk_attr": "id",
                "table_description": "What a vendor asks for sending a sub-order to a country by"
                " one method.",
            },
        ),
        ops.AddConstraint(
            model_name="ShippingRate",
            constraint=UniqueConstraint(
                fields=("vendor_id", "country", "currency", "method"), name=None
            ),
        ),
        ops.RunSQL(CHECKS),
        ops.RunSQL(RATE),
        ops.RunSQL(READING),
    ]
