"""What deadlines there are and what follows from them, as data: one version of it is active."""

from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.fields import OnDelete

from marketplace.kit.model import Model
from marketplace.sla.models import ClockKind


class PolicyState(StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"
    RETIRED = "retired"


class PolicyVersion(Model):
    """One version of the deadline policy. Clocks keep the one they were started under."""

    id = fields.UUIDField(primary_key=True)
    version = fields.IntField(unique=True)
    state = fields.CharEnumField(PolicyState, max_length=8)
    note = fields.CharField(max_length=200)
    created_by = fields.CharField(max_length=60)
    created_at = fields.DatetimeField()
    activated_by = fields.CharField(max_length=60, null=True)
    activated_at = fields.DatetimeField(null=True)
    retired_at = fields.DatetimeField(null=True)

    rules: fields.ReverseRelation["PolicyRule"]
    actions: fields.ReverseRelation["PolicyAction"]

    class Meta:
        table = "sla_policy_version"


class Unit(StrEnum):
    """What a deadline is counted in: the vendor's opening hours, its working days, or all hours."""

    BUSINESS_HOURS = "business_hours"
    BUSINESS_DAYS = "business_days"
    HOURS = "hours"


class PolicyRule(Model):
    """How long something may take. Of a kind's rules the first that fits counts."""

    id = fields.UUIDField(primary_key=True)
    policy_version: fields.ForeignKeyRelation[PolicyVersion] = fields.ForeignKeyField(
        "marketplace.PolicyVersion", related_name="rules", on_delete=OnDelete.RESTRICT
    )
    position = fields.IntField()
    kind = fields.CharEnumField(ClockKind, max_length=10)
    vendor_tier = fields.CharField(max_length=20, null=True, description="None: of any tier")
    category = fields.CharField(max_length=60, null=True, description="None: of any category")
    shipping_method = fields.CharField(max_length=20, null=True, description="None: by any")
    amount = fields.IntField(description="Hours or days")
    unit = fields.CharEnumField(Unit, max_length=14)
    warn_hours = fields.IntField(description="Before it is due, business hours unless all count")
    cut_off = fields.CharField(
        max_length=5, null=True, description="HH:MM, local: what comes later counts from tomorrow"
    )

    policy_version_id: UUID

    class Meta:
        table = "sla_rule"
        unique_together = (("policy_version_id", "position"),)


class Moment(StrEnum):
    WARNED = "warned"
    BREACHED = "breached"
    AFTER = "after"


class ActionKind(StrEnum):
    NOTIFY_VENDOR = "notify_vendor"
    NOTIFY_CUSTOMER = "notify_customer"
    ESCALATE = "escalate"
    AUTO_REFUSE = "auto_refuse"
    REROUTE = "reroute"
    PENALTY = "penalty"
    CREDIT = "credit"


class PolicyAction(Model):
    """What happens when a deadline is near, missed, or missed for some hours."""

    id = fields.UUIDField(primary_key=True)
    policy_version: fields.ForeignKeyRelation[PolicyVersion] = fields.ForeignKeyField(
        "marketplace.PolicyVersion", related_name="actions", on_delete=OnDelete.RESTRICT
    )
    position = fields.IntField()
    kind = fields.CharEnumField(ClockKind, max_length=10)
    moment = fields.CharEnumField(Moment, max_length=8)
    after_hours = fields.IntField(default=0, description="After the deadline, for AFTER")
    action = fields.CharEnumField(ActionKind, max_length=16)
    rate_ppm = fields.IntField(null=True, description="Of the goods: a penalty or a credit")
    delay_hours = fields.IntField(
        null=True, description="What the customer is told: this much later than due"
    )

    policy_version_id: UUID

    class Meta:
        table = "sla_action"
        unique_together = (("policy_version_id", "position"),)


class ActionRun(Model):
    """An action that a deadline set off: once, whoever else was at it."""

    id = fields.UUIDField(primary_key=True)
    clock_id = fields.UUIDField()
    action_id = fields.UUIDField()
    action = fields.CharEnumField(ActionKind, max_length=16)
    order_id = fields.UUIDField(db_index=True)
    vendor_id = fields.UUIDField(null=True)
    ran_at = fields.DatetimeField()
    amount_minor = fields.BigIntField(null=True, description="Of a penalty or a credit")
    currency = fields.CharField(max_length=3, null=True)
    handled_by = fields.CharField(max_length=60, null=True, description="Who took an escalation")
    handled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "sla_action_run"
        unique_together = (("clock_id", "action_id"),)
