"""Deadlines that stand still, a policy of them in versions, vendors' vacations, what was told."""

from uuid import uuid4

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

from marketplace.kit import migration
from marketplace.sla.models import ClockKind, ClockState, OffersAway, PauseCause
from marketplace.sla.policy_models import ActionKind, Moment, PolicyState, Unit

CHECKS = """
UPDATE sla_clock SET on_calendar_of = vendor_id, sub_order_id = subject_id
    WHERE vendor_id IS NOT NULL;
UPDATE sla_clock SET promised_at = due_at WHERE kind = 'ship_by';
UPDATE sla_clock SET on_calendar_of = NULL FROM sub_order
WHERE sub_order.id = sla_clock.subject_id AND fixed_ship_by IS NOT NULL
    AND sla_clock.kind = 'ship_by';

ALTER TABLE sla_clock
    DROP CONSTRAINT sla_clock_kind,
    ADD CONSTRAINT sla_clock_kind CHECK (kind IN
        ('pay_by', 'accept_by', 'ship_by', 'deliver_by', 'answer_by', 'collect_by')),
    DROP CONSTRAINT sla_clock_state,
    ADD CONSTRAINT sla_clock_state CHECK (state IN
        ('running', 'warned', 'paused', 'met', 'breached', 'void')),
    ADD CONSTRAINT sla_clock_paused CHECK ((state = 'paused') = (paused_at IS NOT NULL)
        AND (state <> 'paused' OR kind <> 'pay_by')),
    ADD CONSTRAINT sla_clock_void CHECK (state <> 'void' OR void_at IS NOT NULL),
    ADD CONSTRAINT sla_clock_superseded CHECK (superseded_at IS NULL
        OR state IN ('met', 'breached', 'void')),
    ADD CONSTRAINT sla_clock_later CHECK (next_action_at IS NULL OR state = 'breached');
ALTER TABLE sla_pause
    ADD CONSTRAINT sla_pause_cause CHECK (cause IN ('hold', 'customer', 'carrier', 'platform')),
    ADD CONSTRAINT sla_pause_resumed CHECK ((resumed_at IS NULL) = (resumed_by IS NULL));
ALTER TABLE vendor_closure
    ADD CONSTRAINT vendor_closure_days CHECK (last_day >= first_day),
    ADD CONSTRAINT vendor_closure_offers CHECK (offers IN ('visible', 'unavailable')),
    ADD CONSTRAINT vendor_closure_cancelled
        CHECK ((cancelled_at IS NULL) = (cancelled_by IS NULL));
ALTER TABLE sla_policy_version
    ADD CONSTRAINT sla_policy_version_state CHECK (state IN ('draft', 'active', 'retired')),
    ADD CONSTRAINT sla_policy_version_activated CHECK (
        (state = 'draft') = (activated_at IS NULL)
        AND (activated_at IS NULL) = (activated_by IS NULL)
        AND (state = 'retired') = (retired_at IS NOT NULL));
ALTER TABLE sla_rule
    ADD CONSTRAINT sla_rule_kind CHECK (kind IN
        ('accept_by', 'ship_by', 'deliver_by', 'answer_by', 'collect_by')),
    ADD CONSTRAINT sla_rule_unit CHECK (unit IN ('business_hours', 'business_days', 'hours')),
    ADD CONSTRAINT sla_rule_amounts CHECK (amount > 0 AND warn_hours >= 0);
ALTER TABLE sla_action
    ADD CONSTRAINT sla_action_kind CHECK (kind IN
        ('accept_by', 'ship_by', 'deliver_by', 'answer_by', 'collect_by')),
    ADD CONSTRAINT sla_action_moment CHECK (moment IN ('warned', 'breached', 'after')
        AND (moment = 'after') = (after_hours > 0)),
    ADD CONSTRAINT sla_action_action CHECK (action IN ('notify_vendor', 'notify_customer',
        'escalate', 'auto_refuse', 'penalty', 'credit')),
    ADD CONSTRAINT sla_action_rate CHECK (
        (action IN ('penalty', 'credit')) = (rate_ppm IS NOT NULL)
        AND rate_ppm BETWEEN 1 AND 1000000),
    ADD CONSTRAINT sla_action_delay CHECK (
        (action = 'notify_customer') = (delay_hours IS NOT NULL) AND delay_hours > 0);
ALTER TABLE sla_action_run
    ADD CONSTRAINT sla_action_run_money CHECK ((amount_minor IS NULL) = (currency IS NULL)
        AND (action IN ('penalty', 'credit')) = (amount_minor IS NOT NULL) AND amount_minor >= 0),
    ADD CONSTRAINT sla_action_run_handled CHECK ((handled_at IS NULL) = (handled_by IS NULL)
        AND (handled_at IS NULL OR action = 'escalate'));
ALTER TABLE delay_notice ADD CONSTRAINT delay_notice_later CHECK (new_at > was_at);

CREATE UNIQUE INDEX sla_clock_current ON sla_clock (subject_id, kind) WHERE superseded_at IS NULL;
CREATE INDEX sla_clock_next_action ON sla_clock (next_action_at) WHERE next_action_at IS NOT NULL;
CREATE INDEX sla_clock_open_of_vendor ON sla_clock (on_calendar_of)
    WHERE state IN ('running', 'warned', 'paused');
CREATE INDEX sla_clock_delayed ON sla_clock (id)
    WHERE due_at > promised_at AND state IN ('running', 'warned');
CREATE INDEX sla_clock_standing ON sla_clock (promised_at) WHERE state = 'paused';
CREATE UNIQUE INDEX sla_pause_open ON sla_pause (order_id, cause, subject_id, reference)
    NULLS NOT DISTINCT WHERE resumed_at IS NULL;
CREATE UNIQUE INDEX sla_policy_one_active ON sla_policy_version (state) WHERE state = 'active';
CREATE UNIQUE INDEX sla_policy_one_draft ON sla_policy_version (state) WHERE state = 'draft';
CREATE INDEX sla_action_run_escalated ON sla_action_run (id)
    WHERE action = 'escalate' AND handled_at IS NULL;
CREATE INDEX vendor_closure_current ON vendor_closure (vendor_id) WHERE cancelled_at IS NULL;
"""

