from uuid import UUID

from tortoise import fields
from tortoise.fields import OnDelete

from marketplace.kit.model import Model


class EventStream(Model):
    """The last event number of one order; its row lock keeps the numbers without gaps."""

    id = fields.UUIDField(primary_key=True)
    last_seq = fields.BigIntField()

    class Meta:
        table = "event_stream"


class OutboxEvent(Model):
    """A fact, written in the transaction that made it true."""

    id = fields.UUIDField(primary_key=True)
    name = fields.CharField(max_length=80)
    stream_id = fields.UUIDField(null=True, description="The order it tells of")
    seq = fields.BigIntField(null=True, description="1, 2, 3 ... within its stream")
    payload = fields.JSONField[dict[str, object]]()
    happened_at = fields.DatetimeField()
    routed_at = fields.DatetimeField(null=True, description="When its deliveries were written")

    class Meta:
        table = "outbox_event"
        unique_together = (("stream_id", "seq"),)


class Delivery(Model):
    """One event on its way to one consumer; also its inbox: done once, with its effects."""

    id = fields.UUIDField(primary_key=True)
    event: fields.ForeignKeyRelation[OutboxEvent] = fields.ForeignKeyField(
        "marketplace.OutboxEvent", related_name="deliveries", on_delete=OnDelete.RESTRICT
    )
    consumer = fields.CharField(max_length=80)
    attempts = fields.IntField(default=0)
    next_at = fields.DatetimeField()
    done_at = fields.DatetimeField(null=True)
    dead_at = fields.DatetimeField(null=True, description="Set aside after too many attempts")
    last_error = fields.TextField(null=True)

    event_id: UUID

    class Meta:
        table = "delivery"
        unique_together = (("event_id", "consumer"),)
