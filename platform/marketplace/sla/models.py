from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.fields import OnDelete

from marketplace.accounts.models import Vendor
from marketplace.kit.model import Model


class SlaPolicy(Model):
    """A vendor's working hours, and its deadlines where no rule of the policy has others."""

    id = fields.UUIDField(primary_key=True)
    vendor: fields.OneToOneRelation[Vendor] = fields.OneToOneField(
        "marketplace.Vendor", related_name="sla_policy", on_delete=OnDelete.RESTRICT
    )
    accept_hours = fields.IntField(description="Business hours from release to accept by")
    ship_hours = fields.IntField(description="Business hours from acceptance to ship by")
    warn_hours = fields.IntField(description="Business hours before a deadline that warn")
    time_zone = fields.CharField(max_length=40)
    working_days = fields.CharField(max_length=7, description="ISO weekdays, such as 12345")
    opens = fields.CharField(max_length=5, description="HH:MM, local")
    closes = fields.CharField(max_length=5, description="HH:MM, local")
    holiday_country = fields.CharField(max_length=2)
    holiday_region = fields.CharField(max_length=10, null=True)

    vendor_id: UUID

    class Meta:
        table = "sla_policy"


class OffersAway(StrEnum):
    """What becomes of a vendor's offers while it is away."""

    VISIBLE = "visible"
    UNAVAILABLE = "unavailable"


class VendorClosure(Model):
    """Days on which a vendor does not work: a vacation, or a closed day of its own."""

    id = fields.UUIDField(primary_key=True)
    vendor_id = fields.UUIDField()
    first_day = fields.DateField(description="Local to the vendor")
    last_day = fields.DateField(description="Closed as well")
    offers = fields.CharEnumField(OffersAway, max_length=12)
    note = fields.CharField(max_length=200)
    created_by = fields.CharField(max_length=60)
    created_at = fields.DatetimeField()
    cancelled_by = fields.CharField(max_length=60, null=True)
    cancelled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "vendor_closure"


class ClockKind(StrEnum):
    PAY_BY = "pay_by"
    ACCEPT_BY = "accept_by"
    SHIP_BY = "ship_by"
    DELIVER_BY = "deliver_by"
    ANSWER_BY = "answer_by"
    COLLECT_BY = "collect_by"


class ClockState(StrEnum):
    RUNNING = "running"
    WARNED = "warned"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"
    VOID = "void"


class SlaClock(Model):
    """A deadline. `subject_id` is what it is for: the order (pay by), a sub-order, a shipment.

    One of a kind runs for a subject; one that was started again supersedes what ended before.
    """

    id = fields.UUIDField(primary_key=True)
    kind = fields.CharEnumField(ClockKind, max_length=10)
    subject_id = fields.UUIDField()
    order_id = fields.UUIDField(db_index=True)
    sub_order_id = fields.UUIDField(null=True)
    vendor_id = fields.UUIDField(null=True)
    state = fields.CharEnumField(ClockState, max_length=10)
    started_at = fields.DatetimeField()
    warn_at = fields.DatetimeField(null=True)
    due_at = fields.DatetimeField(description="Moves on by what a pause or a vacation takes")
    met_at = fields.DatetimeField(null=True, description="When it was done, in time or late")
    breached_at = fields.DatetimeField(null=True)
    on_calendar_of = fields.UUIDField(
        null=True, description="Whose business hours it counts; none: every hour counts"
    )
    policy_version_id = fields.UUIDField(null=True, description="The policy it was started under")
    rule_id = fields.UUIDField(null=True, description="None: the vendor's own hours")
    warned_at = fields.DatetimeField(null=True)
    paused_at = fields.DatetimeField(null=True, description="Since when it stands still")
    void_at = fields.DatetimeField(null=True, description="When it was no longer wanted")
    superseded_at = fields.DatetimeField(null=True, description="When it was started again")
    promised_at = fields.DatetimeField(null=True, description="The date the customer was told")
    next_action_at = fields.DatetimeField(null=True, description="What follows a breach, later")

    class Meta:
        table = "sla_clock"


class PauseCause(StrEnum):
    """Why deadlines stand still. None of these is the vendor's doing, so none counts as late."""

    HOLD = "hold"
    CUSTOMER = "customer"
    CARRIER = "carrier"
    PLATFORM = "platform"


class SlaPause(Model):
    """A time in which an order's deadlines stand still, all or one subject's."""

    id = fields.UUIDField(primary_key=True)
    order_id = fields.UUIDField()
    subject_id = fields.UUIDField(null=True, description="None: all of the order's")
    cause = fields.CharEnumField(PauseCause, max_length=10)
    reference = fields.UUIDField(null=True, description="Which hold, if it is one of several")
    note = fields.CharField(max_length=200)
    paused_by = fields.CharField(max_length=60)
    paused_at = fields.DatetimeField()
    resumed_by = fields.CharField(max_length=60, null=True)
    resumed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "sla_pause"
