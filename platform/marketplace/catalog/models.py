from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.fields import OnDelete

from marketplace.accounts.models import Vendor
from marketplace.kit.model import Model
from marketplace.kit.money import Money


class CancelUntil(StrEnum):
    """The vendor's step that ends the customer's right to cancel."""

    ACCEPTANCE = "acceptance"
    PREPARING = "preparing"


class Channel(Model):
    """A way into the marketplace: fixes currency, tax display, locale and time zone."""

    id = fields.UUIDField(primary_key=True)
    code = fields.CharField(max_length=40, unique=True)
    name = fields.CharField(max_length=120)
    currency = fields.CharField(max_length=3)
    locale = fields.CharField(max_length=20)
    time_zone = fields.CharField(max_length=40)
    countries = fields.JSONField[list[str]](description="Where it ships to, ISO 3166 alpha-2")
    prices_include_tax = fields.BooleanField()
    cancel_until = fields.CharEnumField(
        CancelUntil, max_length=12, default=CancelUntil.PREPARING, db_default="preparing",
        description="How long customers may cancel by themselves",
    )  # fmt: skip
    return_days = fields.IntField(
        default=14, db_default=14, description="From delivery until it is closed"
    )
    delivered_after_days = fields.IntField(
        default=21, db_default=21, description="After its last scan a parcel counts as delivered"
    )
    collect_days = fields.IntField(
        default=7, db_default=7, description="How long a store keeps what is ready"
    )

    class Meta:
        table = "channel"


class Product(Model):
    id = fields.UUIDField(primary_key=True)
    slug = fields.CharField(max_length=120, unique=True)
    name = fields.CharField(max_length=200)
    description = fields.TextField()
    category = fields.CharField(max_length=60)
    tax_category = fields.CharField(max_length=20, description="standard, reduced or zero")
    created_at = fields.DatetimeField()

    variants: fields.ReverseRelation["Variant"]

    class Meta:
        table = "product"


class Variant(Model):
    id = fields.UUIDField(primary_key=True)
    product: fields.ForeignKeyRelation[Product] = fields.ForeignKeyField(
        "marketplace.Product", related_name="variants", on_delete=OnDelete.RESTRICT, db_index=True
    )
    sku = fields.CharField(max_length=64, unique=True)
    name = fields.CharField(max_length=120)

    product_id: UUID

    class Meta:
        table = "variant"


class Offer(Model):
    """One vendor's price and stock for one variant."""

    id = fields.UUIDField(primary_key=True)
    vendor: fields.ForeignKeyRelation[Vendor] = fields.ForeignKeyField(
        "marketplace.Vendor", related_name="offers", on_delete=OnDelete.RESTRICT, db_index=True
    )
    variant: fields.ForeignKeyRelation[Variant] = fields.ForeignKeyField(
        "marketplace.Variant", related_name="offers", on_delete=OnDelete.RESTRICT, db_index=True
    )
    price_minor = fields.BigIntField()
    currency = fields.CharField(max_length=3)
    is_active = fields.BooleanField(default=True)
    created_at = fields.DatetimeField()

    vendor_id: UUID
    variant_id: UUID

    class Meta:
        table = "offer"
        unique_together = (("vendor_id", "variant_id", "currency"),)

    @property
    def price(self) -> Money:
        return Money(self.price_minor, self.currency)
