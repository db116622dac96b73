"""Routing as data: rule sets, decisions, closures; and what a line that moves on leaves behind."""

import functools
from json import dumps, loads
from uuid import uuid4

from tortoise import fields
from tortoise.migrations import operations as ops

from marketplace.kit import migration
from marketplace.routing.models import Cause
from marketplace.routing.states import RuleSetState

CHECKS = """
ALTER TABLE routing_rule_set
    ADD CONSTRAINT routing_rule_set_state
    CHECK (state IN ('draft', 'shadow', 'active', 'retired')),
    ADD CONSTRAINT routing_rule_set_shares
    CHECK (rollout_percent BETWEEN 0 AND 100 AND needed_percent BETWEEN 0 AND 100
        AND (rollout_percent = 0 OR state = 'shadow')),
    ADD CONSTRAINT routing_rule_set_times CHECK (
        (state <> 'shadow' OR shadowed_at IS NOT NULL)
        AND (state <> 'active' OR activated_at IS NOT NULL)
        AND (state = 'retired') = (retired_at IS NOT NULL));
CREATE UNIQUE INDEX routing_one_active ON routing_rule_set (channel_id) WHERE state = 'active';
CREATE UNIQUE INDEX routing_one_shadow ON routing_rule_set (channel_id) WHERE state = 'shadow';
ALTER TABLE routing_decision
    ADD CONSTRAINT routing_decision_cause CHECK (cause IN ('placed', 'rerouted', 'before')),
    ADD CONSTRAINT routing_decision_shadow
    CHECK ((shadow_id IS NULL) = (shadow_agrees IS NULL));
CREATE INDEX routing_decision_shadowed ON routing_decision (shadow_id)
    WHERE shadow_id IS NOT NULL;
CREATE INDEX routing_decision_rolled_out ON routing_decision (rule_set_id)
    WHERE shadow_id IS NOT NULL;
ALTER TABLE routing_closure ADD CONSTRAINT routing_closure_span CHECK (ends_at >= starts_at);
ALTER TABLE location_profile ADD CONSTRAINT location_profile_figures
    CHECK (promise_days >= 0 AND daily_lines >= 0);
ALTER TABLE vendor_standing ADD CONSTRAINT vendor_standing_score CHECK (score BETWEEN 0 AND 1000);
ALTER TABLE routing_simulation ADD CONSTRAINT routing_simulation_counts
    CHECK (wanted > 0 AND done BETWEEN 0 AND wanted AND differing BETWEEN 0 AND done);
CREATE INDEX routing_simulation_open ON routing_simulation (id) WHERE finished_at IS NULL;
CREATE INDEX order_line_of_the_day ON order_line (location_id, id);

ALTER TABLE order_line
    DROP CONSTRAINT order_line_quantities,
    ADD CONSTRAINT order_line_quantities CHECK (
        quantity >= 0 AND rerouted >= 0 AND quantity + rerouted > 0 AND refused >= 0
        AND cancelled >= 0 AND quantity - refused - cancelled >= shipped
        AND shipped >= delivered AND delivered >= 0
        AND refunded BETWEEN 0 AND quantity AND refunded_minor BETWEEN 0 AND gross_minor),
    DROP CONSTRAINT order_line_amounts,
    ADD CONSTRAINT order_line_amounts CHECK (
        items_minor = unit_price_minor * quantity AND gross_minor = net_minor + tax_minor
        AND discount_platform_minor >= 0 AND discount_vendor_minor >= 0 AND gross_minor >= 0
        AND tax_minor >= 0 AND commission_minor >= 0
        -- A replacement that is cheaper than what it replaces leaves the platform the difference.
        AND (funding_minor >= 0 OR replaces_id IS NOT NULL)),
    DROP CONSTRAINT order_line_given_back,
    ADD CONSTRAINT order_line_given_back CHECK (
        refunded_by_amount_minor BETWEEN 0 AND refunded_minor
        AND refunded_tax_minor BETWEEN 0 AND tax_minor
        AND refunded_funding_minor BETWEEN least(0, funding_minor) AND greatest(0, funding_minor)
        AND refunded_vendor_minor BETWEEN least(0, vendor_minor) AND greatest(0, vendor_minor)
        AND refunded_commission_minor BETWEEN 0 AND commission_minor
        AND refunded_commission_vat_minor BETWEEN 0 AND commission_vat_minor
        AND (refunded < quantity OR (refunded_minor, refunded_tax_minor, refunded_funding_minor,
                refunded_vendor_minor, refunded_commission_minor, refunded_commission_vat_minor)
            = (gross_minor, tax_minor, funding_minor, vendor_minor, commission_minor,
                commission_vat_minor)));
ALTER TABLE sub_order
    DROP CONSTRAINT sub_order_shipping,
    ADD CONSTRAINT sub_order_shipping CHECK (
        shipping_gross_minor = shipping_net_minor + shipping_tax_minor
        AND shipping_vendor_minor = shipping_gross_minor + shipping_funding_minor
            - CASE WHEN tax_liable = 'platform' THEN shipping_tax_minor ELSE 0 END
        AND shipping_refunded_minor BETWEEN 0 AND shipping_gross_minor);
ALTER TABLE reroute
    ADD CONSTRAINT reroute_bearer CHECK (bearer IN ('platform', 'vendor')),
    ADD CONSTRAINT reroute_moves CHECK (from_sub_order_id <> to_sub_order_id AND gross_minor >= 0);
"""

