"""The worked order of the posting rules, as the rows that the core would have written.

Two vendors, dollars. A: 3 pieces for 60.00, its own discount of 5.00, shipping 6.00; B: 2 pieces
for 40.00, shipping 4.00. The platform gives 10.00 (5.79 and 4.21), 8 % tax that the platform owes;
commission A 15 %, B 10 % with 20 % VAT on it. The customer pays 102.60, the provider keeps 3.28.
"""

import json
from collections.abc import Mapping
from uuid import UUID

from marketplace.inventory.models import Stock
from marketplace.kit.ids import new_id
from marketplace.kit.money import share_done
from marketplace.kit.transactions import connection
from tests.factories import make_commission_rule, make_offer, make_vendor
from tests.settlement.amounts import LINES, PARTS, VAT_PPM
from tests.settlement.rows import NOW, add, insert, read, update
from tests.settlement.worked_parts import Heard, Part, Worked

COMPONENTS = ("gross", "tax", "funding", "vendor", "commission", "commission_vat")


async def place(*, liable: str = "platform") -> Worked:
    """The order, paid, released to both vendors and accepted by them."""
    order_id = new_id(NOW)
    number = f"M-{order_id.hex[-8:]}"
    await connection().execute(
        "INSERT INTO orders (id, number, channel_id, customer_id, email, customer_name, address,"
        " currency, items_minor, discount_minor, shipping_minor, tax_minor, total_minor, placed_at)"
        " VALUES ($1, $2, $1, $1, 'ana@example.com', 'Ana', '{}', 'USD', 10000, 1500, 1000, 760,"
        " 10260, $3)",
        order_id,
        number,
        NOW,
    )
    payment_id = await insert(
        "payment", order_id=order_id, currency="USD", amount_minor=10260, captured_minor=10260,
        refund_claimed_minor=0, refunded_minor=0, created_at=NOW,
    )  # fmt: skip
    attempt_id = await insert(
        "payment_attempt", payment_id=payment_id, generation=1, state="captured",
        payment_method="pm_card", created_at=NOW,
    )  # fmt: skip
    capture_id = await insert(
        "capture", payment_id=payment_id, attempt_id=attempt_id, order_id=order_id,
        charge_id=f"ch_{attempt_id.hex}", amount_minor=10260, fee_minor=328, currency="USD",
        captured_at=NOW,
    )  # fmt: skip
    rules_id = await insert(
        "routing_rule_set", channel_id=order_id, version=1, state="draft", name="x",
        document="{}", edition=1, rollout_percent=0, needed_percent=95, created_by="x",
        created_at=NOW,
    )  # fmt: skip
    worked = Worked(order_id, number, payment_id, capture_id)
    await tell(order_id, "order.placed")
    for letter in "AB":
        await _place_part(worked, letter, liable, rules_id)
    return worked


async def _place_part(worked: Worked, letter: str, liable: str, rules_id: UUID) -> None:
    vendor = await make_vendor(currency="USD")
    offer = await make_offer(vendor=vendor, price=2000, on_hand=5, currency="USD")
    stock = await Stock.get(offer_id=offer.id)
    rule = await make_commission_rule(
        rate_ppm=LINES[letter]["commission_ppm"], vat_ppm=VAT_PPM[letter], vendor_id=vendor.id
    )
    sub, line = dict(PARTS[letter]), dict(LINES[letter])
    if liable == "vendor":  # its tax is the vendor's to receive, and to pay
        line["vendor_minor"] += line["tax_minor"]
        sub["shipping_vendor_minor"] += sub["shipping_tax_minor"]
    number = f"{worked.number}-{letter}"
    part_id = await insert(
        "sub_order", order_id=worked.order_id, vendor_id=vendor.id, number=number,
        state="accepted", version=1, currency="USD", shipping_tax_ppm=80_000,
        shipping_refunded_minor=0, tax_inclusive=False, tax_liable=liable, tax_jurisdiction="US",
        placed_at=NOW, released_at=NOW, **sub,
    )  # fmt: skip
    await insert(
        "routing_decision", order_id=worked.order_id, sub_order_id=part_id, vendor_id=vendor.id,
        cause="placed", rule_set_id=rules_id, version=1, inputs="{}", lines="[]",
        taken="{}", decided_at=NOW,
    )  # fmt: skip
    line_id = await insert(
        "order_line", sub_order_id=part_id, order_id=worked.order_id, vendor_id=vendor.id,
        offer_id=offer.id, location_id=stock.location_id, position=1, sku="mug", name="Mug",
        refused=0, cancelled=0, shipped=0, delivered=0, refunded=0, refunded_minor=0,
        tax_ppm=80_000, commission_rule_id=rule.id, **line,
    )  # fmt: skip
    allocation_id = await insert(
        "payment_allocation", payment_id=worked.payment_id, sub_order_id=part_id,
        amount_minor=sub["total_minor"], captured_minor=sub["total_minor"],
        refund_claimed_minor=0, refunded_minor=0,
    )  # fmt: skip
    reservation_id = await insert(
        "reservation", stock_id=stock.id, vendor_id=vendor.id, order_id=worked.order_id,
        line_id=line_id, quantity=line["quantity"], consumed=0, state="committed",
    )  # fmt: skip
    await update("stock", stock.id, reserved=line["quantity"])
    worked.parts[letter] = Part(
        part_id, number, vendor.id, line_id, stock.id, reservation_id, allocation_id
    )
    await tell(worked.order_id, "sub_order.accepted", part_id, "pending", "accepted")


