"""The worked example of the posting rules, as people, jobs and the provider would do it.

Everything goes through the operations that pages, jobs and ticks call, over HTTP to the sandbox.
Three things differ from the table, none of them in an amount: it is told in euros where the table
has dollars; A's own discount of 5.00 is in its price, because a cart takes one code; and what the
table abbreviates (18, 21, 31: a sale or refund in one line) is a sale or a refund here.
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from marketplace.accounts.models import Vendor
from marketplace.checkout import carts, placing
from marketplace.kit.ids import new_id
from marketplace.kit.money import Money
from marketplace.kit.principal import SYSTEM, Kind, Principal, StaffRole
from marketplace.kit.transactions import transaction
from marketplace.orders import accepting, delivering, refunding, shipping
from marketplace.orders.models import Shipment, SubOrder
from marketplace.outbox import draining
from marketplace.pricing.models import Discount, ShippingRate, TaxRate
from marketplace_runtime.routes import LEDGER, ledger_routes
from settlement.adjustments import deciding, proposing
from settlement.adjustments.models import AdjustmentKind
from settlement.disputes.models import Dispute
from settlement.earnings import holding, maturing
from settlement.invariants import checking
from settlement.payouts import approving, drafting
from settlement.terms.models import Schedule
from tests.factories import (
    GUEST,
    make_cart,
    make_channel,
    make_commission_rule,
    make_offer,
    parts_of,
)
from tests.paying.world import Paying
from tests.payouts.terms import agree
from tests.settlement.people import ACCOUNTANT, APPROVER

SUPPORT = Principal(Kind.STAFF, id=UUID(int=7), roles=frozenset({StaffRole.SUPPORT}))
_POSTED = """
    SELECT posting.seq, posting.kind, account.code, account.vendor_id, account.currency,
        sum(entry.amount_minor)::bigint AS minor
    FROM ledger_transaction posting
    JOIN ledger_entry entry ON entry.transaction_id = posting.id
    JOIN ledger_account account ON account.id = entry.account_id
    WHERE posting.seq > $1
    GROUP BY posting.seq, posting.kind, account.id HAVING sum(entry.amount_minor) <> 0
    ORDER BY posting.seq
