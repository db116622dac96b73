"""Other books beside ours: the provider's, the bank's, and what comparing them found."""

import functools
from json import dumps, loads
from uuid import uuid4

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

from marketplace.kit import migration
from settlement.reconciliation.run_models import BreakCode, BreakState, Remedy, Severity

CHECKS = """
ALTER TABLE provider_transaction
    ADD CONSTRAINT provider_transaction_net CHECK (net_minor = amount_minor - fee_minor);
CREATE INDEX provider_transaction_in_time ON provider_transaction (account, created_at);
CREATE INDEX provider_transaction_pulled ON provider_transaction (pulled_at);
CREATE INDEX provider_transaction_of_source ON provider_transaction (source_id);
CREATE INDEX provider_transaction_of_related ON provider_transaction (related_id)
    WHERE related_id IS NOT NULL;
CREATE INDEX provider_transaction_platform_payouts ON provider_transaction (created_at, id)
    WHERE account = 'platform' AND type IN ('payout', 'payout_failure', 'payout_cancel');
-- Which payouts of the platform have arrived.
CREATE INDEX ledger_transaction_arrived ON ledger_transaction (split_part(idempotency_key, ':', 3))
    WHERE kind = 'bank';
CREATE INDEX provider_payout_in_time ON provider_payout (account, created_at);
CREATE INDEX provider_balance_latest ON provider_balance (account, currency, taken_at);

ALTER TABLE bank_account
    ADD CONSTRAINT bank_account_currency FOREIGN KEY (currency) REFERENCES currency (code);
ALTER TABLE bank_file ADD CONSTRAINT bank_file_hash CHECK (sha256 ~ '^[0-9a-f]{64}$');
CREATE INDEX bank_file_in_time ON bank_file (bank_account_id, imported_at);
ALTER TABLE bank_statement ADD CONSTRAINT bank_statement_account
    FOREIGN KEY (bank_account_id) REFERENCES bank_account (id);
CREATE INDEX bank_statement_closing ON bank_statement (bank_account_id, closes_on);
CREATE INDEX bank_statement_of_file ON bank_statement (file_id);
ALTER TABLE bank_line
    ADD CONSTRAINT bank_line_account FOREIGN KEY (bank_account_id) REFERENCES bank_account (id),
    ADD CONSTRAINT bank_line_running CHECK (running >= 0);
CREATE INDEX bank_line_in_time ON bank_line (bank_account_id, booked_on);

CREATE INDEX reconciliation_match_of_run ON reconciliation_match (run_id);
ALTER TABLE reconciliation_match
    ADD CONSTRAINT reconciliation_match_confidence CHECK (confidence BETWEEN 1 AND 100);
-- The same difference is one break, however many runs see it.
CREATE UNIQUE INDEX break_live ON reconciliation_break (key)
    WHERE state IN ('open', 'investigating', 'proposed');
CREATE INDEX break_by_key ON reconciliation_break (key);
CREATE INDEX break_of_subject ON reconciliation_break (subject_id) WHERE subject_id IS NOT NULL;
ALTER TABLE reconciliation_break
    ADD CONSTRAINT break_ended CHECK ((state IN ('open', 'investigating', 'proposed'))
        = (ended_at IS NULL)),
    ADD CONSTRAINT break_ending CHECK ((ended_at IS NULL) = (ending IS NULL));
-- One open proposal at a time: a person who disagrees rejects it first.
CREATE UNIQUE INDEX break_proposal_open ON break_proposal (difference_id) WHERE decided_at IS NULL;
ALTER TABLE break_proposal
    ADD CONSTRAINT break_proposal_decided CHECK ((decided_at IS NULL) = (is_approved IS NULL)
        AND (decided_at IS NULL) = (decided_by IS NULL));
ALTER TABLE cash_proof
    ADD CONSTRAINT cash_proof_run FOREIGN KEY (run_id) REFERENCES reconciliation_run (id),
    ADD CONSTRAINT cash_proof_closing CHECK (closing_minor = opening_minor + moved_minor);
CREATE INDEX cash_proof_in_time ON cash_proof (day, account);
ALTER TABLE reconciliation_policy
    ADD CONSTRAINT reconciliation_policy_currency
        FOREIGN KEY (currency) REFERENCES currency (code),
    ADD CONSTRAINT reconciliation_policy_limits
        CHECK (second_person_minor >= 0 AND fee_tolerance_minor >= 0);
"""

