"""Propose an adjustment: one kind, with the fields that this kind needs and no others."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from back_office.finance.acting import BASE, finance_page
from back_office.finance.adjustment_words import FROM_ELSEWHERE, KINDS
from marketplace.kit.errors import DomainError, Forbidden, InvalidInput, NotFound
from marketplace.kit.money import EXPONENTS
from marketplace_web.flashing import see_other
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of
from settlement import access, chart
from settlement.adjustments import proposing
from settlement.adjustments.models import AdjustmentKind
from settlement.adjustments.templates import CLEARS_TO
from settlement.disputes import queries
from settlement.payouts import vendor_lists

PROPOSED = "It is proposed. Somebody else has to approve it before it is booked."
NO_VENDOR = "No vendor has this code. You find the codes in the list of vendors."
NO_AMOUNT = "Please enter an amount."
TAKEN = frozenset({AdjustmentKind.REVERSAL, AdjustmentKind.REFUND_PAID_OTHERWISE})
FIELDS = {"date": "effective_date", "other amount": "amount_to"}


@dataclass(frozen=True, slots=True)
class Needed:
    """Which fields a kind asks for; `thing` is what it is proposed from, by its id."""

    kind: AdjustmentKind

    @property
    def thing(self) -> str | None:
        return FROM_ELSEWHERE.get(self.kind)

    @property
    def vendor(self) -> bool:
        return self.kind in proposing.OF_VENDOR

    @property
    def amount(self) -> bool:
        return self.kind not in TAKEN

    @property
    def exchange(self) -> bool:
        return self.kind is AdjustmentKind.CURRENCY_EXCHANGE

    @property
    def account(self) -> bool:
        return self.kind is AdjustmentKind.SUSPENSE_CLEARED

    @property
    def reference(self) -> bool:
        return self.kind in proposing.BY_BANK

    @property
    def signed(self) -> bool:
        return self.kind in proposing.SIGNED


async def show(request: Request) -> Response:
    """A form for one kind; what it is about may come with the address."""
    asked = request.query_params
    if asked.get("kind", "") not in set(AdjustmentKind):
        return RedirectResponse(f"{BASE}/adjustments", status_code=303)
    needed = Needed(AdjustmentKind(asked["kind"]))
    if needed.thing and not asked.get(needed.thing):
        raise InvalidInput(needed.thing, "it is missing", f"the page of the {needed.thing}")
    return await _page(request, needed, await _prefilled(request, needed))


async def create(request: Request) -> Response:
    principal, form = principal_of(request), await Form.read(request)
    kind = form.choice("kind", AdjustmentKind)
    if not kind:
        return RedirectResponse(f"{BASE}/adjustments", status_code=303)
    needed = Needed(AdjustmentKind(kind))
    currency = form.choice("currency", EXPONENTS) if needed.amount else ""
    currency_to = form.choice("currency_to", EXPONENTS) if needed.exchange else ""
    amount = _amount(form, "amount", currency, is_signed=needed.signed)
    amount_to = _amount(form, "amount_to", currency_to)
    account = form.choice("account", CLEARS_TO) if needed.account else ""
    reference = form.text("reference", required=needed.reference, longest=120)
    note, day = form.text("note"), _day(form)
    vendor_id = await _vendor(request, form) if needed.vendor else None
    thing = _thing(form, needed)
    if form.errors:
        return await _page(request, needed, form, status_code=422)
    try:
        adjustment_id = await proposing.propose(
            principal=principal, kind=needed.kind, note=note, key=str(form.token),
            now=request.state.now, vendor_id=vendor_id, currency=currency or None,
            amount_minor=amount, currency_to=currency_to or None, amount_to_minor=amount_to,
            account=account or None, reference=reference or None, effective_date=day,
            refund_id=thing if needed.thing == "refund" else None,
            dispute_id=thing if needed.thing == "dispute" else None,
            reverses_id=thing if needed.thing == "posting" else None,
        )  # fmt: skip
    except (Forbidden, NotFound):
        raise
    except InvalidInput as refusal:
        field = FIELDS.get(refusal.name, refusal.name)
        form.refuse(field, f"Please enter {refusal.accepts}: {refusal.problem}.")
        return await _page(request, needed, form, status_code=422)
    except DomainError as refusal:
        form.refuse("amount" if needed.amount else "", refusal.message)
        return await _page(request, needed, form, status_code=409)
    return see_other(request, f"{BASE}/adjustments/{adjustment_id}", notice=PROPOSED)


async def _prefilled(request: Request, needed: Needed) -> Form:
    """What the address says, as far as the form would take it: the rest is left to be typed."""
    asked = Form({name: [value] for name, value in request.query_params.items()})
    given: dict[str, object] = {}
    if needed.thing:
        given[needed.thing] = thing = _thing(asked, needed)
        if needed.thing == "dispute" and thing:
            await queries.find(principal=principal_of(request), dispute_id=thing)
    if needed.vendor and await _vendor(request, asked) is not None:
        given["vendor"] = asked.value("vendor")
    currency = asked.value("currency")
    if needed.amount and currency in EXPONENTS:
        given["currency"] = currency
        if _amount(asked, "amount", currency) and not asked.error("amount"):
            given["amount"] = asked.value("amount")
    return Form.blank(**given)


async def _page(
    request: Request, needed: Needed, form: Form, *, status_code: int = 200
) -> Response:
    access.check_accountant(principal_of(request), "propose an adjustment")
    return await finance_page(
        request,
        "proposal.html",
        status_code=status_code,
        needed=needed,
        words=KINDS[needed.kind],
        currencies=[(code, code) for code in EXPONENTS],
        accounts=[(code, f"{code} {chart.NAMES[code]}") for code in sorted(CLEARS_TO)],
        form=form,
    )


def _amount(form: Form, name: str, currency: str, *, is_signed: bool = False) -> int | None:
    """Minor units; a minus sign counts where the kind takes one."""
    if not currency:
        return None
    typed = form.value(name).strip()
    is_below = is_signed and typed.startswith("-")
    unsigned = Form({name: [typed[1:] if is_below else typed]})
    minor = unsigned.minor_units(name, currency)
    if unsigned.errors or minor == 0:
        form.refuse(name, unsigned.error(name) or NO_AMOUNT)
    return -minor if is_below else minor


def _day(form: Form) -> date | None:
    typed = form.value("effective_date").strip()
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        form.refuse("effective_date", "Please enter a day such as 2026-11-30.")
        return None


async def _vendor(request: Request, form: Form) -> UUID | None:
    code = form.text("vendor", longest=40)
    if not code:
        return None
    found = await vendor_lists.vendors(principal=principal_of(request), search=code)
    exact = [vendor.id for vendor in found if vendor.code.lower() == code.lower()]
    if not exact:
        form.refuse("vendor", NO_VENDOR)
        return None
    return exact[0]


def _thing(form: Form, needed: Needed) -> UUID | None:
    """What the form was opened from; it is on the page, not typed."""
    if needed.thing is None:
        return None
    try:
        return UUID(form.value(needed.thing))
    except ValueError:
        raise NotFound(needed.thing) from None
