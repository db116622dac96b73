"""Bank accounts that payouts go to; Stripe's test numbers tell how a payout to them ends."""

import re
from dataclasses import dataclass
from hashlib import sha256

from stripe_sandbox import ids
from stripe_sandbox.errors import StripeError, invalid_request
from stripe_sandbox.shapes import JsonObject

IBAN = re.compile(r"[A-Z]{2}\d\d[A-Z0-9]{10,30}\Z")
PLAIN = re.compile(r"\d{4,20}\Z")
COUNTRY = re.compile(r"[A-Z]{2}\Z")

# The account number by which a bank pays out without ado.
GOOD_IBAN = "DE89370400440532013000"
GOOD_NUMBERS = {"US": "000123456789", "GB": "00012345"}
ROUTING = {"US": "110000000", "GB": "108800"}


@dataclass(frozen=True)
class Failure:
    """Why a bank sends a payout back, as Stripe words it."""

    code: str
    message: str
    disables_account: bool = True


NO_ACCOUNT = Failure(
    "no_account",
    "The bank account details on file are probably incorrect. No bank account could be located "
    "with those details.",
)
CLOSED = Failure("account_closed", "The bank account has been closed.")
INSUFFICIENT = Failure(
    "insufficient_funds", "Your Stripe account has insufficient funds to cover the payout."
)
NOT_AUTHORIZED = Failure(
    "debit_not_authorized", "Debit transactions are not approved on your bank account."
)
CURRENCY = Failure(
    "invalid_currency",
    "The bank was unable to process this payout because of its currency. This is probably "
    "because the bank account cannot accept payments in that currency.",
)
# What a fault switched on by hand says: nothing is wrong with the bank account itself.
COULD_NOT_PROCESS = Failure(
    "could_not_process", "The bank could not process this payout.", disables_account=False
)

TEST_NUMBERS = {
    NO_ACCOUNT: ("370400440532013001", "000111111116", "11111116"),
    CLOSED: ("370400440532013002", "000111111113", "11111113"),
    INSUFFICIENT: ("370400440532013003", "000222222227", "22222227"),
    NOT_AUTHORIZED: ("370400440532013004", "000333333335", "33333335"),
    CURRENCY: ("370400440532013005", "000444444440", "44444440"),
}


def _fingerprint(number: str) -> str:
    """The same for an IBAN of any country: Stripe's test numbers may be given any country's."""
    return sha256(_without_country(number).encode()).hexdigest()[:16]


def _without_country(number: str) -> str:
    return number[4:] if IBAN.match(number) else number


FAILURES = {
    _fingerprint(number): failure for failure, numbers in TEST_NUMBERS.items() for number in numbers
}


def failure_of(bank_account: JsonObject) -> Failure | None:
    """How payouts to this account end, if not well."""
    return FAILURES.get(bank_account["fingerprint"])


def new(account: str, asked: JsonObject, *, currency: str) -> JsonObject:
    """A bank account from its number, country and perhaps currency; refuses what is none."""
    number = re.sub(r"[\s-]", "", str(asked["account_number"])).upper()
    country = str(asked["country"]).upper()
    if not COUNTRY.match(country):
        raise invalid_request(f"Country '{country[:10]}' is unknown.", param="country")
    if not (IBAN.match(number) or PLAIN.match(number)):
        raise _invalid_number()
    routing = asked.get("routing_number", ROUTING.get(country))
    return {
        "id": ids.new("ba"),
        "object": "bank_account",
        "account": account,
        "account_holder_name": asked.get("account_holder_name"),
        "account_holder_type": asked.get("account_holder_type"),
        "account_type": asked.get("account_type"),
        "available_payout_methods": ["standard"],
        "bank_name": "STRIPE TEST BANK",
        "country": country,
        "currency": asked.get("currency", currency),
        "default_for_currency": True,
        "fingerprint": _fingerprint(number),
        "last4": number[-4:],
        "metadata": {},
        "routing_number": None if IBAN.match(number) else routing,
        "status": "new",
    }


def good(account: str, *, country: str, currency: str) -> JsonObject:
    """A bank account that takes every payout."""
    number = GOOD_NUMBERS.get(country, country + GOOD_IBAN[2:])
    return new(account, {"account_number": number, "country": country}, currency=currency)


def of_platform(account: str, currency: str) -> JsonObject:
    """The platform's own, the same at every call; it takes every currency."""
    bank = good(account, country="DE", currency=currency)
    return bank | {"id": f"ba_{account.removeprefix('acct_')}"}


def _invalid_number() -> StripeError:
    return invalid_request(
        "You must use a valid bank account number: an IBAN, or 4 to 20 digits.",
        code="account_number_invalid",
        param="bank_account[account_number]",
    )
