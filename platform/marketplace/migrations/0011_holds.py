"""Orders that wait for somebody, links to put an address right, and rules of risk in versions."""

import functools
from json import dumps, loads
from uuid import uuid4

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

from marketplace.kit import migration
from marketplace.orders.hold_models import HoldKind
from marketplace.risk.models import Outcome, RuleKind, RuleSetState

CHECKS = """
ALTER TABLE order_hold
    ADD CONSTRAINT order_hold_kind
    CHECK (kind IN ('fraud', 'address', 'payment', 'stock', 'manual')),
    ADD CONSTRAINT order_hold_released CHECK (
        (released_at IS NULL) = (released_by IS NULL)
        AND (released_at IS NULL) = (note IS NULL) AND released_at >= placed_at);
ALTER TABLE address_correction ADD CONSTRAINT address_correction_times CHECK (
    expires_at > asked_at AND corrected_at < expires_at
    AND (corrected_at IS NULL) = (before IS NULL));
ALTER TABLE risk_rule_set
    ADD CONSTRAINT risk_rule_set_state CHECK (state IN ('draft', 'active', 'retired')),
    ADD CONSTRAINT risk_rule_set_thresholds CHECK (0 < review_from AND review_from <= reject_from),
    ADD CONSTRAINT risk_rule_set_activated CHECK (
        (state = 'draft') = (activated_at IS NULL)
        AND (activated_at IS NULL) = (activated_by IS NULL)
        AND (state = 'retired') = (retired_at IS NOT NULL));
ALTER TABLE risk_rule
    ADD CONSTRAINT risk_rule_kind CHECK (kind IN ('amount_above', 'first_order_above',
        'same_email', 'same_customer', 'same_address', 'country_differs')),
    ADD CONSTRAINT risk_rule_score CHECK (score BETWEEN 1 AND 1000),
    ADD CONSTRAINT risk_rule_amount CHECK (
        (kind IN ('amount_above', 'first_order_above')) = (amount_minor IS NOT NULL)
        AND (amount_minor IS NULL) = (currency IS NULL) AND amount_minor >= 0),
    ADD CONSTRAINT risk_rule_pace CHECK (
        (kind IN ('same_email', 'same_customer', 'same_address')) = (orders IS NOT NULL)
        AND (orders IS NULL) = (hours IS NULL) AND orders > 0 AND hours > 0);
ALTER TABLE risk_assessment
    ADD CONSTRAINT risk_assessment_outcome CHECK (outcome IN ('approve', 'review', 'reject')),
    ADD CONSTRAINT risk_assessment_score CHECK (score >= 0);

CREATE UNIQUE INDEX order_hold_one_open ON order_hold (order_id, sub_order_id, kind)
    NULLS NOT DISTINCT WHERE released_at IS NULL;
CREATE INDEX order_hold_queue ON order_hold (placed_at, id) WHERE released_at IS NULL;
CREATE UNIQUE INDEX risk_rule_set_one_active ON risk_rule_set (state) WHERE state = 'active';
CREATE UNIQUE INDEX risk_rule_set_one_draft ON risk_rule_set (state) WHERE state = 'draft';
CREATE INDEX orders_postal_code ON orders ((address->>'postal_code'));
"""

# What was in force, and what it said of an order, stays as it was.
FROZEN = """
CREATE FUNCTION risk_rule_set_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM risk_rule_set rules
            WHERE rules.id IN (NEW.rule_set_id, OLD.rule_set_id) AND rules.state <> 'draft') THEN
        RAISE EXCEPTION 'only a draft of the risk rules changes';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER risk_rule_frozen BEFORE INSERT OR UPDATE OR DELETE ON risk_rule
    FOR EACH ROW EXECUTE FUNCTION risk_rule_set_frozen();

CREATE FUNCTION risk_assessment_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what the risk rules said of an order is never changed'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER risk_assessment_append_only BEFORE UPDATE OR DELETE ON risk_assessment
    FOR EACH ROW EXECUTE FUNCTION risk_assessment_is_final();
"""

# The platform's business alone: of a hold a vendor learns by its pause that there is one.
ROW_SECURITY = "\n".join(
    f"""
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY scoped ON {table}
    USING ((SELECT current_setting('souk.scope', true)) = 'all');
"""
    for table in (
        "order_hold", "address_correction", "risk_rule_set", "risk_rule", "risk_assessment",
    )
)  # fmt: skip

