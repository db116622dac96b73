from uuid import UUID

from tortoise import fields
from tortoise.fields import OnDelete

from marketplace.kit.model import Model
from marketplace.routing.requests import Preference


class Cart(Model):
    """What a shopper is about to buy. Whoever holds its token may change it."""

    id = fields.UUIDField(primary_key=True)
    token_hash = fields.CharField(max_length=64, unique=True, description="SHA-256")
    channel_id = fields.UUIDField()
    customer_id = fields.UUIDField(null=True, description="The account it belongs to, if any")
    email = fields.CharField(max_length=254, null=True)
    customer_name = fields.CharField(max_length=120, null=True)
    address = fields.JSONField[dict[str, str]](null=True)
    discount_code = fields.CharField(max_length=40, null=True)
    preference = fields.CharEnumField(
        Preference, max_length=20, null=True, description="What the customer cares for most"
    )
    shipping_methods = fields.JSONField[dict[str, str]](
        null=True, description="What was chosen, by vendor"
    )
    version = fields.IntField(default=1, description="Rises with every change")
    created_at = fields.DatetimeField()

    lines: fields.ReverseRelation["CartLine"]

    class Meta:
        table = "cart"


class CartLine(Model):
    id = fields.UUIDField(primary_key=True)
    cart: fields.ForeignKeyRelation[Cart] = fields.ForeignKeyField(
        "marketplace.Cart", related_name="lines", on_delete=OnDelete.CASCADE
    )
    offer_id = fields.UUIDField()
    quantity = fields.IntField()

    cart_id: UUID

    class Meta:
        table = "cart_line"
        unique_together = (("cart_id", "offer_id"),)
