from enum import StrEnum
from typing import Any

from tortoise import fields

from marketplace.kit.model import Model
from marketplace.routing.states import RuleSetState


class RoutingRuleSet(Model):
    """One version of a channel's routing rules. Its document is fixed once it leaves DRAFT."""

    id = fields.UUIDField(primary_key=True)
    channel_id = fields.UUIDField()
    version = fields.IntField()
    state = fields.CharEnumField(RuleSetState, max_length=10)
    name = fields.CharField(max_length=80)
    document = fields.JSONField[dict[str, Any]](description="See routing/documents.py")
    edition = fields.IntField(default=1, description="Rises with every change of the draft")
    rollout_percent = fields.IntField(default=0, description="Orders a shadow decides for real")
    needed_percent = fields.IntField(default=95, description="Agreement before it may go live")
    created_by = fields.CharField(max_length=60)
    created_at = fields.DatetimeField()
    shadowed_at = fields.DatetimeField(null=True)
    activated_at = fields.DatetimeField(null=True)
    retired_at = fields.DatetimeField(null=True)

    class Meta:
        table = "routing_rule_set"
        unique_together = (("channel_id", "version"),)


class RoutingChange(Model):
    """Who moved a rule set, when, and what the figures were."""

    id = fields.UUIDField(primary_key=True)
    rule_set_id = fields.UUIDField(db_index=True)
    move = fields.CharField(max_length=20)
    from_state = fields.CharField(max_length=10, null=True)
    to_state = fields.CharField(max_length=10)
    detail = fields.CharField(max_length=200)
    actor = fields.CharField(max_length=60)
    at = fields.DatetimeField()

    class Meta:
        table = "routing_change"


class Cause(StrEnum):
    """BEFORE: placed when decisions were not kept yet."""

    PLACED = "placed"
    REROUTED = "rerouted"
    BEFORE = "before"


class RoutingDecision(Model):
    """Why a sub-order is served from where it is: the rules, what they saw, and who lost.

    Its lines are named by the offer that was bought, or by the line that a replacement stands for.
    """

    id = fields.UUIDField(primary_key=True)
    order_id = fields.UUIDField(db_index=True)
    sub_order_id = fields.UUIDField(unique=True)
    vendor_id = fields.UUIDField()
    cause = fields.CharEnumField(Cause, max_length=10)
    rule_set_id = fields.UUIDField()
    version = fields.IntField()
    inputs = fields.JSONField[dict[str, Any]](description="The request that was decided")
    lines = fields.JSONField[list[dict[str, Any]]](description="Candidates, and why each lost")
    taken = fields.JSONField[dict[str, str]](description="Stock by line, under its lock")
    shadow_id = fields.UUIDField(null=True, description="The version that decided beside it")
    shadow_agrees = fields.BooleanField(null=True)
    shadow_chosen = fields.JSONField[dict[str, str | None]](null=True)
    decided_at = fields.DatetimeField()

    class Meta:
        table = "routing_decision"


class RoutingClosure(Model):
    """Nothing leaves a location (an outage), or a vendor without one (closed), for a while."""

    id = fields.UUIDField(primary_key=True)
    vendor_id = fields.UUIDField(db_index=True)
    location_id = fields.UUIDField(null=True, db_index=True)
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField(null=True, description="Open until somebody ends it")
    reason = fields.CharField(max_length=120)
    made_by = fields.CharField(max_length=60)
    made_at = fields.DatetimeField()

    class Meta:
        table = "routing_closure"


class LocationProfile(Model):
    """What routing knows of a location beside its stock; without a row, nothing is bounded."""

    location_id = fields.UUIDField(primary_key=True)
    vendor_id = fields.UUIDField()
    promise_days = fields.IntField(null=True, description="From hand-over to the customer")
    ships_to = fields.JSONField[list[str]](null=True, description="Countries; empty: all")
    daily_lines = fields.IntField(null=True, description="Order lines it can pack in a day")

    class Meta:
        table = "location_profile"


class VendorStanding(Model):
    """How well a vendor does, 0 to 1000, as routing should take it."""

    vendor_id = fields.UUIDField(primary_key=True)
    score = fields.IntField()
    set_by = fields.CharField(max_length=60)
    set_at = fields.DatetimeField()

    class Meta:
        table = "vendor_standing"


class RoutingSimulation(Model):
    """A version tried on orders of the past; the worker goes on where it stopped."""

    id = fields.UUIDField(primary_key=True)
    rule_set_id = fields.UUIDField(db_index=True)
    edition = fields.IntField(description="Of the draft when it was asked for")
    document = fields.JSONField[dict[str, Any]]()
    wanted = fields.IntField(description="Decisions to try")
    done = fields.IntField(default=0)
    differing = fields.IntField(default=0)
    after_id = fields.UUIDField(null=True, description="The last decision that was tried")
    differences = fields.JSONField[list[dict[str, Any]]](description="The first of them")
    asked_by = fields.CharField(max_length=60)
    asked_at = fields.DatetimeField()
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "routing_simulation"
