"""Limits of vendors' figures in versions, the figures of each day, standing, appeals."""

import functools
from json import dumps, loads
from uuid import uuid4

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

from marketplace.kit import migration
from marketplace.scorecards.limit_models import LimitState
from marketplace.scorecards.metrics import Unit
from marketplace.scorecards.standing_models import AppealState, StandingMove, StandingState

CHECKS = """
ALTER TABLE scorecard_limit_version
    ADD CONSTRAINT scorecard_limit_version_state CHECK (state IN ('draft', 'active', 'retired')),
    ADD CONSTRAINT scorecard_limit_version_activated CHECK (
        (state = 'draft') = (activated_at IS NULL)
        AND (activated_at IS NULL) = (activated_by IS NULL)
        AND (state = 'retired') = (retired_at IS NOT NULL));
ALTER TABLE scorecard_limit
    ADD CONSTRAINT scorecard_limit_unit CHECK (unit IN ('basis_points', 'minutes')),
    ADD CONSTRAINT scorecard_limit_amounts CHECK (target >= 0 AND warn >= 0 AND suspend >= 0
        AND window_days > 0 AND minimum_sample > 0),
    ADD CONSTRAINT scorecard_limit_order CHECK (CASE WHEN at_least
        THEN coalesce(warn, target) <= target
            AND coalesce(suspend, 0) <= coalesce(warn, target)
        ELSE coalesce(warn, target) >= target
            AND coalesce(suspend, 9223372036854775807) >= coalesce(warn, target) END);
ALTER TABLE scorecard_standing ADD CONSTRAINT scorecard_standing_state
    CHECK (state IN ('good', 'warned', 'suspended'));
ALTER TABLE scorecard_standing_change
    ADD CONSTRAINT scorecard_standing_change_moves CHECK (
        (move, from_state, to_state) IN (
            ('warn', 'good', 'warned'), ('warn_again', 'warned', 'warned'),
            ('suspend', 'good', 'suspended'), ('suspend', 'warned', 'suspended'),
            ('recover', 'warned', 'good'),
            ('lift', 'warned', 'good'), ('lift', 'suspended', 'good'))),
    ADD CONSTRAINT scorecard_standing_change_why CHECK (reason <> '' OR scorecard_id IS NOT NULL);
ALTER TABLE scorecard_appeal
    ADD CONSTRAINT scorecard_appeal_state
        CHECK (state IN ('open', 'granted', 'denied', 'overtaken')),
    ADD CONSTRAINT scorecard_appeal_ended CHECK (
        (state = 'open') = (ended_at IS NULL) AND (ended_at IS NULL) = (ended_by IS NULL)
        AND (state IN ('granted', 'denied')) = (answer IS NOT NULL));

CREATE UNIQUE INDEX scorecard_limit_one_active ON scorecard_limit_version (state)
    WHERE state = 'active';
CREATE UNIQUE INDEX scorecard_limit_one_draft ON scorecard_limit_version (state)
    WHERE state = 'draft';
CREATE INDEX scorecard_standing_suspended ON scorecard_standing (vendor_id)
    WHERE state = 'suspended';
CREATE INDEX scorecard_standing_change_of_vendor
    ON scorecard_standing_change (vendor_id, at DESC);
CREATE UNIQUE INDEX scorecard_appeal_one_open ON scorecard_appeal (vendor_id)
    WHERE state = 'open';
CREATE INDEX scorecard_appeal_of_vendor ON scorecard_appeal (vendor_id, made_at DESC);
"""

# What was in force stays as it was: a change is a new version.
FROZEN = """
CREATE FUNCTION scorecard_limit_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM scorecard_limit_version version
            WHERE version.id IN (NEW.limit_version_id, OLD.limit_version_id)
                AND version.state <> 'draft') THEN
        RAISE EXCEPTION 'only a draft of the limits changes';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER scorecard_limit_is_frozen BEFORE INSERT OR UPDATE OR DELETE ON scorecard_limit
    FOR EACH ROW EXECUTE FUNCTION scorecard_limit_frozen();
"""

