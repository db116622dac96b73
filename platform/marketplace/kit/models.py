from tortoise import fields

from marketplace.kit.model import Model


class Clock(Model):
    """The marketplace's one clock: a single row."""

    id = fields.SmallIntField(primary_key=True)
    mode = fields.CharField(max_length=8, description="system or virtual")
    virtual_now = fields.DatetimeField(null=True)

    class Meta:
        table = "clock"


class IdempotencyRecord(Model):
    """One key, one effect: written in the effect's own transaction."""

    id = fields.UUIDField(primary_key=True)
    principal = fields.CharField(max_length=60)
    operation = fields.CharField(max_length=40)
    key = fields.CharField(max_length=255)
    request_hash = fields.CharField(max_length=64, description="SHA-256 of what was asked for")
    result_id = fields.UUIDField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "idempotency_record"
        unique_together = (("principal", "operation", "key"),)
