from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.fields import OnDelete

from marketplace.kit.model import Model


class RuleSetState(StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"
    RETIRED = "retired"


class RuleKind(StrEnum):
    AMOUNT_ABOVE = "amount_above"
    FIRST_ORDER_ABOVE = "first_order_above"
    SAME_EMAIL = "same_email"
    SAME_CUSTOMER = "same_customer"
    SAME_ADDRESS = "same_address"
    COUNTRY_DIFFERS = "country_differs"


class Outcome(StrEnum):
    APPROVE = "approve"
    REVIEW = "review"
    REJECT = "reject"


class RiskRuleSet(Model):
    """A version of the rules. Scores add up; from a threshold on, an order is held or declined."""

    id = fields.UUIDField(primary_key=True)
    version = fields.IntField(unique=True)
    state = fields.CharEnumField(RuleSetState, max_length=8)
    review_from = fields.IntField(description="The score from which staff look at it")
    reject_from = fields.IntField(description="The score from which it is declined")
    note = fields.CharField(max_length=200)
    created_by = fields.CharField(max_length=60)
    created_at = fields.DatetimeField()
    activated_by = fields.CharField(max_length=60, null=True)
    activated_at = fields.DatetimeField(null=True)
    retired_at = fields.DatetimeField(null=True)

    class Meta:
        table = "risk_rule_set"


class RiskRule(Model):
    id = fields.UUIDField(primary_key=True)
    rule_set: fields.ForeignKeyRelation[RiskRuleSet] = fields.ForeignKeyField(
        "marketplace.RiskRuleSet", related_name="rules", on_delete=OnDelete.RESTRICT
    )
    position = fields.IntField()
    kind = fields.CharEnumField(RuleKind, max_length=20)
    score = fields.IntField()
    amount_minor = fields.BigIntField(null=True, description="For what costs more than it")
    currency = fields.CharField(max_length=3, null=True)
    orders = fields.IntField(null=True, description="Other orders, for what is bought too often")
    hours = fields.IntField(null=True, description="Before the order")

    rule_set_id: UUID

    class Meta:
        table = "risk_rule"
        unique_together = (("rule_set_id", "position"),)


class RiskAssessment(Model):
    """What the rules said of an order, once: what they knew, and what each added."""

    id = fields.UUIDField(primary_key=True)
    order_id = fields.UUIDField(unique=True)
    rule_set_id = fields.UUIDField()
    score = fields.IntField()
    outcome = fields.CharEnumField(Outcome, max_length=8)
    inputs = fields.JSONField[dict[str, object]](description="What was known of the order")
    hits = fields.JSONField[list[dict[str, object]]](description="The rules that applied")
    assessed_at = fields.DatetimeField()

    class Meta:
        table = "risk_assessment"
