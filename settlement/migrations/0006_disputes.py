import functools
from json import dumps, loads
from uuid import uuid4

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

from marketplace.kit import migration
from settlement.adjustments.models import AdjustmentKind, AdjustmentState, PeriodMove
from settlement.disputes.models import DisputeState, Liable

CHECKS = """
ALTER TABLE adjustment
    ADD CONSTRAINT adjustment_currency FOREIGN KEY (currency) REFERENCES currency (code),
    ADD CONSTRAINT adjustment_amount CHECK (CASE
        WHEN kind IN ('currency_revaluation', 'suspense_cleared') THEN amount_minor <> 0
        WHEN kind = 'reversal' THEN amount_minor >= 0 ELSE amount_minor > 0 END),
    ADD CONSTRAINT adjustment_exchange CHECK ((kind = 'currency_exchange')
        = (currency_to IS NOT NULL AND amount_to_minor > 0) AND currency_to <> currency),
    ADD CONSTRAINT adjustment_vendor CHECK ((vendor_id IS NOT NULL) = (kind IN ('penalty',
        'goodwill', 'vendor_receivable', 'write_off', 'dispute_fee_recharge',
        'provider_fee_recharge'))),
    ADD CONSTRAINT adjustment_account CHECK ((kind = 'suspense_cleared') = (account IS NOT NULL)),
    ADD CONSTRAINT adjustment_refund
        CHECK ((kind = 'refund_paid_otherwise') = (refund_id IS NOT NULL)),
    ADD CONSTRAINT adjustment_dispute
        CHECK ((kind = 'dispute_fee_recharge') = (dispute_id IS NOT NULL)),
    ADD CONSTRAINT adjustment_reverses CHECK ((kind = 'reversal') = (reverses_id IS NOT NULL)),
    -- Four eyes: whoever proposed it does not approve it, whatever the application thinks.
    ADD CONSTRAINT adjustment_decided CHECK ((state = 'proposed') = (decided_by IS NULL)
        AND (decided_by IS NULL) = (decided_at IS NULL)
        AND (state <> 'posted' OR decided_by <> proposed_by));
CREATE UNIQUE INDEX adjustment_refund_once ON adjustment (refund_id) WHERE state = 'posted';
CREATE UNIQUE INDEX adjustment_reverses_once ON adjustment (reverses_id) WHERE state = 'posted';
CREATE INDEX adjustment_open ON adjustment (proposed_at) WHERE state = 'proposed';
CREATE INDEX adjustment_of_vendor ON adjustment (vendor_id, proposed_at)
    WHERE vendor_id IS NOT NULL;
CREATE INDEX adjustment_of_dispute ON adjustment (dispute_id) WHERE dispute_id IS NOT NULL;

ALTER TABLE period_change
    ADD CONSTRAINT period_change_period
        FOREIGN KEY (period_id) REFERENCES accounting_period (id),
    ADD CONSTRAINT period_change_two CHECK (CASE move WHEN 'reopen'
        THEN (done_at IS NULL) = (agreed_by IS NULL) AND agreed_by <> asked_by
        ELSE done_at IS NOT NULL AND agreed_by IS NULL END);
CREATE UNIQUE INDEX period_change_open ON period_change (period_id) WHERE done_at IS NULL;

ALTER TABLE dispute
    ADD CONSTRAINT dispute_currency FOREIGN KEY (currency) REFERENCES currency (code),
    ADD CONSTRAINT dispute_amounts CHECK (amount_minor > 0 AND withdrawn_minor >= 0
        AND fee_minor >= 0),
    ADD CONSTRAINT dispute_closed CHECK ((closed_at IS NULL)
        = (state IN ('needs_response', 'under_review')));
CREATE INDEX dispute_open ON dispute (evidence_due_at) WHERE closed_at IS NULL;
ALTER TABLE dispute_share
    ADD CONSTRAINT dispute_share_adds_up CHECK (gross_minor >= 0 AND funding_minor >= 0
        AND tax_minor >= 0 AND commission_minor >= 0 AND commission_vat_minor >= 0
        AND gross_minor + funding_minor = vendor_minor + tax_minor
        AND prepaid_minor BETWEEN 0 AND gross_minor);
CREATE INDEX dispute_share_of_vendor ON dispute_share (vendor_id);
"""

