from tortoise import fields
from tortoise.migrations import operations as ops

from marketplace.kit import migration

KINDS = """
ALTER TABLE provider_operation
    DROP CONSTRAINT provider_operation_kind,
    ADD CONSTRAINT provider_operation_kind CHECK (kind IN ('intent', 'cancel', 'refund', 'account',
        'balance_settings', 'transfer', 'transfer_reversal', 'payout', 'platform_payout'));
ALTER TABLE provider_poll ENABLE ROW LEVEL SECURITY;
CREATE POLICY platform_only ON provider_poll
    USING ((SELECT current_setting('souk.scope', true)) = 'all');
"""


class Migration(migration.Migration):
    dependencies = [('marketplace', '0003_finance_roles')]

    initial = False

    operations = [
        ops.CreateModel(
            name='ProviderPoll',
            fields=[
                ('account', fields.CharField(primary_key=True, description="A connected account; empty: the platform's", unique=True, db_index=True, max_length=80)),
                ('polled_until', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'provider_poll', 'app': 'marketplace', 'pk_attr': 'account', 'table_description': "How far the provider's own list of events has been compared with the inbox."},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='ProviderEvent',
            name='account',
            field=fields.CharField(null=True, description='The connected account it happened at', max_length=80),
        ),
        ops.AddField(
            model_name='ProviderOperation',
            name='account',
            field=fields.CharField(null=True, description='The connected account it is made for', max_length=80),
        ),
        ops.AlterField(
            model_name='ProviderOperation',
            name='kind',
            field=fields.CharField(description='intent, refund, transfer, payout …', max_length=20),
        ),
        ops.AlterField(
            model_name='ProviderOperation',
            name='subject_id',
            field=fields.UUIDField(description='Attempt, refund, payout, vendor …', db_index=True),
        ),
        ops.RunSQL(KINDS),
    ]
