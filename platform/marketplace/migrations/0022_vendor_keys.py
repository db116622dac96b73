"""Keys by which vendors' own systems are let in, kept as hashes."""

from uuid import uuid4

from tortoise import fields
from tortoise.fields import OnDelete
from tortoise.migrations import operations as ops

from marketplace.kit import migration

# The first rule also refuses a key that somebody would keep as it is.
CHECKS = """
ALTER TABLE vendor_key
    ADD CONSTRAINT vendor_key_hashed CHECK (secret_hash ~ '^[0-9a-f]{64}$'),
    ADD CONSTRAINT vendor_key_revoked CHECK ((revoked_at IS NULL) = (revoked_by IS NULL)),
    ADD CONSTRAINT vendor_key_counted CHECK (counted >= 0);
"""
ROW_SECURITY = """
ALTER TABLE vendor_key ENABLE ROW LEVEL SECURITY;
CREATE POLICY scoped ON vendor_key
    USING ((SELECT current_setting('souk.scope', true) = 'all')
        OR vendor_id = (SELECT nullif(nullif(current_setting('souk.scope', true), ''), 'all')::uuid));
"""


class Migration(migration.Migration):
    dependencies = [
        ('marketplace', '0016_substitutions'),
        ('marketplace', '0015_partitions_found'),
    ]

    initial = False

    operations = [
        ops.CreateModel(
            name='VendorKey',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('vendor', fields.ForeignKeyField('marketplace.Vendor', source_field='vendor_id', db_index=True, db_constraint=True, to_field='id', related_name='keys', on_delete=OnDelete.RESTRICT)),
                ('name', fields.CharField(max_length=60)),
                ('prefix', fields.CharField(description='How it begins, to know it by', max_length=16)),
                ('secret_hash', fields.CharField(description='SHA-256', unique=True, max_length=64)),
                ('created_by', fields.CharField(max_length=60)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('used_at', fields.DatetimeField(description='Last', null=True, auto_now=False, auto_now_add=False)),
                ('revoked_by', fields.CharField(null=True, max_length=60)),
                ('revoked_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('counted_from', fields.DatetimeField(description='When the present minute of requests began', auto_now=False, auto_now_add=False)),
                ('counted', fields.IntField(description='Requests since then', default=0, db_default=0)),
            ],
            options={'table': 'vendor_key', 'app': 'marketplace', 'pk_attr': 'id', 'table_description': "What a vendor's own system shows to be let in: we keep the hash of it."},
            bases=['Model'],
        ),
        ops.RunSQL(CHECKS),
        ops.RunSQL(ROW_SECURITY),
    ]