# The application may move a month's status, though it may not write the table. While a month is
# softly closed, what two people agreed to may still be dated in it.
PERIODS = """
CREATE OR REPLACE FUNCTION ledger_enter_period() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE entered accounting_period;
BEGIN
    -- The lock lets a month close only after the postings in flight have committed.
    SELECT * INTO entered FROM accounting_period
        WHERE NEW.effective_date BETWEEN starts AND ends FOR SHARE;
    IF entered.id IS NULL THEN
        RAISE EXCEPTION 'no accounting period for %', NEW.effective_date
            USING ERRCODE = 'check_violation';
    END IF;
    IF entered.status = 'closed'
            OR entered.status = 'soft_closed' AND NEW.source_type <> 'adjustment' THEN
        RAISE EXCEPTION 'accounting period % to % is %', entered.starts, entered.ends, entered.status
            USING ERRCODE = 'check_violation';
    END IF;
    NEW.period_id := entered.id;
    NEW.top_xid := pg_current_xact_id();
    RETURN NEW;
END $$;
CREATE FUNCTION ledger_move_period(moved int, before text, after text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    -- Waits for the postings in flight, which hold the month (ledger_enter_period).
    UPDATE accounting_period SET status = after WHERE id = moved AND status = before;
    RETURN FOUND;
END $$;
"""

ALL = "(SELECT current_setting('souk.scope', true)) = 'all'"
OWN = "vendor_id = (SELECT nullif(nullif(current_setting('souk.scope', true), ''), 'all')::uuid)"
# A vendor reads what was booked on it, and the disputes that it has a share of.
ROW_SECURITY = "\n".join(
    f"""
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY scoped ON {table} FOR SELECT USING ({ALL} OR {seen});
CREATE POLICY platform_writes ON {table} FOR ALL USING ({ALL}) WITH CHECK ({ALL});
"""
    for table, seen in {
        "adjustment": f"{OWN} AND state = 'posted'",
        "period_change": "false",
        "dispute_share": OWN,
        "dispute": "EXISTS (SELECT 1 FROM dispute_share WHERE dispute_share.dispute_id = dispute.id)",
    }.items()
)


