"""Preparing, cancelling by quantity, parcels with a life of their own, and pick-up in store."""

from uuid import uuid4

from tortoise import fields
from tortoise.migrations import operations as ops

from marketplace.catalog.models import CancelUntil
from marketplace.kit import migration
from marketplace.orders.states import ShipmentState, SubOrderState
from marketplace.orders.tracks import Resolution, TrackingStatus, TrackingValidity

# Every parcel until now was out of the door from its first moment.
CREATED = "UPDATE shipment SET created_at = shipped_at;"
CHECKS = """
ALTER TABLE channel
    ADD CONSTRAINT channel_cancel_until CHECK (cancel_until IN ('acceptance', 'preparing')),
    ADD CONSTRAINT channel_days
    CHECK (return_days >= 0 AND delivered_after_days > 0 AND collect_days > 0);

ALTER TABLE sub_order DROP CONSTRAINT sub_order_state;
ALTER TABLE sub_order
    ADD CONSTRAINT sub_order_state CHECK (state IN ('pending', 'awaiting_acceptance', 'accepted',
        'preparing', 'ready', 'partly_shipped', 'shipped', 'delivered', 'closed', 'refused',
        'expired', 'cancelled')),
    ADD CONSTRAINT sub_order_earned CHECK (CASE
        WHEN state IN ('shipped', 'delivered', 'closed') THEN shipped_at IS NOT NULL
        WHEN state IN ('pending', 'awaiting_acceptance', 'accepted', 'refused', 'expired')
            THEN shipped_at IS NULL
        ELSE true END),
    ADD CONSTRAINT sub_order_closed CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
    ADD CONSTRAINT sub_order_delivered
    CHECK ((state IN ('delivered', 'closed')) = (delivered_at IS NOT NULL));

ALTER TABLE shipment DROP CONSTRAINT shipment_state;
ALTER TABLE shipment
    ADD CONSTRAINT shipment_state CHECK (state IN ('created', 'labelled', 'handed_over',
        'in_transit', 'out_for_delivery', 'exception', 'delivered', 'lost', 'returned_to_sender',
        'ready_for_pickup', 'collected', 'cancelled')),
    ADD CONSTRAINT shipment_validity
    CHECK (validity IN ('missing', 'unverified', 'invalid', 'verified')
        AND (validity = 'missing') = (tracking_number = '')),
    ADD CONSTRAINT shipment_out CHECK ((shipped_at IS NULL)
        = (state IN ('created', 'labelled', 'ready_for_pickup', 'cancelled'))),
    ADD CONSTRAINT shipment_arrived
    CHECK ((delivered_at IS NOT NULL) = (state IN ('delivered', 'collected'))),
    ADD CONSTRAINT shipment_resolved CHECK (resolution IN ('replaced', 'refunded')
        AND (resolution IS NULL OR state IN ('lost', 'returned_to_sender'))),
    ADD CONSTRAINT shipment_collected CHECK (
        num_nulls(location_id, pickup_code, collect_by) IN (0, 3)
        AND (pickup_code IS NOT NULL OR state NOT IN ('ready_for_pickup', 'collected')));
ALTER TABLE tracking_event ADD CONSTRAINT tracking_event_status CHECK (status IN ('handed_over',
    'in_transit', 'out_for_delivery', 'exception', 'returned_to_sender', 'lost', 'delivered'));
"""
INDEXES = """
CREATE INDEX sub_order_to_close ON sub_order (delivered_at) WHERE state = 'delivered';
CREATE INDEX shipment_under_way ON shipment (coalesce(last_scan_at, shipped_at))
    WHERE state IN ('handed_over', 'in_transit', 'out_for_delivery');
CREATE INDEX shipment_to_label ON shipment (created_at) WHERE state = 'created';
CREATE INDEX shipment_to_collect ON shipment (collect_by) WHERE state = 'ready_for_pickup';
CREATE INDEX shipment_followed ON shipment (carrier, tracking_number);
"""
ROW_SECURITY = """
ALTER TABLE tracking_event ENABLE ROW LEVEL SECURITY;
CREATE POLICY scoped ON tracking_event
    USING ((SELECT current_setting('souk.scope', true) = 'all')
        OR vendor_id = (SELECT nullif(nullif(current_setting('souk.scope', true), ''), 'all')::uuid));
"""


