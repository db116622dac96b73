"""The policies of settlement's tables compare inside their sub-selects: docs/decisions/0020."""

from tortoise.migrations import operations as ops

from marketplace.kit import migration


class Migration(migration.Migration):
    dependencies = [("settlement", "0010_recon_fixes")]

    operations = [ops.RunSQL("SELECT compare_inside_policies()")]
