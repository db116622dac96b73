"""A missed deadline may ask another vendor."""

from tortoise import fields
from tortoise.migrations import operations as ops

from marketplace.kit import migration
from marketplace.sla.policy_models import ActionKind

_ACTIONS = (
    "NOTIFY_VENDOR: notify_vendor\nNOTIFY_CUSTOMER: notify_customer\nESCALATE: escalate\n"
    "AUTO_REFUSE: auto_refuse\nREROUTE: reroute\nPENALTY: penalty\nCREDIT: credit"
)
CHECK = """
ALTER TABLE sla_action DROP CONSTRAINT sla_action_action;
ALTER TABLE sla_action ADD CONSTRAINT sla_action_action CHECK (action IN ('notify_vendor',
    'notify_customer', 'escalate', 'auto_refuse', 'reroute', 'penalty', 'credit'));
"""


class Migration(migration.Migration):
    dependencies = [("marketplace", "0027_reader")]

    operations = [
        *(
            ops.AlterField(
                model_name=model,
                name="action",
                field=fields.CharEnumField(
                    description=_ACTIONS, enum_type=ActionKind, max_length=16
                ),
            )
            for model in ("PolicyAction", "ActionRun")
        ),
        ops.RunSQL(CHECK),
    ]
