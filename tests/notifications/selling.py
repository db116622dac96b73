"""Orders in the states that e-mails tell of."""

from uuid import UUID

from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from marketplace.orders import releasing
from marketplace.orders.models import OrderLine, Shipment, ShipmentLine, SubOrder
from tests.factories import NOON, make_offer, make_order, make_vendor


async def an_order_of_two_vendors() -> UUID:
    """Two mugs and a bowl, released."""
    kiln, loom = await make_vendor(name="Kiln & Co"), await make_vendor(name="Loom <Berlin>")
    mug, bowl = await make_offer(vendor=kiln, sku="mug"), await make_offer(vendor=loom, sku="bowl")
    order_id = await make_order({mug.id: 2, bowl.id: 1})
    async with transaction(SYSTEM):
        await releasing.release(order_id=order_id, now=NOON)
    return order_id


async def first_sub_order(order_id: UUID) -> SubOrder:
    sub_order = await SubOrder.filter(order_id=order_id).order_by("number").first()
    assert sub_order is not None
    return sub_order


async def ship_one(sub_order: SubOrder) -> UUID:
    line = await OrderLine.get(sub_order_id=sub_order.id)
    shipment = await Shipment.create(
        id=new_id(NOON), sub_order=sub_order, order_id=sub_order.order_id,
        vendor_id=sub_order.vendor_id, state="in_transit", carrier="DHL",
        tracking_number="JD014600003RT",
        created_at=NOON, shipped_at=NOON,
    )  # fmt: skip
    await ShipmentLine.create(
        id=new_id(NOON), shipment=shipment, line_id=line.id, vendor_id=sub_order.vendor_id,
        quantity=1,
    )  # fmt: skip
    line.shipped = 1
    await line.save(update_fields=["shipped"])
    return shipment.id


async def refund(sub_order: SubOrder) -> UUID:
    """One unit and the shipping of a sub-order go back."""
    line = await OrderLine.get(sub_order_id=sub_order.id)
    [refund_id] = await connection().fetchrow(
        """INSERT INTO refund (id, payment_id, order_id, state, amount_minor, currency, reason,
            requested_by, requested_at)
        SELECT $1, id, order_id, 'succeeded', 1828, 'EUR', 'asked for', 'system', $2
        FROM payment WHERE order_id = $3 RETURNING id""",
        new_id(NOON), NOON, sub_order.order_id,
    )  # fmt: skip
    for line_id, quantity, gross in ((line.id, 1, 1428), (None, 0, 400)):
        await connection().execute(
            """INSERT INTO refund_line (id, refund_id, sub_order_id, line_id, quantity,
                is_earned, gross_minor, tax_minor, funding_minor, vendor_minor, commission_minor,
                commission_vat_minor) VALUES ($1, $2, $3, $4, $5, false, $6, 0, 0, 0, 0, 0)""",
            new_id(NOON), refund_id, sub_order.id, line_id, quantity, gross,
        )  # fmt: skip
    found: UUID = refund_id
    return found
