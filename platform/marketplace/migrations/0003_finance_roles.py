from tortoise import fields
from tortoise.migrations import operations as ops

from marketplace.kit import migration
from marketplace.kit.principal import StaffRole, VendorRole


class Migration(migration.Migration):
    dependencies = [('marketplace', '0002_rules')]

    initial = False

    operations = [
        ops.AlterField(
            model_name='StaffMembership',
            name='role',
            field=fields.CharEnumField(description='OPERATIONS: operations\nSUPPORT: support\nFINANCE_VIEWER: finance_viewer\nACCOUNTANT: accountant\nAPPROVER: approver\nADMINISTRATOR: administrator', enum_type=StaffRole, max_length=20),
        ),
        ops.AlterField(
            model_name='VendorMember',
            name='role',
            field=fields.CharEnumField(description='OWNER: owner\nFULFILMENT: fulfilment\nFINANCE: finance', enum_type=VendorRole, max_length=20),
        ),
    ]