class Migration(migration.Migration):
    dependencies = [('settlement', '0005_settling_rules')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Adjustment',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('kind', fields.CharEnumField(description='PENALTY: penalty\nGOODWILL: goodwill\nREFUND_PAID_OTHERWISE: refund_paid_otherwise\nVENDOR_RECEIVABLE: vendor_receivable\nWRITE_OFF: write_off\nTAX_REMITTED: tax_remitted\nCURRENCY_EXCHANGE: currency_exchange\nCURRENCY_REVALUATION: currency_revaluation\nPROVIDER_RESERVE: provider_reserve\nPROVIDER_RESERVE_RELEASED: provider_reserve_released\nDISPUTE_FEE_RECHARGE: dispute_fee_recharge\nPROVIDER_FEE_RECHARGE: provider_fee_recharge\nSUSPENSE_CLEARED: suspense_cleared\nREVERSAL: reversal', enum_type=AdjustmentKind, max_length=30)),
                ('vendor_id', fields.UUIDField(null=True)),
                ('currency', fields.CharField(max_length=3)),
                ('amount_minor', fields.BigIntField(description='Above zero; a revaluation and what clears suspense may be below')),
                ('currency_to', fields.CharField(null=True, description='Of an exchange', max_length=3)),
                ('amount_to_minor', fields.BigIntField(null=True, description='What the exchange brought')),
                ('account', fields.CharField(null=True, description='Where suspense is cleared to', max_length=4)),
                ('refund_id', fields.UUIDField(null=True)),
                ('dispute_id', fields.UUIDField(null=True)),
                ('reverses_id', fields.UUIDField(null=True, description='The posting that is negated')),
                ('effective_date', fields.DateField(description='The day it counts for, UTC')),
                ('note', fields.CharField(max_length=200)),
                ('reference', fields.CharField(null=True, description='Of the bank, of a letter', max_length=120)),
                ('state', fields.CharEnumField(description='PROPOSED: proposed\nPOSTED: posted\nREJECTED: rejected', enum_type=AdjustmentState, max_length=10)),
                ('proposed_by', fields.CharField(max_length=60)),
                ('proposed_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('decided_by', fields.CharField(null=True, max_length=60)),
                ('decided_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'adjustment', 'app': 'settlement', 'pk_attr': 'id', 'table_description': 'A posting of a fixed kind that one person proposed and another one has to approve.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Dispute',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('provider_dispute_id', fields.CharField(unique=True, max_length=80)),
                ('order_id', fields.UUIDField(db_index=True)),
                ('charge_id', fields.CharField(max_length=80)),
                ('currency', fields.CharField(max_length=3)),
                ('amount_minor', fields.BigIntField()),
                ('withdrawn_minor', fields.BigIntField(default=0, description='Taken from us and not given back')),
                ('fee_minor', fields.BigIntField(default=0, description='Not given back when it is won')),
                ('reason', fields.CharField(max_length=80)),
                ('status', fields.CharField(max_length=80)),
                ('state', fields.CharEnumField(description='NEEDS_RESPONSE: needs_response\nUNDER_REVIEW: under_review\nWON: won\nLOST: lost\nCLOSED: closed', enum_type=DisputeState, max_length=16)),
                ('liable', fields.CharEnumField(description='Who bears it if it is lost', enum_type=Liable, max_length=10)),
                ('evidence', fields.JSONField(description='What was sent to the bank, by field', encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('evidence_due_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('answered_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('opened_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('closed_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'dispute', 'app': 'settlement', 'pk_attr': 'id', 'table_description': "A chargeback, or a bank's question before one. `status` is the provider's own word."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='DisputeShare',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('dispute', fields.ForeignKeyField('settlement.Dispute', source_field='dispute_id', db_constraint=True, to_field='id', related_name='shares', on_delete=OnDelete.RESTRICT)),
                ('vendor_id', fields.UUIDField()),
                ('sub_order_id', fields.UUIDField(db_index=True)),
                ('gross_minor', fields.BigIntField()),
                ('funding_minor', fields.BigIntField()),
                ('vendor_minor', fields.BigIntField()),
                ('tax_minor', fields.BigIntField(description='Of it, what the platform owes the state')),
                ('commission_minor', fields.BigIntField()),
                ('commission_vat_minor', fields.BigIntField()),
                ('prepaid_minor', fields.BigIntField(default=0, description='Lost before anything was earned: taken from the prepayment')),
            ],
            options={'table': 'dispute_share', 'app': 'settlement', 'unique_together': (('dispute_id', 'sub_order_id'),), 'pk_attr': 'id', 'table_description': "One sub-order's part of what is disputed, component by component."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='PeriodChange',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('period_id', fields.IntField(db_index=True)),
                ('move', fields.CharEnumField(description='SOFT_CLOSE: soft_close\nCLOSE: close\nREOPEN: reopen', enum_type=PeriodMove, max_length=10)),
                ('note', fields.CharField(max_length=200)),
                ('trial_balance_hash', fields.CharField(description='SHA-256 up to its last day', max_length=64)),
                ('asked_by', fields.CharField(max_length=60)),
                ('asked_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('agreed_by', fields.CharField(null=True, description='Reopening needs a second', max_length=60)),
                ('done_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'period_change', 'app': 'settlement', 'pk_attr': 'id', 'table_description': 'Who closed a month or opened it again, and what its trial balance was then.'},
            bases=['Model'],
        ),
        ops.RunSQL(CHECKS),
        ops.RunSQL(PERIODS),
        ops.RunSQL(ROW_SECURITY),
    ]
