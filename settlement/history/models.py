from tortoise import fields

from marketplace.kit.model import Model


class SettlementChange(Model):
    """Who moved what in the settlement, when and why. Only added to."""

    id = fields.UUIDField(primary_key=True)
    event_id = fields.UUIDField(unique=True)
    subject = fields.CharField(max_length=20, description="payout, batch, dispute, adjustment …")
    subject_id = fields.UUIDField(db_index=True)
    vendor_id = fields.UUIDField(null=True)
    from_state = fields.CharField(max_length=20, null=True)
    to_state = fields.CharField(max_length=20)
    move = fields.CharField(max_length=30)
    actor = fields.CharField(max_length=60)
    reason = fields.CharField(max_length=200, null=True)
    at = fields.DatetimeField()

    class Meta:
        table = "settlement_change"
