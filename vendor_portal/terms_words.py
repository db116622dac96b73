"""What is agreed about a vendor's money, and what the payment provider asks for, in words."""

from collections.abc import Sequence
from decimal import Decimal

from marketplace.kit.money import Money
from settlement.terms.models import Schedule, SettlementTerms

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# The provider's dotted names, by the part that says what is meant.
_ASKED = {
    "external_account": "Your bank account",
    "tos_acceptance": "Your agreement to the provider's terms",
    "dob": "Date of birth",
    "address": "Address",
    "first_name": "First name",
    "last_name": "Last name",
    "email": "E-mail address",
    "phone": "Phone number",
    "id_number": "Number of an identity document",
    "ssn_last_4": "Last four digits of the social security number",
    "verification": "A document that shows who you are",
    "tax_id": "Tax number",
    "name": "Name of the business",
    "structure": "Form of the business",
    "business_type": "Kind of business",
    "mcc": "What the business sells",
    "url": "Website of the business",
    "product_description": "What the business sells",
    "owners_provided": "Who owns the business",
    "directors_provided": "Who directs the business",
}


def terms_in_words(terms: SettlementTerms) -> list[tuple[str, str]]:
    """Pairs of what it is about and what is agreed."""
    minimums = ", ".join(str(Money(minor, code)) for code, minor in terms.minimums.items() if minor)
    undelivered = _days(terms.undelivered_days)
    return [
        (
            "Becomes available",
            f"{_days(terms.maturity_days, 'working day')} after delivery. A parcel that nobody "
            f"reports as delivered counts as delivered {undelivered} after shipping.",
        ),
        ("Reserve", _reserve(terms)),
        ("Payouts", schedule_in_words(terms.schedule, terms.schedule_days)),
        ("Smallest payout", minimums or "None: any amount is paid."),
        ("New bank account", _cooling(terms)),
    ]


def schedule_in_words(schedule: Schedule, days: Sequence[int]) -> str:
    match schedule:
        case Schedule.DAILY:
            return "Every day."
        case Schedule.WEEKLY:
            return f"Every {_listed([_WEEKDAYS[day - 1] for day in days])}."
        case Schedule.MONTH_DAYS:
            named = _listed([_ordinal(day) for day in days])
            return f"On the {named} of the month, or on its last day where it is shorter."
        case Schedule.ON_DEMAND:
            return "Whenever you ask."


def asked_for(requirements: Sequence[str]) -> list[str]:
    """What the provider wants to know: "individual.dob.day" is a part of a date of birth."""
    found = []
    for requirement in requirements:
        parts = requirement.split(".")
        known = next((_ASKED[part] for part in parts if part in _ASKED), None)
        found.append(known or requirement.replace(".", ": ").replace("_", " ").capitalize())
    return list(dict.fromkeys(found))


def _reserve(terms: SettlementTerms) -> str:
    if terms.reserve_bps == 0:
        return "None."
    percent = f"{Decimal(terms.reserve_bps).scaleb(-2).normalize():f}"
    return f"{percent} % of each earning is kept for {_days(terms.reserve_days)}, for refunds."


def _cooling(terms: SettlementTerms) -> str:
    if terms.bank_cooling_days == 0:
        return "Paid to at once."
    return f"Payouts rest for {_days(terms.bank_cooling_days)} after a change, to keep you safe."


def _days(count: int, what: str = "day") -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _listed(words: Sequence[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def _ordinal(day: int) -> str:
    endings = {1: "st", 2: "nd", 3: "rd"}
    return f"{day}{'th' if 10 < day < 14 else endings.get(day % 10, 'th')}"
