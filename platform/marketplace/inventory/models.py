from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.fields import OnDelete

from marketplace.accounts.models import Vendor
from marketplace.catalog.models import Offer
from marketplace.kit.model import Model


class LocationKind(StrEnum):
    WAREHOUSE = "warehouse"
    STORE = "store"
    THIRD_PARTY = "third_party"


class Location(Model):
    """Where a vendor's stock is. Nothing is promised from one that is closed."""

    id = fields.UUIDField(primary_key=True)
    vendor: fields.ForeignKeyRelation[Vendor] = fields.ForeignKeyField(
        "marketplace.Vendor", related_name="locations", on_delete=OnDelete.RESTRICT, db_index=True
    )
    code = fields.CharField(max_length=40)
    name = fields.CharField(max_length=120)
    kind = fields.CharEnumField(
        LocationKind, max_length=12, default=LocationKind.WAREHOUSE, db_default="warehouse"
    )
    country = fields.CharField(max_length=2)
    postal_code = fields.CharField(max_length=20, null=True)
    latitude_microdegrees = fields.IntField(null=True, description="North is positive")
    longitude_microdegrees = fields.IntField(null=True, description="East is positive")
    time_zone = fields.CharField(max_length=40, null=True, description="The vendor's where null")
    priority = fields.IntField(description="Lower is asked first")
    closed_at = fields.DatetimeField(null=True)

    vendor_id: UUID

    class Meta:
        table = "location"
        unique_together = (("vendor_id", "code"),)


class Stock(Model):
    """Pieces of one offer at one location. 0 <= reserved <= on_hand + backorder_limit, always.

    The table has a generated column `available`, which is what everybody sells by; `safety` is
    kept back from it, `backorder_limit` may be sold ahead of what is on hand.
    """

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
    safety = fields.IntField(default=0, db_default=0, description="Kept back from sale")
    backorder_limit = fields.IntField(
        default=0, db_default=0, description="May be sold before it is on hand"
    )
    version = fields.BigIntField(
        default=0, db_default=0, description="The newest event of the vendor's feed"
    )
    low_at = fields.IntField(null=True, description="Tell the vendor when this few are left")
    is_low = fields.BooleanField(default=False, db_default=False, description="The vendor was told")

    offer_id: UUID
    location_id: UUID

    class Meta:
        table = "stock"
        unique_together = (("offer_id", "location_id"),)

    @property
    def available(self) -> int:
        """What the generated column holds."""
        return self.on_hand + self.backorder_limit - self.safety - self.reserved


class AheadKind(StrEnum):
    BACKORDER = "backorder"
    PRE_ORDER = "pre_order"


class SellingAhead(Model):
    """An offer that is sold before it is on hand: how, and when it can leave.

    A backorder leaves `lead_days` after it was bought, a pre-order on its release date. How many
    pieces: `stock.backorder_limit`. Offers without a row are sold from the shelf only.
    """

    id = fields.UUIDField(primary_key=True)
    offer_id = fields.UUIDField(unique=True)
    vendor_id = fields.UUIDField()
    kind = fields.CharEnumField(AheadKind, max_length=10)
    lead_days = fields.IntField(null=True)
    release_on = fields.DateField(null=True)

    class Meta:
        table = "selling_ahead"


class MovementKind(StrEnum):
    OPENED = "opened"
    SOLD = "sold"
    ADJUSTED = "adjusted"
    COUNTED = "counted"
    RECEIVED = "received"
    RETURNED = "returned"
    FEED = "feed"
    COMPENSATED = "compensated"


class StockMovement(Model):
    """Why what is on hand changed: one row for each change, never changed itself.

    The deltas of a stock item add up to what it has on hand.
    """

    id = fields.UUIDField(primary_key=True)
    stock_id = fields.UUIDField()
    vendor_id = fields.UUIDField()
    kind = fields.CharEnumField(MovementKind, max_length=12)
    delta = fields.IntField()
    after = fields.IntField(description="On hand, then")
    order_id = fields.UUIDField(null=True)
    actor = fields.CharField(max_length=60)
    reason = fields.CharField(max_length=200, null=True)
    at = fields.DatetimeField()

    class Meta:
        table = "stock_movement"