# What a vendor may see of its own; other sellers' figures stand in decisions, so those are ours.
ROW_SECURITY = "\n".join(
    f"""
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY {policy} ON {table}
    USING ((SELECT current_setting('souk.scope', true)) = 'all'{own});
"""
    for policy, own, tables in (
        (
            "scoped",
            " OR vendor_id = (SELECT nullif(nullif(current_setting('souk.scope', true), ''),"
            " 'all')::uuid)",
            ("routing_closure", "location_profile"),
        ),
        (
            "platform_only",
            "",
            ("routing_decision", "routing_rule_set", "routing_change", "routing_simulation",
             "vendor_standing", "reroute"),
        ),
    )
    for table in tables
)

# A channel without rules could not sell, so it has some from its first moment.
FIRST_RULES = """
CREATE FUNCTION first_routing_rules(channel uuid) RETURNS void LANGUAGE sql AS $$
    INSERT INTO routing_rule_set (id, channel_id, version, state, name, document, edition,
        rollout_percent, needed_percent, created_by, created_at, activated_at)
    VALUES (uuidv7(), channel, 1, 'active', 'Nearest with stock, then by priority',
        '{"mode": "lexicographic", "rankers": [{"name": "proximity", "weight": 1},
            {"name": "priority", "weight": 1}, {"name": "price", "weight": 1},
            {"name": "stock", "weight": 1}],
            "rows": [], "bearer": "platform", "dearest_percent": 20}', 1, 0, 95, 'system', now(), now());
$$;
CREATE FUNCTION route_new_channel() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM first_routing_rules(NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER channel_has_routing_rules AFTER INSERT ON channel
    FOR EACH ROW EXECUTE FUNCTION route_new_channel();
SELECT first_routing_rules(id) FROM channel;

-- What was sold before is told as that: nobody knows any more what else there was.
INSERT INTO routing_decision (id, order_id, sub_order_id, vendor_id, cause, rule_set_id, version,
        inputs, lines, taken, decided_at)
    SELECT uuidv7(), orders.id, sub_order.id, sub_order.vendor_id, 'before', rules.id, 1, '{}',
        '[]', '{}', orders.placed_at
    FROM sub_order JOIN orders ON orders.id = sub_order.order_id
    JOIN routing_rule_set rules ON rules.channel_id = orders.channel_id;
"""


