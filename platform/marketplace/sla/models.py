from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.fields import OnDelete
from tortoise.models import Model

from marketplace.accounts.models import Vendor


class SlaPolicy(Model):
    """A vendor's deadlines and the calendar they run on."""

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


class ClockKind(StrEnum):
    PAY_BY = "pay_by"
    ACCEPT_BY = "accept_by"
    SHIP_BY = "ship_by"


class ClockState(StrEnum):
    RUNNING = "running"
    WARNED = "warned"
    MET = "met"
    BREACHED = "breached"
    VOID = "void"


class SlaClock(Model):
    """A running deadline. `subject_id` is the order (pay by) or the sub-order (accept, ship by)."""

    id = fields.UUIDField(primary_key=True)
    kind = fields.CharEnumField(ClockKind, max_length=10)
    subject_id = fields.UUIDField()
    order_id = fields.UUIDField(db_index=True)
    vendor_id = fields.UUIDField(null=True)
    state = fields.CharEnumField(ClockState, max_length=10)
    started_at = fields.DatetimeField()
    warn_at = fields.DatetimeField(null=True)
    due_at = fields.DatetimeField()
    met_at = fields.DatetimeField(null=True, description="When it was done, in time or late")
    breached_at = fields.DatetimeField(null=True)

    class Meta:
        table = "sla_clock"
        unique_together = (("subject_id", "kind"),)
