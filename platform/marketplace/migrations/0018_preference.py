"""A cart says what its customer cares for most, and a new channel's first rules listen to it."""

from tortoise import fields
from tortoise.migrations import operations as ops

from marketplace.kit import migration
from marketplace.routing.requests import Preference

CHECK = """
ALTER TABLE cart ADD CONSTRAINT cart_preference
    CHECK (preference IN ('soonest', 'fewest_parcels', 'nearest'));
"""
# As before, and the customer's wish first: without one it makes no difference.
FIRST_RULES = """
CREATE OR REPLACE FUNCTION first_routing_rules(channel uuid) RETURNS void LANGUAGE sql AS $$
    INSERT INTO routing_rule_set (id, channel_id, version, state, name, document, edition,
        rollout_percent, needed_percent, created_by, created_at, activated_at)
    VALUES (uuidv7(), channel, 1, 'active',
        'As the customer wishes. Nearest with stock, then by priority',
        '{"mode": "lexicographic", "rankers": [{"name": "preference", "weight": 1},
            {"name": "proximity", "weight": 1}, {"name": "priority", "weight": 1},
            {"name": "price", "weight": 1}, {"name": "stock", "weight": 1}],
            "rows": [], "bearer": "platform", "dearest_percent": 20}', 1, 0, 95, 'system', now(), now());
$$;
"""


class Migration(migration.Migration):
    dependencies = [("marketplace", "0013_fulfilment")]

    operations = [
        ops.AddField(
            model_name="Cart",
            name="preference",
            field=fields.CharEnumField(
                null=True,
                description="What the customer cares for most",
                enum_type=Preference,
                max_length=20,
            ),
        ),
        ops.RunSQL(CHECK),
        ops.RunSQL(FIRST_RULES),
    ]