async def tell(
    order_id: UUID,
    name: str,
    subject_id: UUID | None = None,
    before: str | None = None,
    after: str | None = None,
) -> UUID:
    """The event, routed and heard by all, and the change of a sub-order or refund it tells of."""
    seq = await connection().fetchval(
        "INSERT INTO event_stream (id, last_seq) VALUES ($1, 1) ON CONFLICT (id)"
        " DO UPDATE SET last_seq = event_stream.last_seq + 1 RETURNING last_seq",
        order_id,
    )
    subject = name.split(".")[0]
    payload = {"order_id": str(order_id), f"{subject}_id": str(subject_id)}
    event_id = await insert(
        "outbox_event", name=name, stream_id=order_id, seq=seq, payload=json.dumps(payload),
        happened_at=NOW, routed_at=NOW,
    )  # fmt: skip
    if subject_id is not None:
        await insert(
            "state_change", event_id=event_id, order_id=order_id, subject=subject,
            subject_id=subject_id, from_state=before, to_state=after, move=name.split(".")[1],
            actor="system", at=NOW,
        )  # fmt: skip
    return event_id


async def ship(worked: Worked, letter: str) -> None:
    """All that is left of a sub-order leaves in one parcel."""
    part = worked.parts[letter]
    left = LINES[letter]["quantity"]
    parcel_id = await insert(
        "shipment", sub_order_id=part.id, order_id=worked.order_id, vendor_id=part.vendor_id,
        state="in_transit", carrier="Post", tracking_number="1",
        created_at=NOW, shipped_at=NOW,
    )  # fmt: skip
    await insert(
        "shipment_line", shipment_id=parcel_id, line_id=part.line_id, vendor_id=part.vendor_id,
        quantity=left,
    )  # fmt: skip
    await update("order_line", part.line_id, shipped=left)
    await update("sub_order", part.id, state="shipped", shipped_at=NOW)
    await update("reservation", part.reservation_id, quantity=0, consumed=left, state="consumed")
    await add("stock", part.stock_id, on_hand=-left, reserved=-left)
    await insert(
        "stock_movement", stock_id=part.stock_id, vendor_id=part.vendor_id, kind="sold",
        delta=-left, after=0, order_id=worked.order_id, actor="system", at=NOW,
    )  # fmt: skip
    await tell(worked.order_id, "sub_order.shipped", part.id, "accepted", "shipped")


async def refund(
    worked: Worked, units: Mapping[str, int], *, shipping_of: str = "", state: str = "succeeded"
) -> Heard:
    """Units by letter, and shipping, in a refund of this state; each component by its share."""
    parts = []
    for letter, count in units.items():
        line = await read("order_line", worked.parts[letter].line_id)
        shares = {name: _share(line, f"{name}_minor", count) for name in COMPONENTS}
        owed_tax = shares["tax"] if await _is_platform_liable(worked.parts[letter]) else 0
        parts.append((letter, count, shares | {
            "vendor": shares["gross"] + shares["funding"] - owed_tax}))  # fmt: skip
        await _count(worked.parts[letter], count, parts[-1][2])
    for letter in shipping_of:
        sub = await read("sub_order", worked.parts[letter].id)
        shares = dict.fromkeys(COMPONENTS, 0)
        shares |= {name: sub[f"shipping_{name}_minor"] for name in ("gross", "tax", "vendor")}
        parts.append((letter, 0, shares))
        await update("sub_order", worked.parts[letter].id, shipping_refunded_minor=shares["gross"])
    return await refund_parts(worked, parts, state=state)


async def _count(part: Part, units: int, shares: Mapping[str, int]) -> None:
    backs = {f"refunded_{name}_minor": shares[name] for name in COMPONENTS if name != "gross"}
    await add("order_line", part.line_id, refunded=units, refunded_minor=shares["gross"], **backs)


async def refund_parts(
    worked: Worked, parts: list[tuple[str, int, dict[str, int]]], *, state: str = "succeeded"
) -> Heard:
    """A refund of letter, units and components; no units mean shipping."""
    amount = sum(shares["gross"] for _, _, shares in parts)
    refund_id = await insert(
        "refund", payment_id=worked.payment_id, order_id=worked.order_id, state=state,
        amount_minor=amount, currency="USD", reason="Broken", requested_by="staff",
        requested_at=NOW,
    )  # fmt: skip
    column = {"succeeded": "refunded_minor", "failed": None}.get(state, "refund_claimed_minor")
    for letter, count, shares in parts:
        part = worked.parts[letter]
        is_earned = (await read("sub_order", part.id))["shipped_at"] is not None
        await insert(
            "refund_line", refund_id=refund_id, sub_order_id=part.id, quantity=count,
            line_id=part.line_id if count else None, is_earned=is_earned,
            **{f"{name}_minor": shares[name] for name in COMPONENTS},
        )  # fmt: skip
        if column:
            await add("payment_allocation", part.allocation_id, **{column: shares["gross"]})
    if column:
        await add("payment", worked.payment_id, **{column: amount})
    await tell(worked.order_id, f"refund.{state}", refund_id, None, state)
    return Heard(f"refund.{state}", {"refund_id": str(refund_id)})


async def _is_platform_liable(part: Part) -> bool:
    liable = await connection().fetchval("SELECT tax_liable FROM sub_order WHERE id = $1", part.id)
    return bool(liable == "platform")


def _share(line: Mapping[str, int], column: str, count: int) -> int:
    before, after = line["refunded"], line["refunded"] + count
    whole, quantity = line[column], line["quantity"]
    return share_done(whole, after, quantity) - share_done(whole, before, quantity)
