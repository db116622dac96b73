"""The demo marketplace: invented vendors and goods, always the same. Prices in minor units."""

from dataclasses import dataclass

from marketplace.risk.models import RuleKind
from marketplace.risk.scoring import Rule, Rules
from marketplace.sla.models import ClockKind

IBAN = "DE89370400440532013000"  # the sandbox's
PASSWORD = "souk-demo"


@dataclass(frozen=True, slots=True)
class DemoVendor:
    code: str
    name: str
    owner: str
    owner_email: str
    country: str
    time_zone: str
    shipping_eur: int
    free_from_eur: int | None
    express_eur: int | None


@dataclass(frozen=True, slots=True)
class DemoOffer:
    vendor: str
    price: int
    stock: int
    currency: str = "EUR"


@dataclass(frozen=True, slots=True)
class DemoProduct:
    name: str
    description: str
    category: str
    tax_category: str
    variants: dict[str, list[DemoOffer]]


VENDORS = [
    DemoVendor("kiln", "Kiln & Co", "Mara Vogt", "mara@kiln.example", "DE", "Europe/Berlin", 490, 6000, 1190),
    DemoVendor("norra", "Norra Textil", "Elin Berg", "elin@norra.example", "SE", "Europe/Stockholm", 690, 9000, None),
    DemoVendor("oliveira", "Oliveira & Filhos", "Rui Oliveira", "rui@oliveira.example", "PT", "Europe/Lisbon", 550, None, None),
    DemoVendor("lumen", "Lumen Works", "Daan Visser", "daan@lumen.example", "NL", "Europe/Amsterdam", 790, 12000, 1490),
]  # fmt: skip

# Packs and ships for the first vendor.
PACKER = ("Jon Weber", "jon@kiln.example")

STAFF = [
    ("Ada Moreau", "ada@souk.example", "administrator"),
    ("Ola Nyman", "ola@souk.example", "operations"),
    ("Sam Idris", "sam@souk.example", "support"),
    ("Vera Lund", "vera@souk.example", "finance_viewer"),
    ("Abe Castro", "abe@souk.example", "accountant"),
    ("Pia Renner", "pia@souk.example", "approver"),
]

# Looked at from 60 points on: a large order, or a first one that is bought in a hurry.
RISKS = Rules(
    review_from=60,
    reject_from=150,
    rules=[
        Rule(position=1, kind=RuleKind.AMOUNT_ABOVE, score=60, amount_minor=900_00, currency="EUR"),
        Rule(position=2, kind=RuleKind.FIRST_ORDER_ABOVE, score=40, amount_minor=400_00, currency="EUR"),
        Rule(position=3, kind=RuleKind.SAME_EMAIL, score=30, orders=3, hours=24),
        Rule(position=4, kind=RuleKind.SAME_ADDRESS, score=30, orders=5, hours=24),
    ],
)  # fmt: skip
RISKS_NOTE = "Large orders are looked at"

# Business hours, for what a customer paid to have sooner.
EXPRESS = "express"
EXPRESS_HOURS = {ClockKind.ACCEPT_BY: 8, ClockKind.SHIP_BY: 16}
DEADLINES_NOTE = "Express is answered and sent sooner"

COUNTRIES = ["AT", "DE", "ES", "FR", "NL", "PT", "SE"]

# VAT, standard and reduced, in millionths: European Commission, "VAT rates applied in the Member
# States", as of 2026. The platform owes it as deemed supplier.
TAX_RATES = {
    "AT": (200_000, 100_000),
    "DE": (190_000, 70_000),
    "ES": (210_000, 100_000),
    "FR": (200_000, 55_000),
    "NL": (210_000, 90_000),
    "PT": (230_000, 60_000),
    "SE": (250_000, 120_000),
    "US": (80_000, 20_000),
}


def _each(names: list[str], *offers: DemoOffer) -> dict[str, list[DemoOffer]]:
    return {name: list(offers) for name in names}


