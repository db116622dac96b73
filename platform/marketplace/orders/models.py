from uuid import UUID

from tortoise import fields
from tortoise.fields import OnDelete

from marketplace.kit.model import Model
from marketplace.kit.money import Money
from marketplace.orders.states import ShipmentState, SubOrderState
from marketplace.orders.tracks import Resolution, TrackingStatus, TrackingValidity


class Order(Model):
    """What the customer bought. Its status is read off its sub-orders and payment."""

    id = fields.UUIDField(primary_key=True)
    number = fields.CharField(max_length=20, unique=True, description="M-100234")
    channel_id = fields.UUIDField()
    customer_id = fields.UUIDField(db_index=True)
    cart_id = fields.UUIDField(null=True, unique=True)
    source_ref = fields.CharField(max_length=80, null=True, unique=True, description="If imported")
    version = fields.IntField(
        default=1, db_default=1, description="Rises when its address is changed"
    )
    email = fields.CharField(max_length=254)
    customer_name = fields.CharField(max_length=120)
    address = fields.JSONField[dict[str, str]]()
    currency = fields.CharField(max_length=3)
    items_minor = fields.BigIntField(description="Prices times quantities, as shown")
    discount_minor = fields.BigIntField()
    shipping_minor = fields.BigIntField(description="As shown, with or without tax")
    tax_minor = fields.BigIntField(description="On lines and shipping, included or on top")
    total_minor = fields.BigIntField(description="What the customer pays")
    discount_code = fields.CharField(max_length=40, null=True)
    placed_at = fields.DatetimeField()

    sub_orders: fields.ReverseRelation["SubOrder"]

    class Meta:
        table = "orders"

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)


class SubOrder(Model):
    """The part of an order that one vendor fulfils."""

    id = fields.UUIDField(primary_key=True)
    order: fields.ForeignKeyRelation[Order] = fields.ForeignKeyField(
        "marketplace.Order", related_name="sub_orders", on_delete=OnDelete.RESTRICT, db_index=True
    )
    vendor_id = fields.UUIDField()
    number = fields.CharField(max_length=24, unique=True, description="M-100234-A")
    state = fields.CharEnumField(SubOrderState, max_length=24)
    version = fields.IntField(default=1)
    currency = fields.CharField(max_length=3)
    items_minor = fields.BigIntField()
    discount_minor = fields.BigIntField()
    shipping_minor = fields.BigIntField()
    tax_minor = fields.BigIntField()
    total_minor = fields.BigIntField()
    shipping_net_minor = fields.BigIntField()
    shipping_tax_minor = fields.BigIntField()
    shipping_gross_minor = fields.BigIntField()
    shipping_vendor_minor = fields.BigIntField(description="The vendor's entitlement to it")
    shipping_funding_minor = fields.BigIntField(
        default=0,
        db_default=0,
        description="What a replacement's shipping costs beyond what the customer pays",
    )
    shipping_tax_ppm = fields.IntField()
    shipping_refunded_minor = fields.BigIntField(default=0, description="Of the gross")
    tax_inclusive = fields.BooleanField()
    tax_liable = fields.CharField(max_length=10)
    tax_jurisdiction = fields.CharField(max_length=10)
    placed_at = fields.DatetimeField()
    fixed_ship_by = fields.DatetimeField(null=True, description="Agreed at placement, if it was")
    shipping_method = fields.CharField(max_length=20, null=True, description="None: standard")
    released_at = fields.DatetimeField(null=True)
    shipped_at = fields.DatetimeField(
        null=True, description="When the last live unit left first: earned, and so for good"
    )
    delivered_at = fields.DatetimeField(null=True)
    closed_at = fields.DatetimeField(null=True)

    order_id: UUID
    lines: fields.ReverseRelation["OrderLine"]
    shipments: fields.ReverseRelation["Shipment"]

    class Meta:
        table = "sub_order"

    @property
    def is_earned(self) -> bool:
        """A parcel that is lost afterwards takes nothing back; what is refunded then, does."""
        return self.shipped_at is not None


