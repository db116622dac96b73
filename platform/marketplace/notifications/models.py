from tortoise import fields

from marketplace.kit.model import Model


class OutgoingMail(Model):
    """One e-mail to one person; the dedupe key is its Message-ID, so a resend is recognised."""

    id = fields.UUIDField(primary_key=True)
    dedupe_key = fields.CharField(max_length=120, unique=True)
    template = fields.CharField(max_length=60)
    recipient = fields.CharField(max_length=254)
    order_id = fields.UUIDField(db_index=True, null=True)
    context = fields.JSONField[dict[str, object]]()
    created_at = fields.DatetimeField()
    sent_at = fields.DatetimeField(null=True)

    class Meta:
        table = "outgoing_mail"
