from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('settlement', '0003_posting')]

    initial = False

    operations = [
        ops.RemoveField(model_name='LedgerBalance', name='account_id'),
        ops.AddField(
            model_name='LedgerBalance',
            name='account_id',
            field=fields.BigIntField(primary_key=True, unique=True, db_index=True),
        ),
        ops.AddIndex(
            model_name='LedgerBalance',
            index=Index(fields=['account_id']),
        ),
    ]