class Inbound(Model):
    """Pieces on their way to a location. Open until it is received or given up."""

    id = fields.UUIDField(primary_key=True)
    stock_id = fields.UUIDField(db_index=True)
    vendor_id = fields.UUIDField()
    quantity = fields.IntField(description="Pieces that were announced")
    received = fields.IntField(default=0)
    expected_on = fields.DateField()
    reference = fields.CharField(max_length=80)
    created_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "inbound"


class FeedOutcome(StrEnum):
    APPLIED = "applied"
    OLDER = "older"


class FeedEvent(Model):
    """What a vendor's system said of one stock item, once for each of its event ids."""

    id = fields.UUIDField(primary_key=True)
    vendor_id = fields.UUIDField()
    event_key = fields.CharField(max_length=120, description="The sender's own id of it")
    stock_id = fields.UUIDField()
    version = fields.BigIntField()
    on_hand = fields.IntField(description="What it said")
    outcome = fields.CharEnumField(FeedOutcome, max_length=10)
    received_at = fields.DatetimeField()

    class Meta:
        table = "stock_feed_event"
        unique_together = (("vendor_id", "event_key"),)


class UploadState(StrEnum):
    CHECKED = "checked"
    WORKING = "working"
    DONE = "done"
    DISCARDED = "discarded"


class StockUpload(Model):
    """A file of stock levels: looked at first, then written line by line or as one."""

    id = fields.UUIDField(primary_key=True)
    vendor_id = fields.UUIDField()
    filename = fields.CharField(max_length=120)
    state = fields.CharEnumField(UploadState, max_length=10)
    is_whole = fields.BooleanField(default=False, description="All lines or none")
    actor = fields.CharField(max_length=60)
    created_at = fields.DatetimeField()
    done_at = fields.DatetimeField(null=True)

    class Meta:
        table = "stock_upload"


class UploadLine(Model):
    """One line of a file; `problem` says why it does not count."""

    id = fields.UUIDField(primary_key=True)
    upload_id = fields.UUIDField()
    vendor_id = fields.UUIDField()
    position = fields.IntField(description="Its line in the file")
    sku = fields.CharField(max_length=80)
    location = fields.CharField(max_length=40)
    on_hand = fields.IntField(null=True)
    stock_id = fields.UUIDField(null=True)
    problem = fields.CharField(max_length=200, null=True)
    written_at = fields.DatetimeField(null=True)

    class Meta:
        table = "stock_upload_line"
        unique_together = (("upload_id", "position"),)


class ReservationState(StrEnum):
    HELD = "held"
    COMMITTED = "committed"
    CONSUMED = "consumed"
    RELEASED = "released"
    EXPIRED = "expired"


class Reservation(Model):
    """Stock promised to one order line. Held until payment, then committed, then shipped.

    `quantity` is what is still promised; shipping part of it moves the count to `consumed`. Units
    that turned out not to be there wait in `short` until the order gives them up.
    """

    id = fields.UUIDField(primary_key=True)
    stock_id = fields.UUIDField(db_index=True)
    vendor_id = fields.UUIDField()
    order_id = fields.UUIDField(db_index=True)
    line_id = fields.UUIDField(unique=True)
    quantity = fields.IntField(description="Still promised")
    consumed = fields.IntField(default=0, description="Left the shelf")
    short = fields.IntField(
        default=0, db_default=0, description="Taken back: the shelf had less than it said"
    )
    state = fields.CharEnumField(ReservationState, max_length=10)
    expires_at = fields.DatetimeField(null=True, description="While held: the pay-by deadline")

    class Meta:
        table = "reservation"