class OrderLine(Model):
    """Quantity of one offer. Snapshots of name, price, tax and commission, frozen at placement.

    gross + funding = vendor + tax the platform owes. quantity = live + refused + cancelled;
    live >= shipped >= delivered. Units that went to another vendor are counted there and no longer
    here: `rerouted` says how many, `replaces_id` names the line a replacement stands for.
    """

    id = fields.UUIDField(primary_key=True)
    sub_order: fields.ForeignKeyRelation[SubOrder] = fields.ForeignKeyField(
        "marketplace.SubOrder", related_name="lines", on_delete=OnDelete.RESTRICT, db_index=True
    )
    order_id = fields.UUIDField(db_index=True)
    vendor_id = fields.UUIDField()
    offer_id = fields.UUIDField()
    location_id = fields.UUIDField()
    position = fields.IntField()
    sku = fields.CharField(max_length=64)
    name = fields.CharField(max_length=320)
    quantity = fields.IntField()
    refused = fields.IntField(default=0)
    cancelled = fields.IntField(default=0)
    shipped = fields.IntField(default=0)
    delivered = fields.IntField(default=0)
    refunded = fields.IntField(default=0, description="Units a refund was asked for")
    refunded_minor = fields.BigIntField(default=0, description="Of the gross, asked for")
    refunded_by_amount_minor = fields.BigIntField(
        default=0,
        db_default=0,
        description="The part of it that was asked for as an amount, not as units",
    )
    refunded_tax_minor = fields.BigIntField(default=0, db_default=0)
    refunded_funding_minor = fields.BigIntField(default=0, db_default=0)
    refunded_vendor_minor = fields.BigIntField(default=0, db_default=0)
    refunded_commission_minor = fields.BigIntField(default=0, db_default=0)
    refunded_commission_vat_minor = fields.BigIntField(default=0, db_default=0)
    unit_price_minor = fields.BigIntField()
    items_minor = fields.BigIntField()
    discount_platform_minor = fields.BigIntField()
    discount_vendor_minor = fields.BigIntField()
    net_minor = fields.BigIntField()
    tax_minor = fields.BigIntField()
    gross_minor = fields.BigIntField(description="What the customer pays for the line")
    tax_ppm = fields.IntField()
    funding_minor = fields.BigIntField(description="What the platform's discount gives the vendor")
    vendor_minor = fields.BigIntField(description="The vendor's entitlement before commission")
    commission_minor = fields.BigIntField()
    commission_vat_minor = fields.BigIntField()
    commission_ppm = fields.IntField()
    commission_rule_id = fields.UUIDField()
    rerouted = fields.IntField(
        default=0, db_default=0, description="Units that another vendor's line replaces"
    )
    replaces_id = fields.UUIDField(null=True, db_index=True)

    sub_order_id: UUID

    class Meta:
        table = "order_line"

    @property
    def live(self) -> int:
        return self.quantity - self.refused - self.cancelled


class Shipment(Model):
    """A parcel, or what waits in a store. Its units count as shipped once it is out of the door.

    Lost or returned, they count so until somebody decides: `resolution`.
    """

    id = fields.UUIDField(primary_key=True)
    sub_order: fields.ForeignKeyRelation[SubOrder] = fields.ForeignKeyField(
        "marketplace.SubOrder", related_name="shipments", on_delete=OnDelete.RESTRICT, db_index=True
    )
    order_id = fields.UUIDField(db_index=True)
    vendor_id = fields.UUIDField()
    state = fields.CharEnumField(ShipmentState, max_length=20)
    carrier = fields.CharField(max_length=60, description="Empty for what is collected")
    tracking_number = fields.CharField(max_length=64, description="Empty until it has one")
    validity = fields.CharEnumField(
        TrackingValidity,
        max_length=10,
        default=TrackingValidity.UNVERIFIED,
        db_default="unverified",
    )
    label = fields.TextField(null=True, description="What the carrier gave us to print")
    created_at = fields.DatetimeField()
    shipped_at = fields.DatetimeField(null=True, description="When it was out of the door")
    last_scan_at = fields.DatetimeField(null=True, description="By the carrier's own clock")
    delivered_at = fields.DatetimeField(null=True)
    resolution = fields.CharEnumField(Resolution, max_length=10, null=True)
    location_id = fields.UUIDField(null=True, description="Where it is collected")
    pickup_code = fields.CharField(max_length=12, null=True, description="The customer says it")
    collect_by = fields.DatetimeField(null=True)

    sub_order_id: UUID
    lines: fields.ReverseRelation["ShipmentLine"]

    class Meta:
        table = "shipment"


class TrackingEvent(Model):
    """What a carrier told of a parcel, once; kept even where it came too late to matter."""

    id = fields.UUIDField(primary_key=True)
    shipment_id = fields.UUIDField()
    vendor_id = fields.UUIDField()
    provider_event_id = fields.CharField(max_length=100)
    status = fields.CharEnumField(TrackingStatus, max_length=20)
    place = fields.CharField(max_length=120, null=True)
    happened_at = fields.DatetimeField(description="By the carrier's own clock")
    received_at = fields.DatetimeField()

    class Meta:
        table = "tracking_event"
        unique_together = (("shipment_id", "provider_event_id"),)


class ShipmentLine(Model):
    id = fields.UUIDField(primary_key=True)
    shipment: fields.ForeignKeyRelation[Shipment] = fields.ForeignKeyField(
        "marketplace.Shipment", related_name="lines", on_delete=OnDelete.RESTRICT
    )
    line_id = fields.UUIDField(db_index=True)
    vendor_id = fields.UUIDField()
    quantity = fields.IntField()

    shipment_id: UUID

    class Meta:
        table = "shipment_line"
        unique_together = (("shipment_id", "line_id"),)
