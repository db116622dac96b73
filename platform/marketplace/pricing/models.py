from uuid import UUID

from tortoise import fields
from tortoise.fields import OnDelete

from marketplace.accounts.models import Vendor
from marketplace.kit.model import Model
from marketplace.pricing.shipping import LONGEST_METHOD, STANDARD


class TaxRate(Model):
    """What a destination charges on a tax category, and who owes it."""

    id = fields.UUIDField(primary_key=True)
    country = fields.CharField(max_length=2)
    tax_category = fields.CharField(max_length=20)
    rate_ppm = fields.IntField()
    liable = fields.CharField(max_length=10, description="platform (facilitator) or vendor")

    class Meta:
        table = "tax_rate"
        unique_together = (("country", "tax_category"),)


class ShippingRate(Model):
    """What a vendor asks for sending a sub-order to a country by one method."""

    id = fields.UUIDField(primary_key=True)
    vendor: fields.ForeignKeyRelation[Vendor] = fields.ForeignKeyField(
        "marketplace.Vendor", related_name="shipping_rates", on_delete=OnDelete.RESTRICT
    )
    country = fields.CharField(max_length=2)
    currency = fields.CharField(max_length=3)
    method = fields.CharField(
        max_length=LONGEST_METHOD, default=STANDARD, db_default=STANDARD,
        description="A short code: lower-case letters, digits, - and _",
    )  # fmt: skip
    base_minor = fields.BigIntField()
    per_unit_minor = fields.BigIntField()
    free_from_minor = fields.BigIntField(null=True, description="Items total that ships free")

    vendor_id: UUID

    class Meta:
        table = "shipping_rate"
        unique_together = (("vendor_id", "country", "currency", "method"),)


class Discount(Model):
    """A code worth a fixed amount off the items, paid for by the platform or by one vendor."""

    id = fields.UUIDField(primary_key=True)
    code = fields.CharField(max_length=40, unique=True, description="Upper case")
    amount_minor = fields.BigIntField()
    currency = fields.CharField(max_length=3)
    vendor: fields.ForeignKeyNullableRelation[Vendor] = fields.ForeignKeyField(
        "marketplace.Vendor", related_name="discounts", on_delete=OnDelete.RESTRICT, null=True,
        description="Who funds it, on its own lines only; empty: the platform",
    )  # fmt: skip
    valid_from = fields.DatetimeField()
    valid_to = fields.DatetimeField(null=True)

    vendor_id: UUID | None

    class Meta:
        table = "discount"


class CommissionRule(Model):
    """What the marketplace keeps of a line. The most specific rule valid at placement wins."""

    id = fields.UUIDField(primary_key=True)
    version = fields.IntField()
    vendor: fields.ForeignKeyNullableRelation[Vendor] = fields.ForeignKeyField(
        "marketplace.Vendor", related_name="commission_rules", on_delete=OnDelete.RESTRICT,
        null=True,
    )  # fmt: skip
    category = fields.CharField(max_length=60, null=True)
    rate_ppm = fields.IntField()
    vat_ppm = fields.IntField(description="VAT the platform adds to its commission")
    valid_from = fields.DatetimeField()
    valid_to = fields.DatetimeField(null=True)

    vendor_id: UUID | None

    class Meta:
        table = "commission_rule"
