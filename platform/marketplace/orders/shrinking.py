"""Lines and their sub-order keep what is left when units of them are sent by somebody else."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from marketplace.kit.transactions import connection
from marketplace.orders import replacement_rows
from marketplace.orders.dividing import Amounts
from marketplace.orders.models import SubOrder
from marketplace.orders.replacement_rows import Replaced, Take

_AMOUNTS = (
    "items_minor", "discount_platform_minor", "discount_vendor_minor", "net_minor", "tax_minor",
    "gross_minor", "funding_minor", "vendor_minor", "commission_minor", "commission_vat_minor",
)  # fmt: skip
_SHRINK_LINES = f"""
    UPDATE order_line SET quantity = item.stays,
        rerouted = rerouted + order_line.quantity - item.stays,
        {", ".join(f"{name} = item.{name}" for name in _AMOUNTS)}
    FROM unnest($1::uuid[], $2::int[], {", ".join(f"${n}::bigint[]" for n in range(3, 13))})
        AS item (id, stays, {", ".join(_AMOUNTS)})
    WHERE order_line.id = item.id
"""
_PARTS = (
    "items_minor", "discount_minor", "shipping_minor", "tax_minor", "total_minor",
    "shipping_net_minor", "shipping_tax_minor", "shipping_gross_minor",
)  # fmt: skip
_SHRINK = f"""
    UPDATE sub_order SET {", ".join(f"{name} = ${n}" for n, name in enumerate(_PARTS, start=4))},
        shipping_funding_minor = $2, shipping_vendor_minor = $3
    WHERE id = $1
"""


async def shrink(
    sub_order: SubOrder,
    replaced: Sequence[Replaced],
    kept: Mapping[UUID, Amounts],
    new: Sequence[SubOrder],
    *,
    moves: bool,
) -> None:
    """Take what moved off the lines and the sub-order: an order stays the sum of its parts."""
    await shrink_lines([take for part in replaced for take in part.takes], kept)
    for name in _PARTS:
        moved = sum(getattr(part, name) for part in new)
        setattr(sub_order, name, getattr(sub_order, name) - moved)
    if moves:
        sub_order.shipping_funding_minor = 0
        sub_order.shipping_vendor_minor = 0
    await connection().execute(
        _SHRINK, sub_order.id, sub_order.shipping_funding_minor, sub_order.shipping_vendor_minor,
        *(getattr(sub_order, name) for name in _PARTS),
    )  # fmt: skip


async def shrink_lines(takes: Sequence[Take], kept: Mapping[UUID, Amounts]) -> None:
    """Lines alone, where what moved stays in their sub-order."""
    amounts = [replacement_rows.columns(kept[take.line.id]) for take in takes]
    await connection().execute(
        _SHRINK_LINES,
        [take.line.id for take in takes],
        [take.line.quantity - take.units for take in takes],
        *([columns[name] for columns in amounts] for name in _AMOUNTS),
    )