class Migration(migration.Migration):
    dependencies = [('marketplace', '0012_speed')]

    initial = False

    operations = [
        ops.CreateModel(
            name='TrackingEvent',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('shipment_id', fields.UUIDField()),
                ('vendor_id', fields.UUIDField()),
                ('provider_event_id', fields.CharField(max_length=100)),
                ('status', fields.CharEnumField(description='HANDED_OVER: handed_over\nIN_TRANSIT: in_transit\nOUT_FOR_DELIVERY: out_for_delivery\nEXCEPTION: exception\nRETURNED_TO_SENDER: returned_to_sender\nLOST: lost\nDELIVERED: delivered', enum_type=TrackingStatus, max_length=20)),
                ('place', fields.CharField(null=True, max_length=120)),
                ('happened_at', fields.DatetimeField(description="By the carrier's own clock", auto_now=False, auto_now_add=False)),
                ('received_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'tracking_event', 'app': 'marketplace', 'unique_together': (('shipment_id', 'provider_event_id'),), 'pk_attr': 'id', 'table_description': 'What a carrier told of a parcel, once; kept even where it came too late to matter.'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='Channel',
            name='cancel_until',
            field=fields.CharEnumField(default=CancelUntil.PREPARING, db_default='preparing', description='How long customers may cancel by themselves', enum_type=CancelUntil, max_length=12),
        ),
        ops.AddField(
            model_name='Channel',
            name='collect_days',
            field=fields.IntField(default=7, db_default=7, description='How long a store keeps what is ready'),
        ),
        ops.AddField(
            model_name='Channel',
            name='delivered_after_days',
            field=fields.IntField(default=21, db_default=21, description='After its last scan a parcel counts as delivered'),
        ),
        ops.AddField(
            model_name='Channel',
            name='return_days',
            field=fields.IntField(default=14, db_default=14, description='From delivery until it is closed'),
        ),
        ops.AddField(
            model_name='Order',
            name='version',
            field=fields.IntField(default=1, db_default=1, description='Rises when its address is changed'),
        ),
        ops.AlterModelOptions(
            name='Shipment',
            options={'table': 'shipment', 'app': 'marketplace', 'pk_attr': 'id', 'table_description': 'A parcel, or what waits in a store. Its units count as shipped once it is out of the door.'},
        ),
        ops.AlterField(
            model_name='Shipment',
            name='carrier',
            field=fields.CharField(description='Empty for what is collected', max_length=60),
        ),
        ops.AlterField(
            model_name='Shipment',
            name='shipped_at',
            field=fields.DatetimeField(null=True, description='When it was out of the door', auto_now=False, auto_now_add=False),
        ),
        ops.AlterField(
            model_name='Shipment',
            name='state',
            field=fields.CharEnumField(description='CREATED: created\nLABELLED: labelled\nHANDED_OVER: handed_over\nIN_TRANSIT: in_transit\nOUT_FOR_DELIVERY: out_for_delivery\nEXCEPTION: exception\nDELIVERED: delivered\nLOST: lost\nRETURNED_TO_SENDER: returned_to_sender\nREADY_FOR_PICKUP: ready_for_pickup\nCOLLECTED: collected\nCANCELLED: cancelled', enum_type=ShipmentState, max_length=20),
        ),
        ops.AlterField(
            model_name='Shipment',
            name='tracking_number',
            field=fields.CharField(description='Empty until it has one', max_length=64),
        ),
        ops.AddField(
            model_name='Shipment',
            name='collect_by',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Shipment',
            name='created_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.RunSQL(CREATED),
        ops.AlterField(
            model_name='Shipment',
            name='created_at',
            field=fields.DatetimeField(auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Shipment',
            name='label',
            field=fields.TextField(null=True, description='What the carrier gave us to print', unique=False),
        ),
        ops.AddField(
            model_name='Shipment',
            name='last_scan_at',
            field=fields.DatetimeField(null=True, description="By the carrier's own clock", auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Shipment',
            name='location_id',
            field=fields.UUIDField(null=True, description='Where it is collected'),
        ),
        ops.AddField(
            model_name='Shipment',
            name='pickup_code',
            field=fields.CharField(null=True, description='The customer says it', max_length=12),
        ),
        ops.AddField(
            model_name='Shipment',
            name='resolution',
            field=fields.CharEnumField(null=True, description='REPLACED: replaced\nREFUNDED: refunded', enum_type=Resolution, max_length=10),
        ),
        ops.AddField(
            model_name='Shipment',
            name='validity',
            field=fields.CharEnumField(default=TrackingValidity.UNVERIFIED, db_default='unverified', description='MISSING: missing\nUNVERIFIED: unverified\nINVALID: invalid\nVERIFIED: verified', enum_type=TrackingValidity, max_length=10),
        ),
        ops.AlterField(
            model_name='SubOrder',
            name='shipped_at',
            field=fields.DatetimeField(null=True, description='When the last live unit left first: earned, and so for good', auto_now=False, auto_now_add=False),
        ),
        ops.AlterField(
            model_name='SubOrder',
            name='state',
            field=fields.CharEnumField(description='PENDING: pending\nAWAITING_ACCEPTANCE: awaiting_acceptance\nACCEPTED: accepted\nPREPARING: preparing\nREADY: ready\nPARTLY_SHIPPED: partly_shipped\nSHIPPED: shipped\nDELIVERED: delivered\nCLOSED: closed\nREFUSED: refused\nEXPIRED: expired\nCANCELLED: cancelled', enum_type=SubOrderState, max_length=24),
        ),
        ops.AddField(
            model_name='SubOrder',
            name='closed_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.RunSQL(CHECKS),
        ops.RunSQL(INDEXES),
        ops.RunSQL(ROW_SECURITY),
    ]
