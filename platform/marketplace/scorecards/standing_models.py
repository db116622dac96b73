"""A vendor's figures of each day, its standing, and what it has to say about it."""

from enum import StrEnum
from typing import Any

from tortoise import fields

from marketplace.kit.model import Model


class StandingState(StrEnum):
    GOOD = "good"
    WARNED = "warned"
    SUSPENDED = "suspended"


class StandingMove(StrEnum):
    WARN = "warn"
    WARN_AGAIN = "warn_again"
    SUSPEND = "suspend"
    RECOVER = "recover"
    LIFT = "lift"


class AppealState(StrEnum):
    OPEN = "open"
    GRANTED = "granted"
    DENIED = "denied"
    OVERTAKEN = "overtaken"


class AppealMove(StrEnum):
    GRANT = "grant"
    DENY = "deny"
    OVERTAKE = "overtake"


class Scorecard(Model):
    """A vendor's figures of one day, as they were when they were judged. Never changed."""

    id = fields.UUIDField(primary_key=True)
    vendor_id = fields.UUIDField()
    day = fields.DateField(description="UTC")
    taken_at = fields.DatetimeField()
    limit_version_id = fields.UUIDField(description="What it was judged by")
    figures = fields.JSONField[list[dict[str, Any]]](description="Every metric, each window")
    newer = fields.JSONField[list[dict[str, Any]]](
        description="Of excused metrics: only cases since then, which are judged instead"
    )
    causes = fields.JSONField[list[dict[str, Any]]](description="What was beyond a limit")

    class Meta:
        table = "scorecard"
        unique_together = (("vendor_id", "day"),)


class Standing(Model):
    """How a vendor stands now. One that was never warned has no row: it is good."""

    vendor_id = fields.UUIDField(primary_key=True)
    state = fields.CharEnumField(StandingState, max_length=10)
    change_id = fields.UUIDField(description="What it came by")

    class Meta:
        table = "scorecard_standing"


class StandingChange(Model):
    """A move of a vendor's standing: who, when and why. Never changed."""

    id = fields.UUIDField(primary_key=True)
    vendor_id = fields.UUIDField()
    move = fields.CharEnumField(StandingMove, max_length=10)
    from_state = fields.CharEnumField(StandingState, max_length=10)
    to_state = fields.CharEnumField(StandingState, max_length=10)
    at = fields.DatetimeField()
    actor = fields.CharField(max_length=60)
    reason = fields.CharField(max_length=500, description="Empty where the figures say it")
    scorecard_id = fields.UUIDField(null=True, description="The day's figures, if they did it")
    causes = fields.JSONField[list[dict[str, Any]]]()

    class Meta:
        table = "scorecard_standing_change"


class Appeal(Model):
    """What a vendor says against a warning or a suspension, and the answer."""

    id = fields.UUIDField(primary_key=True)
    vendor_id = fields.UUIDField()
    change_id = fields.UUIDField(description="The warning or suspension")
    state = fields.CharEnumField(AppealState, max_length=10)
    text = fields.CharField(max_length=2000)
    made_by = fields.CharField(max_length=60)
    made_at = fields.DatetimeField()
    answer = fields.CharField(max_length=500, null=True)
    ended_by = fields.CharField(max_length=60, null=True)
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "scorecard_appeal"


class Excuse(Model):
    """Cases of a metric up to a moment do not count against a vendor any more."""

    id = fields.UUIDField(primary_key=True)
    vendor_id = fields.UUIDField()
    metric = fields.CharField(max_length=40)
    until = fields.DatetimeField()
    change_id = fields.UUIDField(description="The move that excused them")

    class Meta:
        table = "scorecard_excuse"
        unique_together = (("vendor_id", "metric"),)