# What was in force stays as it was: a change is a new version.
FROZEN = """
CREATE FUNCTION sla_policy_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM sla_policy_version version
            WHERE version.id IN (NEW.policy_version_id, OLD.policy_version_id)
                AND version.state <> 'draft') THEN
        RAISE EXCEPTION 'only a draft of the deadline policy changes';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER sla_rule_frozen BEFORE INSERT OR UPDATE OR DELETE ON sla_rule
    FOR EACH ROW EXECUTE FUNCTION sla_policy_frozen();
CREATE TRIGGER sla_action_frozen BEFORE INSERT OR UPDATE OR DELETE ON sla_action
    FOR EACH ROW EXECUTE FUNCTION sla_policy_frozen();
"""

# The first version does what was done without one: warn the vendor, and refuse for who is silent.
FIRST_VERSION = """
INSERT INTO sla_policy_version (id, version, state, note, created_by, created_at)
    VALUES (uuidv7(), 1, 'draft', 'As it always was', 'system', now());
INSERT INTO sla_action (id, policy_version_id, position, kind, moment, after_hours, action)
    SELECT uuidv7(), version.id, item.*
    FROM sla_policy_version version, (VALUES
        (1, 'accept_by', 'warned', 0, 'notify_vendor'),
        (2, 'ship_by', 'warned', 0, 'notify_vendor'),
        (3, 'accept_by', 'breached', 0, 'auto_refuse')) item;
UPDATE sla_policy_version SET state = 'active', activated_by = 'system', activated_at = now();
UPDATE sla_clock SET policy_version_id = version.id
    FROM sla_policy_version version WHERE sla_clock.vendor_id IS NOT NULL;
"""