# The first version has the targets that were there without one, and warns of what misses them.
# Whom to suspend is for the marketplace to say.
FIRST_VERSION = """
INSERT INTO scorecard_limit_version (id, version, state, note, created_by, created_at)
    VALUES (uuidv7(), 1, 'draft', 'The targets as they were: missing one warns', 'system', now());
INSERT INTO scorecard_limit (id, limit_version_id, metric, unit, at_least, target, warn,
    window_days, minimum_sample)
    SELECT uuidv7(), version.id, item.metric, item.unit, item.at_least, item.target,
        item.target, 30, 10
    FROM scorecard_limit_version version, (VALUES
        ('acceptance', 'basis_points', true, 9700),
        ('acceptance_delay', 'minutes', false, 48 * 60),
        ('cancellation', 'basis_points', false, 250),
        ('late_shipment', 'basis_points', false, 400),
        ('valid_tracking', 'basis_points', true, 9500),
        ('on_time_delivery', 'basis_points', true, 9000),
        ('incident', 'basis_points', false, 500),
        ('returned_to_sender', 'basis_points', false, 500),
        ('refund', 'basis_points', false, 1000)) item (metric, unit, at_least, target);
UPDATE scorecard_limit_version
    SET state = 'active', activated_by = 'system', activated_at = now();
"""

ROW_SECURITY = "\n".join(
    f"""
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY scoped ON {table}
    USING ((SELECT current_setting('souk.scope', true) = 'all')
        OR vendor_id = (SELECT nullif(nullif(current_setting('souk.scope', true), ''),
            'all')::uuid));
"""
    for table in (
        "scorecard",
        "scorecard_standing",
        "scorecard_standing_change",
        "scorecard_appeal",
        "scorecard_excuse",
    )
)

# Whether a vendor's offers are off the shelf for now: it is on vacation, or suspended.
AWAY = """
CREATE OR REPLACE FUNCTION vendor_is_away(vendor uuid, at timestamptz) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT 1 FROM vendor_closure closure JOIN vendor away ON away.id = $1
        WHERE closure.vendor_id = $1 AND closure.cancelled_at IS NULL
            AND closure.offers = 'unavailable'
            AND ($2 AT TIME ZONE away.time_zone)::date
                BETWEEN closure.first_day AND closure.last_day)
    OR EXISTS (SELECT 1 FROM scorecard_standing standing
        WHERE standing.vendor_id = $1 AND standing.state = 'suspended')
$$;
"""


