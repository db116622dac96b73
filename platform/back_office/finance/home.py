"""What finance has to decide today, and whether the books and the cash are in order."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from back_office.face import office_page
from marketplace.kit.money import Money
from marketplace_web.sessions import principal_of
from settlement import agenda
from settlement.agenda import Agenda, Count
from settlement.reconciliation.run_models import Severity

FINANCE = "/back-office/finance"
BREAKS = f"{FINANCE}/reconciliation"
TONES = {Severity.HIGH: "bad", Severity.MEDIUM: "warn", Severity.LOW: ""}


@dataclass(frozen=True, slots=True)
class Card:
    """A number that wants somebody, and the way to where it is worked on."""

    label: str
    number: int
    href: str
    hint: str = ""
    tone: str = ""


async def show(request: Request) -> Response:
    found = await agenda.today(principal=principal_of(request), now=request.state.now)
    return await office_page(
        request,
        "back_office/finance/home.html",
        agenda=found,
        cards=[card for card in _cards(found) if card.number],
        wrong=[Money(minor, currency) for currency, minor in found.trial_balance.items() if minor],
    )


def _cards(found: Agenda) -> list[Card]:
    due = found.disputes_due_soon
    return [
        _to_decide("Batches to approve", found.batches, f"{FINANCE}/payouts?state=draft"),
        _to_decide("Remedies to approve", found.remedies, f"{BREAKS}?state=proposed"),
        _to_decide(
            "Adjustments to approve", found.adjustments, f"{FINANCE}/adjustments?state=proposed"
        ),
        *(_breaks(each.severity, each.number, each.oldest_days) for each in found.breaks),
        Card(
            "Payouts that failed", found.failed_payouts, f"{FINANCE}/payouts",
            "Failed, or sent back by the bank", "bad",
        ),
        Card(
            "Vendors below zero", found.negative_vendors, f"{FINANCE}/vendors?standing=negative",
            "Nothing is paid to them until it is made good", "warn",
        ),
        Card(
            "Disputes to answer", found.disputes, f"{FINANCE}/disputes?state=needs_response",
            f"{due} due within a week" if due else "", "bad" if due else "warn",
        ),
        Card(
            "Refunds to send again", found.failed_refunds, f"{FINANCE}/refunds",
            "The provider could not pay them back", "bad",
        ),
        Card(
            "News set aside", found.news_set_aside, "/back-office/set-aside",
            "The books have not heard all of it", "bad",
        ),
    ]  # fmt: skip


def _to_decide(label: str, count: Count, href: str) -> Card:
    hint = f"{count.for_me} for you" if count.for_me else "Somebody else decides"
    return Card(label, count.all, href, hint, "warn" if count.for_me else "")


def _breaks(severity: Severity, number: int, oldest: int) -> Card:
    days = "1 business day" if oldest == 1 else f"{oldest} business days"
    return Card(
        f"Breaks, {severity}", number, f"{BREAKS}?severity={severity}", f"Oldest: {days}",
        TONES[severity],
    )  # fmt: skip