ROW_SECURITY = (
    "\n".join(
        f"""
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY scoped ON {table}
    USING ((SELECT current_setting('souk.scope', true)) = 'all'
        OR vendor_id = (SELECT nullif(nullif(current_setting('souk.scope', true), ''),
            'all')::uuid));
"""
        for table in ("vendor_closure", "sla_action_run", "delay_notice")
    )
    + """
ALTER TABLE sla_pause ENABLE ROW LEVEL SECURITY;
CREATE POLICY scoped ON sla_pause
    USING ((SELECT current_setting('souk.scope', true)) = 'all');
CREATE POLICY vendors_read ON sla_pause FOR SELECT
    USING (EXISTS (SELECT 1 FROM sub_order WHERE sub_order.order_id = sla_pause.order_id
        AND (sla_pause.subject_id IS NULL OR sla_pause.subject_id = sub_order.id)));
"""
)

# Whether a vendor has taken its offers off the shelf for now.
AWAY = """
CREATE FUNCTION vendor_is_away(vendor uuid, at timestamptz) RETURNS boolean LANGUAGE sql STABLE
AS $$
    SELECT EXISTS (SELECT 1 FROM vendor_closure closure JOIN vendor away ON away.id = $1
        WHERE closure.vendor_id = $1 AND closure.cancelled_at IS NULL
            AND closure.offers = 'unavailable'
            AND ($2 AT TIME ZONE away.time_zone)::date
                BETWEEN closure.first_day AND closure.last_day)
$$;
"""