"""
Booked = tuple[str, dict[str, int]]


@dataclass
class Example:
    shop: Paying
    vendors: dict[str, UUID] = field(default_factory=dict)
    parts: dict[str, SubOrder] = field(default_factory=dict)
    seen: int = 0

    async def open(self) -> None:
        """A keeps 10 % back and is paid daily; B waits; 8 % tax; 15 % and 10 % with VAT of 20 %."""
        async with transaction(SYSTEM):
            await make_channel()
        for letter, base in (("A", 6_00), ("B", 4_00)):
            self.vendors[letter] = await self.shop.vendor()
            await self.ships_for(letter, base)
        async with transaction(SYSTEM):
            await TaxRate.filter(tax_category="standard").update(rate_ppm=80_000)
            await Discount.create(
                id=new_id(self.now), code="TEN", amount_minor=10_00, currency="EUR",
                valid_from=self.now,
            )  # fmt: skip
        await make_commission_rule(rate_ppm=150_000, vat_ppm=0, vendor_id=self.vendors["A"])
        await make_commission_rule(rate_ppm=100_000, vat_ppm=200_000, vendor_id=self.vendors["B"])
        async with transaction(SYSTEM):
            await make_channel(code="us", currency="USD")
            await ShippingRate.create(
                id=new_id(self.now), vendor_id=self.vendors["A"], country="DE", currency="USD",
                base_minor=0, per_unit_minor=0,
            )  # fmt: skip
        await self.agree("A", reserve_bps=10_00)
        await self.agree("B", undelivered_days=300)

    @property
    def now(self) -> datetime:
        return self.shop.world.now

    async def agree(self, letter: str, **terms: object) -> None:
        daily = {"schedule": Schedule.DAILY, "schedule_days": [], "maturity_days": 0}
        await agree(self.vendors[letter], at=self.now, **{**daily, "undelivered_days": 1, **terms})

    async def ships_for(self, letter: str, minor: int) -> None:
        async with transaction(SYSTEM):
            rates = ShippingRate.filter(vendor_id=self.vendors[letter], currency="EUR")
            await rates.update(base_minor=minor)

    async def free_of_commission(self, letter: str) -> None:
        await make_commission_rule(rate_ppm=0, vat_ppm=0, version=2, vendor_id=self.vendors[letter])

    async def hold(self, letter: str, minor: int, *, currency: str = "EUR") -> None:
        await holding.place(
            principal=ACCOUNTANT, vendor_id=self.vendors[letter], amount=Money(minor, currency),
            reason="Not yet", now=self.now,
        )  # fmt: skip

    async def pay_alone(self, letter: str) -> None:
        """One vendor is paid all that it has available, and its bank has it."""
        batch_id = await drafting.draft_on_demand(
            vendor_id=self.vendors[letter], principal=SYSTEM, now=self.now
        )
        async with transaction(SYSTEM):
            totals = await approving.totals_of(batch_id)
        await approving.approve(
            principal=APPROVER, batch_id=batch_id, expected_totals=totals, now=self.now
        )
        await self.shop.pay(batch_id)
        await self.days(4)

    async def sell(
        self, prices: dict[str, int], *, code: str | None = None, tax: str = "zero",
        card: str = "pm_card_visa", currency: str = "EUR",
    ) -> dict[str, SubOrder]:  # fmt: skip
        """Placed and paid; the sub-orders by letter."""
        async with transaction(SYSTEM):
            sellers = {letter: await Vendor.get(id=self.vendors[letter]) for letter in prices}
        offers = [
            await make_offer(
                vendor=sellers[letter], price=price, tax_category=tax, currency=currency
            )
            for letter, price in prices.items()
        ]
        channel = "eu" if currency == "EUR" else "us"
        token = await make_cart({offer.id: 1 for offer in offers}, channel=channel)
        await carts.set_discount(principal=GUEST, token=token, code=code)
        order_id = await placing.place_order(principal=GUEST, token=token, key=token, now=self.now)
        await self.shop.world.pay(order_id, key=token, card=card)
        letters = {vendor_id: letter for letter, vendor_id in self.vendors.items()}
        return {letters[part.vendor_id]: part for part in await parts_of(order_id)}

    async def ship(self, part: SubOrder) -> None:
        await accepting.accept(principal=SYSTEM, sub_order_id=part.id, now=self.now)
        await shipping.ship(
            principal=SYSTEM, sub_order_id=part.id, carrier="DHL", tracking_number=part.number,
            key=part.number, now=self.now,
        )  # fmt: skip
        await self.hear()

    async def deliver(self, part: SubOrder) -> None:
        """It arrives, and the time for returns passes."""
        async with transaction(SYSTEM):
            parcel = await Shipment.get(sub_order_id=part.id)
        await delivering.deliver(principal=SYSTEM, shipment_id=parcel.id, now=self.now)
        await self.hear()
        await self.days(2)
        await maturing.mature_due(now=self.now)

    async def refund(
        self, part: SubOrder, minor: int | None = None, *, shipping_too: bool = False
    ) -> UUID:
        """An amount of its line, or all units of it."""
        [line] = part.lines
        refund_id = await refunding.request(
            principal=SUPPORT, order_id=part.order_id,
            units={} if minor else {line.id: line.quantity},
            amounts={line.id: minor} if minor else None,
            shipping_of=[part.id] if shipping_too else [], reason="Broken", key=str(uuid4()),
            now=self.now,
        )  # fmt: skip
        await self.shop.world.submit(refund_id)
        await self.hear()
        return refund_id

    async def dispute(self, part: SubOrder) -> Dispute:
        """The customer's bank takes the whole order back."""
        charge = await self.shop.world.value(
            "SELECT charge_id FROM capture WHERE order_id = $1", part.order_id
        )
        await self.shop.world.sandbox.door("disputes", charge=charge)
        await self.shop.hear()
        async with transaction(SYSTEM):
            return await Dispute.get(order_id=part.order_id)

    async def decide(self, dispute: Dispute, outcome: str) -> None:
        await self.shop.world.sandbox.door(f"disputes/{dispute.provider_dispute_id}/{outcome}")
        await self.shop.hear()

    async def adjust(self, kind: AdjustmentKind, minor: int = 0, **what: object) -> None:
        """One proposes, another approves."""
        if kind is not AdjustmentKind.REFUND_PAID_OTHERWISE:
            what = {"currency": "EUR", "amount_minor": minor, **what}
        if kind in proposing.OF_VENDOR:
            what["vendor_id"] = self.vendors[str(what.pop("of", "A"))]
        adjustment_id = await proposing.propose(
            principal=ACCOUNTANT, kind=kind, note="As agreed", reference="REF-1",
            key=str(uuid4()), now=self.now, **what,  # type: ignore[arg-type]  # as its caller says
        )  # fmt: skip
        await deciding.approve(principal=APPROVER, adjustment_id=adjustment_id, now=self.now)

    async def days(self, count: float) -> None:
        await self.shop.world.pass_time(days=count)
        await self.hear()

    async def hear(self) -> None:
        """The provider's news and our own reach the books."""
        await self.shop.world.webhooks()
        await self.shop.hear()
        await draining.drain(routes=ledger_routes(), now=self.now, consumers=[LEDGER])

    async def assert_sound(self) -> None:
        async with transaction(SYSTEM, isolation="REPEATABLE READ", read_only=True) as connection:
            report = await checking.check_all(connection)
        assert report.violations == (), str(report)

    async def booked(self) -> list[Booked]:
        """What was booked since this was asked last, by kind and account, in minor units."""
        letters = {vendor_id: letter for letter, vendor_id in self.vendors.items()}
        rows = await self.shop.world.rows(_POSTED, self.seen)
        postings: dict[int, Booked] = {}
        for row in rows:
            words = [row["code"], letters.get(row["vendor_id"], "")]
            words.append("" if row["currency"] == "EUR" else row["currency"])
            _, amounts = postings.setdefault(row["seq"], (row["kind"], {}))
            amounts[" ".join(filter(None, words))] = row["minor"]
        self.seen = max(postings, default=self.seen)
        return sorted(postings.values(), key=lambda posting: (posting[0], sorted(posting[1])))
