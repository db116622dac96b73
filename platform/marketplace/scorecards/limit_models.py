"""How far a vendor's figures may go, as data: one version of it is active."""

from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.fields import OnDelete

from marketplace.kit.model import Model
from marketplace.scorecards.metrics import Unit


class LimitState(StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"
    RETIRED = "retired"


class LimitVersion(Model):
    """One version of the limits. Scorecards keep the one they were judged by."""

    id = fields.UUIDField(primary_key=True)
    version = fields.IntField(unique=True)
    state = fields.CharEnumField(LimitState, max_length=8)
    note = fields.CharField(max_length=200)
    created_by = fields.CharField(max_length=60)
    created_at = fields.DatetimeField()
    activated_by = fields.CharField(max_length=60, null=True)
    activated_at = fields.DatetimeField(null=True)
    retired_at = fields.DatetimeField(null=True)

    limits: fields.ReverseRelation["Limit"]

    class Meta:
        table = "scorecard_limit_version"


class Limit(Model):
    """What is wanted of one metric, what warns and what suspends; the last two may be none."""

    id = fields.UUIDField(primary_key=True)
    limit_version: fields.ForeignKeyRelation[LimitVersion] = fields.ForeignKeyField(
        "marketplace.LimitVersion", related_name="limits", on_delete=OnDelete.RESTRICT
    )
    metric = fields.CharField(max_length=40)
    unit = fields.CharEnumField(Unit, max_length=12)
    at_least = fields.BooleanField(description="Else at most: what lies beyond is worse")
    target = fields.BigIntField()
    warn = fields.BigIntField(null=True)
    suspend = fields.BigIntField(null=True)
    window_days = fields.IntField()
    minimum_sample = fields.IntField(description="With fewer cases nothing is judged")

    limit_version_id: UUID

    class Meta:
        table = "scorecard_limit"
        unique_together = (("limit_version_id", "metric"),)
