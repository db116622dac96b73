"""Currencies as Stripe counts them: minor units, least amounts, and the card fee."""

from dataclasses import dataclass

from stripe_sandbox.errors import StripeError, invalid_request

ZERO_DECIMAL = frozenset(
    {
        "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "ugx", "vnd",
        "vuv", "xaf", "xof", "xpf",
    }
)  # fmt: skip
THREE_DECIMAL = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})
TWO_DECIMAL = frozenset(
    {
        "aed", "aud", "bgn", "brl", "cad", "chf", "cny", "cop", "czk", "dkk", "eur", "gbp",
        "hkd", "huf", "idr", "ils", "inr", "mxn", "myr", "nok", "nzd", "pen", "php", "pln",
        "ron", "sar", "sek", "sgd", "thb", "try", "twd", "usd", "uyu", "zar",
    }
)  # fmt: skip
# The least a card may be charged, in minor units. Others: what the smallest unit allows.
LEAST = {
    "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 15_00,
    "dkk": 250, "eur": 50, "gbp": 30, "hkd": 400, "huf": 175_00, "inr": 50, "jpy": 50,
    "mxn": 10_00, "myr": 200, "nok": 300, "nzd": 50, "pln": 200, "ron": 200, "sek": 300,
    "sgd": 50, "thb": 10_00, "usd": 50,
}  # fmt: skip
SYMBOLS = {"usd": "$", "eur": "€", "gbp": "£", "brl": "R$", "jpy": "¥"}
MOST = 99_999_999
MOST_IDR = 999_999_999_999
MOST_MOVED = 999_999_999_999
WHOLE_AT_BANKS = frozenset({"huf", "twd"})


@dataclass(frozen=True)
class Fee:
    """A share of the amount in millionths, and a fixed part in hundredths of the major unit."""

    rate_ppm: int
    fixed_hundredths: int

    def of(self, amount: int, currency: str) -> int:
        """The fee in minor units of the currency, each part rounded half up."""
        share = (amount * self.rate_ppm + 500_000) // 1_000_000
        return min(share + from_hundredths(self.fixed_hundredths, currency), amount)


def from_hundredths(hundredths: int, currency: str) -> int:
    """Hundredths of the major unit as minor units of the currency, rounded half up."""
    scale: int = 10 ** decimals(currency)
    return (hundredths * scale + 50) // 100


def decimals(currency: str) -> int:
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def money(amount: int, currency: str) -> str:
    """An amount as Stripe's refusals print it: with the symbol where it has one."""
    places = decimals(currency)
    number = f"{amount / 10**places:,.{places}f}"
    symbol = SYMBOLS.get(currency)
    return f"{symbol}{number}" if symbol else f"{number} {currency}"


def check_known(currency: str, *, param: str = "currency") -> None:
    """Refuse a currency Stripe does not take."""
    if currency not in ZERO_DECIMAL | TWO_DECIMAL | THREE_DECIMAL:
        raise invalid_request(
            f"Invalid currency: {currency}. Stripe does not support this currency.", param=param
        )


def check_movable(amount: int, currency: str) -> None:
    """Refuse an amount that cannot be transferred or paid out; there is no least but 1."""
    check_known(currency)
    if amount < 1:
        raise too_low()
    if amount > MOST_MOVED:
        raise invalid_request(
            f"Amount must be no more than {money(MOST_MOVED, currency)} {currency}",
            code="amount_too_large",
            param="amount",
        )
    if currency in THREE_DECIMAL and amount % 10:
        raise invalid_request(
            f"Invalid amount: the last digit of an amount in {currency} must be 0.",
            param="amount",
        )


def check_payable(amount: int, currency: str) -> None:
    """Some currencies have two decimals at Stripe and none at the banks."""
    check_movable(amount, currency)
    if currency in WHOLE_AT_BANKS and amount % 100:
        raise invalid_request(
            f"Invalid amount: a payout in {currency} must be a whole number of {currency}, an "
            "amount divisible by 100.",
            param="amount",
        )


def check_amount(amount: int, currency: str) -> None:
    """Refuse a currency Stripe does not take and an amount a card cannot be charged."""
    check_known(currency)
    if amount < 1:
        raise too_low()
    if amount < LEAST.get(currency, 1):
        least = money(LEAST[currency], currency)
        raise invalid_request(
            f"Amount must be at least {least} {currency}",
            code="amount_too_small",
            param="amount",
        )
    most = MOST_IDR if currency == "idr" else MOST
    if amount > most:
        raise invalid_request(
            f"Amount must be no more than {money(most, currency)} {currency}",
            code="amount_too_large",
            param="amount",
        )
    if currency in THREE_DECIMAL and amount % 10:
        raise invalid_request(
            f"Invalid amount: the last digit of an amount in {currency} must be 0.",
            code="invalid_charge_amount",
            param="amount",
        )


def too_low(param: str = "amount") -> StripeError:
    return invalid_request(
        "This value must be greater than or equal to 1.",
        code="parameter_invalid_integer",
        param=param,
    )