class Migration(migration.Migration):
    dependencies = [('marketplace', '0008_sla')]

    initial = False

    operations = [
        ops.CreateModel(
            name='LocationProfile',
            fields=[
                ('location_id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('vendor_id', fields.UUIDField()),
                ('promise_days', fields.IntField(null=True, description='From hand-over to the customer')),
                ('ships_to', fields.JSONField(null=True, description='Countries; empty: all', encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('daily_lines', fields.IntField(null=True, description='Order lines it can pack in a day')),
            ],
            options={'table': 'location_profile', 'app': 'marketplace', 'pk_attr': 'location_id', 'table_description': 'What routing knows of a location beside its stock; without a row, nothing is bounded.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Reroute',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('order_id', fields.UUIDField(db_index=True)),
                ('from_sub_order_id', fields.UUIDField(db_index=True)),
                ('to_sub_order_id', fields.UUIDField(unique=True)),
                ('currency', fields.CharField(max_length=3)),
                ('gross_minor', fields.BigIntField(description='What the customer paid for it, shipping included')),
                ('difference_minor', fields.BigIntField(description="What it costs more than the first vendor's")),
                ('bearer', fields.CharField(description='platform or vendor: who pays more', max_length=10)),
                ('reason', fields.CharField(max_length=200)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'reroute', 'app': 'marketplace', 'pk_attr': 'id', 'table_description': 'What moved from one sub-order to the one that replaces it. Never changed afterwards.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='RoutingChange',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('rule_set_id', fields.UUIDField(db_index=True)),
                ('move', fields.CharField(max_length=20)),
                ('from_state', fields.CharField(null=True, max_length=10)),
                ('to_state', fields.CharField(max_length=10)),
                ('detail', fields.CharField(max_length=200)),
                ('actor', fields.CharField(max_length=60)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'routing_change', 'app': 'marketplace', 'pk_attr': 'id', 'table_description': 'Who moved a rule set, when, and what the figures were.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='RoutingClosure',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('vendor_id', fields.UUIDField(db_index=True)),
                ('location_id', fields.UUIDField(null=True, db_index=True)),
                ('starts_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('ends_at', fields.DatetimeField(null=True, description='Open until somebody ends it', auto_now=False, auto_now_add=False)),
                ('reason', fields.CharField(max_length=120)),
                ('made_by', fields.CharField(max_length=60)),
                ('made_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'routing_closure', 'app': 'marketplace', 'pk_attr': 'id', 'table_description': 'Nothing leaves a location (an outage), or a vendor without one (closed), for a while.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='RoutingDecision',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('order_id', fields.UUIDField(db_index=True)),
                ('sub_order_id', fields.UUIDField(unique=True)),
                ('vendor_id', fields.UUIDField()),
                ('cause', fields.CharEnumField(description='PLACED: placed\nREROUTED: rerouted\nBEFORE: before', enum_type=Cause, max_length=10)),
                ('rule_set_id', fields.UUIDField()),
                ('version', fields.IntField()),
                ('inputs', fields.JSONField(description='The request that was decided', encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('lines', fields.JSONField(description='Candidates, and why each lost', encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('taken', fields.JSONField(description='Stock by line, under its lock', encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('shadow_id', fields.UUIDField(null=True, description='The version that decided beside it')),
                ('shadow_agrees', fields.BooleanField(null=True)),
                ('shadow_chosen', fields.JSONField(null=True, encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('decided_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'routing_decision', 'app': 'marketplace', 'pk_attr': 'id', 'table_description': 'Why a sub-order is served from where it is: the rules, what they saw, and who lost.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='RoutingRuleSet',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('channel_id', fields.UUIDField()),
                ('version', fields.IntField()),
                ('state', fields.CharEnumField(description='DRAFT: draft\nSHADOW: shadow\nACTIVE: active\nRETIRED: retired', enum_type=RuleSetState, max_length=10)),
                ('name', fields.CharField(max_length=80)),
                ('document', fields.JSONField(description='See routing/documents.py', encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('edition', fields.IntField(default=1, description='Rises with every change of the draft')),
                ('rollout_percent', fields.IntField(default=0, description='Orders a shadow decides for real')),
                ('needed_percent', fields.IntField(default=95, description='Agreement before it may go live')),
                ('created_by', fields.CharField(max_length=60)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('shadowed_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('activated_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('retired_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'routing_rule_set', 'app': 'marketplace', 'unique_together': (('channel_id', 'version'),), 'pk_attr': 'id', 'table_description': "One version of a channel's routing rules. Its document is fixed once it leaves DRAFT."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='RoutingSimulation',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('rule_set_id', fields.UUIDField(db_index=True)),
                ('edition', fields.IntField(description='Of the draft when it was asked for')),
                ('document', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('wanted', fields.IntField(description='Decisions to try')),
                ('done', fields.IntField(default=0)),
                ('differing', fields.IntField(default=0)),
                ('after_id', fields.UUIDField(null=True, description='The last decision that was tried')),
                ('differences', fields.JSONField(description='The first of them', encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('asked_by', fields.CharField(max_length=60)),
                ('asked_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('finished_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'routing_simulation', 'app': 'marketplace', 'pk_attr': 'id', 'table_description': 'A version tried on orders of the past; the worker goes on where it stopped.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='VendorStanding',
            fields=[
                ('vendor_id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('score', fields.IntField()),
                ('set_by', fields.CharField(max_length=60)),
                ('set_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'vendor_standing', 'app': 'marketplace', 'pk_attr': 'vendor_id', 'table_description': 'How well a vendor does, 0 to 1000, as routing should take it.'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='OrderLine',
            name='replaces_id',
            field=fields.UUIDField(null=True, db_index=True),
        ),
        ops.AddField(
            model_name='OrderLine',
            name='rerouted',
            field=fields.IntField(default=0, db_default=0, description="Units that another vendor's line replaces"),
        ),
        ops.AddField(
            model_name='SubOrder',
            name='shipping_funding_minor',
            field=fields.BigIntField(default=0, db_default=0, description="What a replacement's shipping costs beyond what the customer pays"),
        ),
        ops.RunSQL(CHECKS),
        ops.RunSQL(ROW_SECURITY),
        ops.RunSQL(FIRST_RULES),
    ]