class Migration(migration.Migration):
    dependencies = [
        ('marketplace', '0020_scorecard_reading'),
        ('marketplace', '0021_scale'),
    ]

    initial = False

    operations = [
        ops.CreateModel(
            name='LimitVersion',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('version', fields.IntField(unique=True)),
                ('state', fields.CharEnumField(description='DRAFT: draft\nACTIVE: active\nRETIRED: retired', enum_type=LimitState, max_length=8)),
                ('note', fields.CharField(max_length=200)),
                ('created_by', fields.CharField(max_length=60)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('activated_by', fields.CharField(null=True, max_length=60)),
                ('activated_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('retired_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'scorecard_limit_version', 'app': 'marketplace', 'pk_attr': 'id', 'table_description': 'One version of the limits. Scorecards keep the one they were judged by.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Limit',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('limit_version', fields.ForeignKeyField('marketplace.LimitVersion', source_field='limit_version_id', db_constraint=True, to_field='id', related_name='limits', on_delete=OnDelete.RESTRICT)),
                ('metric', fields.CharField(max_length=40)),
                ('unit', fields.CharEnumField(description='BASIS_POINTS: basis_points\nMINUTES: minutes', enum_type=Unit, max_length=12)),
                ('at_least', fields.BooleanField(description='Else at most: what lies beyond is worse')),
                ('target', fields.BigIntField()),
                ('warn', fields.BigIntField(null=True)),
                ('suspend', fields.BigIntField(null=True)),
                ('window_days', fields.IntField()),
                ('minimum_sample', fields.IntField(description='With fewer cases nothing is judged')),
            ],
            options={'table': 'scorecard_limit', 'app': 'marketplace', 'unique_together': (('limit_version_id', 'metric'),), 'pk_attr': 'id', 'table_description': 'What is wanted of one metric, what warns and what suspends; the last two may be none.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Scorecard',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('vendor_id', fields.UUIDField()),
                ('day', fields.DateField(description='UTC')),
                ('taken_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('limit_version_id', fields.UUIDField(description='What it was judged by')),
                ('figures', fields.JSONField(description='Every metric, each window', encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('newer', fields.JSONField(description='Of excused metrics: only cases since then, which are judged instead', encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('causes', fields.JSONField(description='What was beyond a limit', encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
            ],
            options={'table': 'scorecard', 'app': 'marketplace', 'unique_together': (('vendor_id', 'day'),), 'pk_attr': 'id', 'table_description': "A vendor's figures of one day, as they were when they were judged. Never changed."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Standing',
            fields=[
                ('vendor_id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('state', fields.CharEnumField(description='GOOD: good\nWARNED: warned\nSUSPENDED: suspended', enum_type=StandingState, max_length=10)),
                ('change_id', fields.UUIDField(description='What it came by')),
            ],
            options={'table': 'scorecard_standing', 'app': 'marketplace', 'pk_attr': 'vendor_id', 'table_description': 'How a vendor stands now. One that was never warned has no row: it is good.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='StandingChange',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('vendor_id', fields.UUIDField()),
                ('move', fields.CharEnumField(description='WARN: warn\nWARN_AGAIN: warn_again\nSUSPEND: suspend\nRECOVER: recover\nLIFT: lift', enum_type=StandingMove, max_length=10)),
                ('from_state', fields.CharEnumField(description='GOOD: good\nWARNED: warned\nSUSPENDED: suspended', enum_type=StandingState, max_length=10)),
                ('to_state', fields.CharEnumField(description='GOOD: good\nWARNED: warned\nSUSPENDED: suspended', enum_type=StandingState, max_length=10)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('actor', fields.CharField(max_length=60)),
                ('reason', fields.CharField(description='Empty where the figures say it', max_length=500)),
                ('scorecard_id', fields.UUIDField(null=True, description="The day's figures, if they did it")),
                ('causes', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
            ],
            options={'table': 'scorecard_standing_change', 'app': 'marketplace', 'pk_attr': 'id', 'table_description': "A move of a vendor's standing: who, when and why. Never changed."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Appeal',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('vendor_id', fields.UUIDField()),
                ('change_id', fields.UUIDField(description='The warning or suspension')),
                ('state', fields.CharEnumField(description='OPEN: open\nGRANTED: granted\nDENIED: denied\nOVERTAKEN: overtaken', enum_type=AppealState, max_length=10)),
                ('text', fields.CharField(max_length=2000)),
                ('made_by', fields.CharField(max_length=60)),
                ('made_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('answer', fields.CharField(null=True, max_length=500)),
                ('ended_by', fields.CharField(null=True, max_length=60)),
                ('ended_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'scorecard_appeal', 'app': 'marketplace', 'pk_attr': 'id', 'table_description': 'What a vendor says against a warning or a suspension, and the answer.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Excuse',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('vendor_id', fields.UUIDField()),
                ('metric', fields.CharField(max_length=40)),
                ('until', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('change_id', fields.UUIDField(description='The move that excused them')),
            ],
            options={'table': 'scorecard_excuse', 'app': 'marketplace', 'unique_together': (('vendor_id', 'metric'),), 'pk_attr': 'id', 'table_description': 'Cases of a metric up to a moment do not count against a vendor any more.'},
            bases=['Model'],
        ),
        ops.RunSQL(CHECKS),
        ops.RunSQL(FROZEN),
        ops.RunSQL(FIRST_VERSION),
        ops.RunSQL(ROW_SECURITY),
        ops.RunSQL(AWAY),
    ]