ALL = "(SELECT current_setting('souk.scope', true)) = 'all'"
TABLES = (
    "provider_transaction", "provider_payout", "provider_balance", "pull_cursor", "bank_account",
    "bank_file", "bank_statement", "bank_line", "reconciliation_run", "reconciliation_match",
    "matched_item", "reconciliation_break", "break_comment", "break_proposal", "cash_proof",
    "reconciliation_policy",
)
# None of this is a vendor's to see.
ROW_SECURITY = "\n".join(
    f"""
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY platform_only ON {table} FOR ALL USING ({ALL}) WITH CHECK ({ALL});
"""
    for table in TABLES
)

# A hundred of a currency needs a second person; five hundredths of one is a fee's rounding.
DEFAULTS = """
INSERT INTO reconciliation_policy (currency, second_person_minor, fee_tolerance_minor)
    SELECT code, 100 * 10 ^ exponent, 5 * 10 ^ (exponent - 2) FROM currency;
"""


class Migration(migration.Migration):
    dependencies = [('settlement', '0006_disputes')]

    initial = False

    operations = [
        ops.CreateModel(
            name='BankAccount',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('code', fields.CharField(unique=True, description='For commands and addresses', max_length=40)),
                ('name', fields.CharField(max_length=120)),
                ('identification', fields.CharField(description='IBAN or number, no blanks', max_length=40)),
                ('currency', fields.CharField(max_length=3)),
                ('csv_map', fields.TextField(null=True, description='How its CSV is read, JSON', unique=False)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'bank_account', 'app': 'settlement', 'unique_together': (('identification', 'currency'),), 'pk_attr': 'id', 'table_description': "A bank account of the platform's own."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='BankFile',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('bank_account', fields.ForeignKeyField('settlement.BankAccount', source_field='bank_account_id', db_constraint=True, to_field='id', related_name='files', on_delete=OnDelete.RESTRICT)),
                ('sha256', fields.CharField(unique=True, max_length=64)),
                ('filename', fields.CharField(max_length=200)),
                ('format', fields.CharField(max_length=20)),
                ('importer', fields.IntField(description='Version of the code that read it')),
                ('data', fields.BinaryField()),
                ('lines', fields.IntField(description='Bookings in it')),
                ('new_lines', fields.IntField(description='Of those, not known before')),
                ('imported_by', fields.CharField(max_length=60)),
                ('imported_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'bank_file', 'app': 'settlement', 'pk_attr': 'id', 'table_description': 'A file as it came, byte for byte.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='BankLine',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('bank_account_id', fields.UUIDField()),
                ('file', fields.ForeignKeyField('settlement.BankFile', source_field='file_id', db_index=True, db_constraint=True, to_field='id', related_name='bookings', on_delete=OnDelete.RESTRICT)),
                ('reference', fields.CharField(description="The bank's own; empty where none", max_length=140)),
                ('end_to_end', fields.CharField(null=True, max_length=140)),
                ('booked_on', fields.DateField()),
                ('amount_minor', fields.BigIntField()),
                ('currency', fields.CharField(max_length=3)),
                ('running', fields.IntField(description='0, 1, 2 … among equal lines of one file')),
                ('text', fields.CharField(max_length=500)),
                ('counterparty', fields.CharField(null=True, max_length=200)),
            ],
            options={'table': 'bank_line', 'app': 'settlement', 'unique_together': (('bank_account_id', 'reference', 'booked_on', 'amount_minor', 'running'),), 'pk_attr': 'id', 'table_description': 'A booking at the bank, above zero when the account gained.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='BankStatement',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('file', fields.ForeignKeyField('settlement.BankFile', source_field='file_id', db_constraint=True, to_field='id', related_name='statements', on_delete=OnDelete.RESTRICT)),
                ('bank_account_id', fields.UUIDField()),
                ('number', fields.CharField(max_length=80)),
                ('opens_on', fields.DateField(null=True)),
                ('opening_minor', fields.BigIntField(null=True)),
                ('closes_on', fields.DateField(null=True)),
                ('closing_minor', fields.BigIntField(null=True)),
            ],
            options={'table': 'bank_statement', 'app': 'settlement', 'pk_attr': 'id', 'table_description': 'One statement of a file: what the bank says the account held, minor units.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Break',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('key', fields.CharField(description='The same difference, run after run', max_length=200)),
                ('code', fields.CharEnumField(description='T1: T1\nT2: T2\nM1: M1\nM2: M2\nM3: M3\nA1: A1\nA2: A2\nA3: A3\nD1: D1\nD2: D2\nD3: D3\nS1: S1\nR1: R1\nC1: C1\nX1: X1\nU1: U1\nP1: P1', enum_type=BreakCode, max_length=2)),
                ('severity', fields.CharEnumField(description='LOW: low\nMEDIUM: medium\nHIGH: high', enum_type=Severity, max_length=6)),
                ('state', fields.CharEnumField(description='OPEN: open\nINVESTIGATING: investigating\nPROPOSED: proposed\nRESOLVED: resolved\nWRITTEN_OFF: written_off\nFALSE_POSITIVE: false_positive', enum_type=BreakState, max_length=16)),
                ('account', fields.CharField(description='Whose book it is about', max_length=80)),
                ('amount_minor', fields.BigIntField(description='The other book less ours')),
                ('currency', fields.CharField(max_length=3)),
                ('detail', fields.CharField(max_length=300)),
                ('vendor_id', fields.UUIDField(null=True)),
                ('subject_type', fields.CharField(null=True, description='capture, payout …', max_length=20)),
                ('subject_id', fields.UUIDField(null=True)),
                ('items', fields.JSONField(description='The lines on all sides, as in matched_item', encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('suggestion', fields.CharField(null=True, description='Payouts that a bank line may be, by their ids', max_length=300)),
                ('happened_on', fields.DateField()),
                ('first_run_id', fields.UUIDField()),
                ('last_run_id', fields.UUIDField()),
                ('first_seen_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('owner', fields.CharField(null=True, max_length=60)),
                ('ended_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('ended_by', fields.CharField(null=True, max_length=60)),
                ('ending', fields.CharField(null=True, description='How it ended, in words', max_length=200)),
            ],
            options={'table': 'reconciliation_break', 'app': 'settlement', 'pk_attr': 'id', 'table_description': 'One difference between the books, from the run that first saw it until it has ended.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='BreakComment',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('difference', fields.ForeignKeyField('settlement.Break', source_field='difference_id', db_index=True, db_constraint=True, to_field='id', related_name='comments', on_delete=OnDelete.RESTRICT)),
                ('text', fields.CharField(max_length=1000)),
                ('written_by', fields.CharField(max_length=60)),
                ('written_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'break_comment', 'app': 'settlement', 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='BreakProposal',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('difference', fields.ForeignKeyField('settlement.Break', source_field='difference_id', db_index=True, db_constraint=True, to_field='id', related_name='proposals', on_delete=OnDelete.RESTRICT)),
                ('remedy', fields.CharEnumField(description='ASK_AGAIN: ask_again\nBOOK: book\nREVERSE: reverse\nMATCH: match\nWRITE_OFF: write_off\nFALSE_POSITIVE: false_positive', enum_type=Remedy, max_length=16)),
                ('against', fields.CharField(null=True, description='Account of the chart, posting or item', max_length=120)),
                ('amount_minor', fields.BigIntField(description='Of the break, when it was proposed')),
                ('note', fields.CharField(max_length=200)),
                ('proposed_by', fields.CharField(max_length=60)),
                ('proposed_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('decided_by', fields.CharField(null=True, max_length=60)),
                ('decided_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('is_approved', fields.BooleanField(null=True)),
                ('posting_id', fields.UUIDField(null=True, description='What it booked, if anything')),
            ],
            options={'table': 'break_proposal', 'app': 'settlement', 'pk_attr': 'id', 'table_description': 'What somebody wants done about a break; above a limit another person has to agree.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='CashProof',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('run_id', fields.UUIDField()),
                ('day', fields.DateField()),
                ('account', fields.CharField(description="platform, reserved, a connected account or a bank account's id", max_length=80)),
                ('code', fields.CharField(description='Our account of the chart', max_length=4)),
                ('vendor_id', fields.UUIDField(null=True)),
                ('currency', fields.CharField(max_length=3)),
                ('opening_minor', fields.BigIntField(description='Their lines before the day')),
                ('moved_minor', fields.BigIntField(description='Their lines of the day')),
                ('closing_minor', fields.BigIntField()),
                ('stated_minor', fields.BigIntField(null=True, description='What they say they hold')),
                ('ledger_minor', fields.BigIntField(description='Our balance at the end of the day')),
                ('breaks_minor', fields.BigIntField(description='Explained by open breaks')),
                ('timing_minor', fields.BigIntField(description='Booked on the other side of midnight')),
                ('explained_by', fields.JSONField(description='Amount by key', encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('is_proven', fields.BooleanField()),
            ],
            options={'table': 'cash_proof', 'app': 'settlement', 'unique_together': (('run_id', 'account', 'currency', 'code'),), 'pk_attr': 'id', 'table_description': 'One account on one day: what moved, what the other side says, what we say. Minor units.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ProviderBalance',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('account', fields.CharField(max_length=80)),
                ('vendor_id', fields.UUIDField(null=True)),
                ('currency', fields.CharField(max_length=3)),
                ('available_minor', fields.BigIntField()),
                ('pending_minor', fields.BigIntField()),
                ('reserved_minor', fields.BigIntField(default=0, description='Held for connected accounts')),
                ('taken_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'provider_balance', 'app': 'settlement', 'unique_together': (('account', 'currency', 'taken_at'),), 'pk_attr': 'id', 'table_description': 'What the provider said an account holds at one moment, minor units.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ProviderPayout',
            fields=[
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=80)),
                ('account', fields.CharField(max_length=80)),
                ('vendor_id', fields.UUIDField(null=True)),
                ('amount_minor', fields.BigIntField()),
                ('currency', fields.CharField(max_length=3)),
                ('status', fields.CharField(description="The provider's own word", max_length=20)),
                ('arrival_date', fields.DateField()),
                ('trace_id', fields.CharField(null=True, max_length=120)),
                ('failure_code', fields.CharField(null=True, max_length=80)),
                ('metadata', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('pulled_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'provider_payout', 'app': 'settlement', 'pk_attr': 'id', 'table_description': 'A payout as the provider last showed it, of the platform or of a connected account.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ProviderTransaction',
            fields=[
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=80)),
                ('account', fields.CharField(description='platform, or a connected account', max_length=80)),
                ('vendor_id', fields.UUIDField(null=True, description='Whose connected account it is')),
                ('type', fields.CharField(max_length=60)),
                ('category', fields.CharField(description="The provider's reporting category", max_length=60)),
                ('amount_minor', fields.BigIntField()),
                ('fee_minor', fields.BigIntField()),
                ('net_minor', fields.BigIntField(description='amount - fee: what the balance moved by')),
                ('currency', fields.CharField(max_length=3)),
                ('source_id', fields.CharField(null=True, description='The object it is about', max_length=80)),
                ('related_id', fields.CharField(null=True, description="The object behind its source: a payment's transfer", max_length=80)),
                ('metadata', fields.JSONField(description='Of its source: our own ids', encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('description', fields.CharField(null=True, max_length=500)),
                ('exchange_rate', fields.CharField(null=True, description='As written', max_length=40)),
                ('available_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('created_at', fields.DatetimeField(description='At the provider', auto_now=False, auto_now_add=False)),
                ('pulled_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'provider_transaction', 'app': 'settlement', 'pk_attr': 'id', 'table_description': "A balance transaction: one line in the provider's book of one account, minor units."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='PullCursor',
            fields=[
                ('account', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=80)),
                ('vendor_id', fields.UUIDField(null=True)),
                ('read_until', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('pulled_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'pull_cursor', 'app': 'settlement', 'pk_attr': 'account', 'table_description': "How far an account's lines have been read; the next pull begins three days before."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ReconciliationPolicy',
            fields=[
                ('currency', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=3)),
                ('second_person_minor', fields.BigIntField(description='Above this another person agrees')),
                ('fee_tolerance_minor', fields.BigIntField(description='Fee differences booked without asking')),
            ],
            options={'table': 'reconciliation_policy', 'app': 'settlement', 'pk_attr': 'currency', 'table_description': 'What people may do alone and what is too small to ask about, minor units.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ReconciliationRun',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('number', fields.IntField(unique=True, description='1, 2, 3 … without gaps')),
                ('until', fields.DateField(description='The last day it looked at, UTC')),
                ('rules', fields.IntField(description='Version of the rules and the code')),
                ('started_by', fields.CharField(max_length=60)),
                ('started_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('inputs', fields.BinaryField(description='Canonical JSON, gzip')),
                ('inputs_hash', fields.CharField(max_length=64)),
                ('results_hash', fields.CharField(max_length=64)),
                ('cursors', fields.JSONField(description='How far each account was read', encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('files', fields.JSONField(description='SHA-256 of each bank file known then', encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('metrics', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
            ],
            options={'table': 'reconciliation_run', 'app': 'settlement', 'pk_attr': 'id', 'table_description': 'One comparison of the books. Its inputs are kept whole, so that it can be done again.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ReconciliationMatch',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('run', fields.ForeignKeyField('settlement.ReconciliationRun', source_field='run_id', db_constraint=True, to_field='id', related_name='matches', on_delete=OnDelete.RESTRICT)),
                ('key', fields.CharField(db_index=True, description='What they have in common', max_length=200)),
                ('passed', fields.CharField(description='The pass that found it', max_length=20)),
                ('rule', fields.CharField(max_length=40)),
                ('confidence', fields.IntField(description='Percent')),
                ('matched_by', fields.CharField(max_length=60)),
                ('matched_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'reconciliation_match', 'app': 'settlement', 'pk_attr': 'id', 'table_description': 'Lines of several books that say the same, and how that was known.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='MatchedItem',
            fields=[
                ('item', fields.CharField(primary_key=True, unique=True, db_index=True, description='ledger:, provider: or bank: and its id', max_length=120)),
                ('match', fields.ForeignKeyField('settlement.ReconciliationMatch', source_field='match_id', db_index=True, db_constraint=True, to_field='id', related_name='items', on_delete=OnDelete.RESTRICT)),
            ],
            options={'table': 'matched_item', 'app': 'settlement', 'pk_attr': 'item', 'table_description': 'A line of one of the books, in the one match it belongs to.'},
            bases=['Model'],
        ),
        ops.RunSQL(CHECKS),
        ops.RunSQL(ROW_SECURITY),
        ops.RunSQL(DEFAULTS),
    ]