class Migration(migration.Migration):
    dependencies = [('marketplace', '0007_stock')]

    initial = False

    operations = [
        ops.CreateModel(
            name='ActionRun',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('clock_id', fields.UUIDField()),
                ('action_id', fields.UUIDField()),
                ('action', fields.CharEnumField(description='NOTIFY_VENDOR: notify_vendor\nNOTIFY_CUSTOMER: notify_customer\nESCALATE: escalate\nAUTO_REFUSE: auto_refuse\nPENALTY: penalty\nCREDIT: credit', enum_type=ActionKind, max_length=16)),
                ('order_id', fields.UUIDField(db_index=True)),
                ('vendor_id', fields.UUIDField(null=True)),
                ('ran_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('amount_minor', fields.BigIntField(null=True, description='Of a penalty or a credit')),
                ('currency', fields.CharField(null=True, max_length=3)),
                ('handled_by', fields.CharField(null=True, description='Who took an escalation', max_length=60)),
                ('handled_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'sla_action_run', 'app': 'marketplace', 'unique_together': (('clock_id', 'action_id'),), 'pk_attr': 'id', 'table_description': 'An action that a deadline set off: once, whoever else was at it.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='DelayNotice',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('clock_id', fields.UUIDField()),
                ('order_id', fields.UUIDField(db_index=True)),
                ('sub_order_id', fields.UUIDField()),
                ('vendor_id', fields.UUIDField()),
                ('was_at', fields.DatetimeField(description='What was promised before', auto_now=False, auto_now_add=False)),
                ('new_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('reason', fields.CharField(max_length=200)),
                ('told_by', fields.CharField(max_length=60)),
                ('told_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'delay_notice', 'app': 'marketplace', 'unique_together': (('clock_id', 'new_at'),), 'pk_attr': 'id', 'table_description': 'The customer was told that something comes later, and when: once for each new date.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='PolicyVersion',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('version', fields.IntField(unique=True)),
                ('state', fields.CharEnumField(description='DRAFT: draft\nACTIVE: active\nRETIRED: retired', enum_type=PolicyState, max_length=8)),
                ('note', fields.CharField(max_length=200)),
                ('created_by', fields.CharField(max_length=60)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('activated_by', fields.CharField(null=True, max_length=60)),
                ('activated_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('retired_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'sla_policy_version', 'app': 'marketplace', 'pk_attr': 'id', 'table_description': 'One version of the deadline policy. Clocks keep the one they were started under.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='PolicyAction',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('policy_version', fields.ForeignKeyField('marketplace.PolicyVersion', source_field='policy_version_id', db_constraint=True, to_field='id', related_name='actions', on_delete=OnDelete.RESTRICT)),
                ('position', fields.IntField()),
                ('kind', fields.CharEnumField(description='PAY_BY: pay_by\nACCEPT_BY: accept_by\nSHIP_BY: ship_by\nDELIVER_BY: deliver_by\nANSWER_BY: answer_by\nCOLLECT_BY: collect_by', enum_type=ClockKind, max_length=10)),
                ('moment', fields.CharEnumField(description='WARNED: warned\nBREACHED: breached\nAFTER: after', enum_type=Moment, max_length=8)),
                ('after_hours', fields.IntField(default=0, description='After the deadline, for AFTER')),
                ('action', fields.CharEnumField(description='NOTIFY_VENDOR: notify_vendor\nNOTIFY_CUSTOMER: notify_customer\nESCALATE: escalate\nAUTO_REFUSE: auto_refuse\nPENALTY: penalty\nCREDIT: credit', enum_type=ActionKind, max_length=16)),
                ('rate_ppm', fields.IntField(null=True, description='Of the goods: a penalty or a credit')),
                ('delay_hours', fields.IntField(null=True, description='What the customer is told: this much later than due')),
            ],
            options={'table': 'sla_action', 'app': 'marketplace', 'unique_together': (('policy_version_id', 'position'),), 'pk_attr': 'id', 'table_description': 'What happens when a deadline is near, missed, or missed for some hours.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='PolicyRule',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('policy_version', fields.ForeignKeyField('marketplace.PolicyVersion', source_field='policy_version_id', db_constraint=True, to_field='id', related_name='rules', on_delete=OnDelete.RESTRICT)),
                ('position', fields.IntField()),
                ('kind', fields.CharEnumField(description='PAY_BY: pay_by\nACCEPT_BY: accept_by\nSHIP_BY: ship_by\nDELIVER_BY: deliver_by\nANSWER_BY: answer_by\nCOLLECT_BY: collect_by', enum_type=ClockKind, max_length=10)),
                ('vendor_tier', fields.CharField(null=True, description='None: of any tier', max_length=20)),
                ('category', fields.CharField(null=True, description='None: of any category', max_length=60)),
                ('shipping_method', fields.CharField(null=True, description='None: by any', max_length=20)),
                ('amount', fields.IntField(description='Hours or days')),
                ('unit', fields.CharEnumField(description='BUSINESS_HOURS: business_hours\nBUSINESS_DAYS: business_days\nHOURS: hours', enum_type=Unit, max_length=14)),
                ('warn_hours', fields.IntField(description='Before it is due, business hours unless all count')),
                ('cut_off', fields.CharField(null=True, description='HH:MM, local: what comes later counts from tomorrow', max_length=5)),
            ],
            options={'table': 'sla_rule', 'app': 'marketplace', 'unique_together': (('policy_version_id', 'position'),), 'pk_attr': 'id', 'table_description': "How long something may take. Of a kind's rules the first that fits counts."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='SlaPause',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('order_id', fields.UUIDField()),
                ('subject_id', fields.UUIDField(null=True, description="None: all of the order's")),
                ('cause', fields.CharEnumField(description='HOLD: hold\nCUSTOMER: customer\nCARRIER: carrier\nPLATFORM: platform', enum_type=PauseCause, max_length=10)),
                ('reference', fields.UUIDField(null=True, description='Which hold, if it is one of several')),
                ('note', fields.CharField(max_length=200)),
                ('paused_by', fields.CharField(max_length=60)),
                ('paused_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('resumed_by', fields.CharField(null=True, max_length=60)),
                ('resumed_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'sla_pause', 'app': 'marketplace', 'pk_attr': 'id', 'table_description': "A time in which an order's deadlines stand still, all or one subject's."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='VendorClosure',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('vendor_id', fields.UUIDField()),
                ('first_day', fields.DateField(description='Local to the vendor')),
                ('last_day', fields.DateField(description='Closed as well')),
                ('offers', fields.CharEnumField(description='VISIBLE: visible\nUNAVAILABLE: unavailable', enum_type=OffersAway, max_length=12)),
                ('note', fields.CharField(max_length=200)),
                ('created_by', fields.CharField(max_length=60)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('cancelled_by', fields.CharField(null=True, max_length=60)),
                ('cancelled_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'vendor_closure', 'app': 'marketplace', 'pk_attr': 'id', 'table_description': 'Days on which a vendor does not work: a vacation, or a closed day of its own.'},
            bases=['Model'],
        ),
        ops.RemoveConstraint(
            model_name='SlaClock',
            name=None,
            fields=['subject_id', 'kind'],
        ),
        ops.AlterModelOptions(
            name='SlaClock',
            options={'table': 'sla_clock', 'app': 'marketplace', 'pk_attr': 'id', 'table_description': 'A deadline. `subject_id` is what it is for: the order (pay by), a sub-order, a shipment.'},
        ),
        ops.AlterField(
            model_name='SlaClock',
            name='due_at',
            field=fields.DatetimeField(description='Moves on by what a pause or a vacation takes', auto_now=False, auto_now_add=False),
        ),
        ops.AlterField(
            model_name='SlaClock',
            name='kind',
            field=fields.CharEnumField(description='PAY_BY: pay_by\nACCEPT_BY: accept_by\nSHIP_BY: ship_by\nDELIVER_BY: deliver_by\nANSWER_BY: answer_by\nCOLLECT_BY: collect_by', enum_type=ClockKind, max_length=10),
        ),
        ops.AlterField(
            model_name='SlaClock',
            name='state',
            field=fields.CharEnumField(description='RUNNING: running\nWARNED: warned\nPAUSED: paused\nMET: met\nBREACHED: breached\nVOID: void', enum_type=ClockState, max_length=10),
        ),
        ops.AddField(
            model_name='SlaClock',
            name='next_action_at',
            field=fields.DatetimeField(null=True, description='What follows a breach, later', auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='SlaClock',
            name='on_calendar_of',
            field=fields.UUIDField(null=True, description='Whose business hours it counts; none: every hour counts'),
        ),
        ops.AddField(
            model_name='SlaClock',
            name='paused_at',
            field=fields.DatetimeField(null=True, description='Since when it stands still', auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='SlaClock',
            name='policy_version_id',
            field=fields.UUIDField(null=True, description='The policy it was started under'),
        ),
        ops.AddField(
            model_name='SlaClock',
            name='promised_at',
            field=fields.DatetimeField(null=True, description='The date the customer was told', auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='SlaClock',
            name='rule_id',
            field=fields.UUIDField(null=True, description="None: the vendor's own hours"),
        ),
        ops.AddField(
            model_name='SlaClock',
            name='sub_order_id',
            field=fields.UUIDField(null=True),
        ),
        ops.AddField(
            model_name='SlaClock',
            name='superseded_at',
            field=fields.DatetimeField(null=True, description='When it was started again', auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='SlaClock',
            name='void_at',
            field=fields.DatetimeField(null=True, description='When it was no longer wanted', auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='SlaClock',
            name='warned_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AlterModelOptions(
            name='SlaPolicy',
            options={'table': 'sla_policy', 'app': 'marketplace', 'pk_attr': 'id', 'table_description': "A vendor's working hours, and its deadlines where no rule of the policy has others."},
        ),
        ops.AddField(
            model_name='SubOrder',
            name='shipping_method',
            field=fields.CharField(null=True, description='None: standard', max_length=20),
        ),
        ops.AddField(
            model_name='Vendor',
            name='tier',
            field=fields.CharField(default='standard', db_default='standard', description='What rules go by', max_length=20),
        ),
        ops.RunSQL(CHECKS),
        ops.RunSQL(FROZEN),
        ops.RunSQL(FIRST_VERSION),
        ops.RunSQL(ROW_SECURITY),
        ops.RunSQL(AWAY),
    ]
