from uuid import uuid4

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

from marketplace.kit import migration
from settlement.models import AccountKind, PeriodStatus


class Migration(migration.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name='AccountingPeriod',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('starts', fields.DateField()),
                ('ends', fields.DateField(description='The last day, included')),
                ('status', fields.CharEnumField(description='OPEN: open\nSOFT_CLOSED: soft_closed\nCLOSED: closed', enum_type=PeriodStatus, max_length=12)),
            ],
            options={'table': 'accounting_period', 'app': 'settlement', 'pk_attr': 'id', 'table_description': 'A month that postings are dated in. None overlap; only an open one takes postings.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Currency',
            fields=[
                ('code', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=3)),
                ('exponent', fields.SmallIntField(description='Digits after the decimal point, ISO 4217')),
            ],
            options={'table': 'currency', 'app': 'settlement', 'pk_attr': 'code', 'table_description': 'A currency the ledger keeps books in.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='LedgerAccount',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('code', fields.CharField(description='Of the chart; its first digit says the kind', max_length=4)),
                ('kind', fields.CharEnumField(description='ASSET: asset\nLIABILITY: liability\nEQUITY: equity\nINCOME: income\nEXPENSE: expense\nMEMO: memo', enum_type=AccountKind, max_length=10)),
                ('vendor_id', fields.UUIDField(null=True)),
                ('currency', fields.CharField(max_length=3)),
                ('floor_minor', fields.BigIntField(null=True, description='Smallest balance allowed on the normal side; empty: no bound')),
            ],
            options={'table': 'ledger_account', 'app': 'settlement', 'pk_attr': 'id', 'table_description': "One account of the chart in one currency; a vendor's accounts are its own."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='LedgerBalance',
            fields=[
                ('account_id', fields.BigIntField(generated=False, primary_key=True, unique=True, db_index=True)),
                ('debits_minor', fields.BigIntField()),
                ('credits_minor', fields.BigIntField()),
                ('version', fields.BigIntField()),
            ],
            options={'table': 'ledger_balance', 'app': 'settlement', 'pk_attr': 'account_id', 'table_description': "What has been debited and credited to a vendor's account, kept by the database itself."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='LedgerTransaction',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('kind', fields.CharField(max_length=20)),
                ('idempotency_key', fields.CharField(unique=True, max_length=120)),
                ('fingerprint', fields.CharField(description='SHA-256 of all it says', max_length=64)),
                ('effective_date', fields.DateField(description='The day it counts for, UTC')),
                ('recorded_at', fields.DatetimeField(description='When it was booked', auto_now=False, auto_now_add=False)),
                ('period', fields.ForeignKeyField('settlement.AccountingPeriod', source_field='period_id', db_constraint=True, to_field='id', related_name='transactions', on_delete=OnDelete.RESTRICT)),
                ('source_type', fields.CharField(description='capture, sub_order or refund', max_length=20)),
                ('source_id', fields.UUIDField()),
                ('reverses', fields.OneToOneField('settlement.LedgerTransaction', source_field='reverses_id', null=True, db_constraint=True, to_field='id', related_name='reversed_by', on_delete=OnDelete.RESTRICT)),
            ],
            options={'table': 'ledger_transaction', 'app': 'settlement', 'pk_attr': 'id', 'table_description': 'One balanced, immutable fact about money. Corrected only by another one.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='LedgerEntry',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('transaction', fields.ForeignKeyField('settlement.LedgerTransaction', source_field='transaction_id', db_index=True, db_constraint=True, to_field='id', related_name='entries', on_delete=OnDelete.RESTRICT)),
                ('account', fields.ForeignKeyField('settlement.LedgerAccount', source_field='account_id', db_constraint=True, to_field='id', related_name='entries', on_delete=OnDelete.RESTRICT)),
                ('currency', fields.CharField(max_length=3)),
                ('amount_minor', fields.BigIntField()),
                ('purpose', fields.CharField(description='What it is for: sale, commission, tax', max_length=20)),
                ('order_id', fields.UUIDField(null=True, db_index=True)),
                ('sub_order_id', fields.UUIDField(null=True)),
                ('vendor_id', fields.UUIDField(null=True, description="Its account's, set by the database")),
            ],
            options={'table': 'ledger_entry', 'app': 'settlement', 'pk_attr': 'id', 'table_description': 'Money into (debit, above zero) or out of (credit, below zero) one account.'},
            bases=['Model'],
        ),
    ]