# Until somebody writes rules, every order is approved.
FIRST_VERSION = """
INSERT INTO risk_rule_set (id, version, state, review_from, reject_from, note, created_by,
    created_at, activated_by, activated_at)
VALUES (uuidv7(), 1, 'active', 50, 100, 'No rules yet', 'system', now(), 'system', now());
"""


class Migration(migration.Migration):
    dependencies = [('marketplace', '0010_routing_placing')]

    initial = False

    operations = [
        ops.CreateModel(
            name='AddressCorrection',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('order_id', fields.UUIDField(db_index=True)),
                ('hold_id', fields.UUIDField()),
                ('asked_by', fields.CharField(max_length=60)),
                ('asked_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('expires_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('corrected_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('before', fields.JSONField(null=True, description='The address that was wrong', encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
            ],
            options={'table': 'address_correction', 'app': 'marketplace', 'pk_attr': 'id', 'table_description': 'A link that lets the customer put an address right: it works once, until it expires.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='OrderHold',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('order_id', fields.UUIDField(db_index=True)),
                ('sub_order_id', fields.UUIDField(null=True, description='None: the whole order')),
                ('kind', fields.CharEnumField(description='FRAUD: fraud\nADDRESS: address\nPAYMENT: payment\nSTOCK: stock\nMANUAL: manual', enum_type=HoldKind, max_length=10)),
                ('reason', fields.CharField(description='For staff; vendors never read it', max_length=200)),
                ('placed_by', fields.CharField(max_length=60)),
                ('placed_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('released_by', fields.CharField(null=True, max_length=60)),
                ('released_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('note', fields.CharField(null=True, description='Why it was released', max_length=200)),
            ],
            options={'table': 'order_hold', 'app': 'marketplace', 'pk_attr': 'id', 'table_description': 'An order, or one sub-order of it, that waits for somebody: one open hold of a kind each.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='RiskAssessment',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('order_id', fields.UUIDField(unique=True)),
                ('rule_set_id', fields.UUIDField()),
                ('score', fields.IntField()),
                ('outcome', fields.CharEnumField(description='APPROVE: approve\nREVIEW: review\nREJECT: reject', enum_type=Outcome, max_length=8)),
                ('inputs', fields.JSONField(description='What was known of the order', encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('hits', fields.JSONField(description='The rules that applied', encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('assessed_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'risk_assessment', 'app': 'marketplace', 'pk_attr': 'id', 'table_description': 'What the rules said of an order, once: what they knew, and what each added.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='RiskRuleSet',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('version', fields.IntField(unique=True)),
                ('state', fields.CharEnumField(description='DRAFT: draft\nACTIVE: active\nRETIRED: retired', enum_type=RuleSetState, max_length=8)),
                ('review_from', fields.IntField(description='The score from which staff look at it')),
                ('reject_from', fields.IntField(description='The score from which it is declined')),
                ('note', fields.CharField(max_length=200)),
                ('created_by', fields.CharField(max_length=60)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('activated_by', fields.CharField(null=True, max_length=60)),
                ('activated_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('retired_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'risk_rule_set', 'app': 'marketplace', 'pk_attr': 'id', 'table_description': 'A version of the rules. Scores add up; from a threshold on, an order is held or declined.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='RiskRule',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('rule_set', fields.ForeignKeyField('marketplace.RiskRuleSet', source_field='rule_set_id', db_constraint=True, to_field='id', related_name='rules', on_delete=OnDelete.RESTRICT)),
                ('position', fields.IntField()),
                ('kind', fields.CharEnumField(description='AMOUNT_ABOVE: amount_above\nFIRST_ORDER_ABOVE: first_order_above\nSAME_EMAIL: same_email\nSAME_CUSTOMER: same_customer\nSAME_ADDRESS: same_address\nCOUNTRY_DIFFERS: country_differs', enum_type=RuleKind, max_length=20)),
                ('score', fields.IntField()),
                ('amount_minor', fields.BigIntField(null=True, description='For what costs more than it')),
                ('currency', fields.CharField(null=True, max_length=3)),
                ('orders', fields.IntField(null=True, description='Other orders, for what is bought too often')),
                ('hours', fields.IntField(null=True, description='Before the order')),
            ],
            options={'table': 'risk_rule', 'app': 'marketplace', 'unique_together': (('rule_set_id', 'position'),), 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.RunSQL(CHECKS),
        ops.RunSQL(FROZEN),
        ops.RunSQL(ROW_SECURITY),
        ops.RunSQL(FIRST_VERSION),
    ]
