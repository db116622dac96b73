from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.fields import OnDelete
from tortoise.models import Model

from marketplace.accounts.models import Vendor
from marketplace.catalog.models import Offer


class Location(Model):
    """Where a vendor's stock is."""

    id = fields.UUIDField(primary_key=True)
    vendor: fields.ForeignKeyRelation[Vendor] = fields.ForeignKeyField(
        "marketplace.Vendor", related_name="locations", on_delete=OnDelete.RESTRICT, db_index=True
    )
    code = fields.CharField(max_length=40)
    name = fields.CharField(max_length=120)
    country = fields.CharField(max_length=2)
    priority = fields.IntField(description="Lower is asked first")

    vendor_id: UUID

    class Meta:
        table = "location"
        unique_together = (("vendor_id", "code"),)


class Stock(Model):
    """Pieces of one offer at one location. 0 <= reserved <= on_hand, whatever happens."""

    id = fields.UUIDField(primary_key=True)
    offer: fields.ForeignKeyRelation[Offer] = fields.ForeignKeyField(
        "marketplace.Offer", related_name="stock", on_delete=OnDelete.RESTRICT
    )
    location: fields.ForeignKeyRelation[Location] = fields.ForeignKeyField(
        "marketplace.Location", related_name="stock", on_delete=OnDelete.RESTRICT, db_index=True
    )
    vendor_id = fields.UUIDField()
    on_hand = fields.IntField()
    reserved = fields.IntField(default=0)

    offer_id: UUID
    location_id: UUID

    class Meta:
        table = "stock"
        unique_together = (("offer_id", "location_id"),)


class ReservationState(StrEnum):
    HELD = "held"
    COMMITTED = "committed"
    CONSUMED = "consumed"
    RELEASED = "released"
    EXPIRED = "expired"


class Reservation(Model):
    """Stock promised to one order line. Held until payment, then committed, then shipped.

    `quantity` is what is still promised; shipping part of it moves the count to `consumed`.
    """

    id = fields.UUIDField(primary_key=True)
    stock_id = fields.UUIDField(db_index=True)
    vendor_id = fields.UUIDField()
    order_id = fields.UUIDField(db_index=True)
    line_id = fields.UUIDField(unique=True)
    quantity = fields.IntField(description="Still promised")
    consumed = fields.IntField(default=0, description="Left the shelf")
    state = fields.CharEnumField(ReservationState, max_length=10)
    expires_at = fields.DatetimeField(null=True, description="While held: the pay-by deadline")

    class Meta:
        table = "reservation"
