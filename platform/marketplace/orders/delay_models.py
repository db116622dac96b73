from tortoise import fields

from marketplace.kit.model import Model


class DelayNotice(Model):
    """The customer was told that something comes later, and when: once for each new date."""

    id = fields.UUIDField(primary_key=True)
    clock_id = fields.UUIDField()
    order_id = fields.UUIDField(db_index=True)
    sub_order_id = fields.UUIDField()
    vendor_id = fields.UUIDField()
    was_at = fields.DatetimeField(description="What was promised before")
    new_at = fields.DatetimeField()
    reason = fields.CharField(max_length=200)
    told_by = fields.CharField(max_length=60)
    told_at = fields.DatetimeField()

    class Meta:
        table = "delay_notice"
        unique_together = (("clock_id", "new_at"),)