PRODUCTS = [
    DemoProduct("Stoneware mug", "Thrown by hand, 35 cl, glazed inside and out. Dishwasher safe.",
        "tableware", "standard", _each(["Chalk", "Moss", "Ink"], DemoOffer("kiln", 2400, 40))),
    DemoProduct("Dinner plate", "Wide rim, 27 cm, fired at 1,240 °C.",
        "tableware", "standard", _each(["Chalk", "Moss"], DemoOffer("kiln", 3200, 60), DemoOffer("oliveira", 2950, 24))),
    DemoProduct("Serving bowl", "Deep enough for a salad for six, 30 cm.",
        "tableware", "standard", _each([""], DemoOffer("kiln", 5800, 12), DemoOffer("oliveira", 6100, 9))),
    DemoProduct("Teapot", "Holds a litre and pours without a drip.",
        "tableware", "standard", _each([""], DemoOffer("kiln", 7900, 8))),
    DemoProduct("Butter dish", "With a lid that fits.",
        "tableware", "standard", _each([""], DemoOffer("kiln", 3600, 15))),
    DemoProduct("Linen tablecloth", "Washed linen, 150 by 250 cm.",
        "textiles", "standard", _each(["Natural", "Slate"], DemoOffer("norra", 8900, 20))),
    DemoProduct("Linen napkins, four", "Soft from the first wash, 45 by 45 cm.",
        "textiles", "standard", _each(["Natural", "Slate", "Rust"], DemoOffer("norra", 3900, 50))),
    DemoProduct("Wool throw", "Lambswool from Gotland, 130 by 180 cm.",
        "textiles", "standard", _each(["Grey", "Ochre"], DemoOffer("norra", 12900, 14))),
    DemoProduct("Tea towels, two", "Half linen, half cotton; they dry.",
        "textiles", "standard", _each([""], DemoOffer("norra", 2200, 80), DemoOffer("oliveira", 1990, 35))),
    DemoProduct("Apron", "Heavy cotton, two pockets, long ties.",
        "textiles", "standard", _each(["Indigo", "Natural"], DemoOffer("norra", 4600, 30))),
    DemoProduct("Olive oil, 50 cl", "Cold pressed in November from Cobrançosa olives.",
        "pantry", "reduced", _each([""], DemoOffer("oliveira", 1490, 200))),
    DemoProduct("Olive oil, 3 l tin", "The same oil for people who cook.",
        "pantry", "reduced", _each([""], DemoOffer("oliveira", 5200, 60))),
    DemoProduct("Sea salt", "Flor de sal from Aveiro, 200 g.",
        "pantry", "reduced", _each([""], DemoOffer("oliveira", 790, 150))),
    DemoProduct("Heather honey", "From the Serra da Lousã, 500 g.",
        "pantry", "reduced", _each([""], DemoOffer("oliveira", 1150, 90))),
    DemoProduct("Sardines, six tins", "In olive oil, with lemon.",
        "pantry", "reduced", _each([""], DemoOffer("oliveira", 2340, 70))),
    DemoProduct("Cork trivet", "One piece, 20 cm across.",
        "tableware", "standard", _each([""], DemoOffer("oliveira", 1290, 120))),
    DemoProduct("Walnut board", "End grain, oiled, 40 by 25 cm.",
        "tableware", "standard", _each([""], DemoOffer("oliveira", 6900, 10), DemoOffer("lumen", 7200, 6))),
    DemoProduct("Desk lamp", "Spun aluminium on an oak foot; takes E27.",
        "lighting", "standard", _each(["Black", "Sand"], DemoOffer("lumen", 14900, 12), DemoOffer("lumen", 15900, 6, "USD"))),
    DemoProduct("Pendant lamp", "Blown glass, 28 cm, with two metres of cloth cable.",
        "lighting", "standard", _each(["Clear", "Smoke"], DemoOffer("lumen", 18900, 9), DemoOffer("lumen", 19900, 4, "USD"))),
    DemoProduct("Candle holder", "Solid brass. It will darken, and may.",
        "lighting", "standard", _each([""], DemoOffer("lumen", 3400, 45), DemoOffer("kiln", 3200, 18))),
    DemoProduct("Beeswax candles, ten", "Two hours each, no scent but their own.",
        "lighting", "standard", _each([""], DemoOffer("lumen", 2700, 70))),
    DemoProduct("Night light", "Porcelain, dims to nearly nothing.",
        "lighting", "standard", _each([""], DemoOffer("kiln", 5400, 11), DemoOffer("lumen", 5900, 7))),
    DemoProduct("Vase, tall", "Unglazed outside, watertight inside, 32 cm.",
        "decoration", "standard", _each(["Chalk", "Terracotta"], DemoOffer("kiln", 6400, 10))),
    DemoProduct("The last bell", "A table bell of which there is exactly one left.",
        "decoration", "standard", _each([""], DemoOffer("kiln", 4900, 1))),
]  # fmt: skip
