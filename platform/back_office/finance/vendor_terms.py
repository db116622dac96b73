"""What is agreed with one vendor about its money: every version, and a form for the next."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from back_office.finance.acting import BASE, finance_page
from back_office.finance.terms_words import SCHEDULES, WEEKDAYS, percent, schedule_in_words
from marketplace.kit.errors import InvalidInput
from marketplace.kit.idempotency import KeyReused
from marketplace.kit.money import EXPONENTS, Money
from marketplace_web.flashing import see_other
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of
from settlement.earnings import queries as earnings
from settlement.payouts import vendor_lists
from settlement.terms import changing, reading
from settlement.terms.changing import Agreed
from settlement.terms.models import Schedule, SettlementTerms

MOST = 10_000  # the operation knows each field's own bounds
WHOLE = ("maturity_days", "undelivered_days", "reserve_days", "bank_cooling_days")
PERCENT = re.compile(r"([0-9]{1,3})(?:\.([0-9]{1,2}))?")
AGREED = "The new terms are kept. What is earned already stays as it was."
ALREADY = "This form was sent before. Please look at the versions below."


async def show(request: Request) -> Response:
    """The form starts with what holds now."""
    vendor_id, principal = request.path_params["vendor_id"], principal_of(request)
    terms = await reading.terms_of(vendor_id, request.state.now, principal=principal)
    return await _page(request, _filled(terms))


async def change(request: Request) -> Response:
    principal, vendor_id = principal_of(request), request.path_params["vendor_id"]
    form = await Form.read(request)
    agreed, note = _agreed(form, await _currencies(request)), form.text("note")
    valid_from = _from(form)
    if form.errors:
        return await _page(request, form, status_code=422)
    try:
        await changing.change(
            principal=principal, vendor_id=vendor_id, agreed=agreed, note=note,
            now=request.state.now, valid_from=valid_from, key=str(form.token),
        )  # fmt: skip
    except InvalidInput as refusal:
        form.refuse(_field_of(refusal.name, agreed.schedule), f"Please enter {refusal.accepts}.")
        return await _page(request, form, status_code=422)
    except KeyReused:
        form.refuse("", ALREADY)
        return await _page(request, form, status_code=409)
    return see_other(request, f"{BASE}/vendors/{vendor_id}/terms", notice=AGREED)


async def _page(request: Request, form: Form, *, status_code: int = 200) -> Response:
    vendor_id, principal = request.path_params["vendor_id"], principal_of(request)
    vendor = await vendor_lists.stops(principal=principal, vendor_id=vendor_id)
    own = await reading.versions(principal=principal, vendor_id=vendor_id)
    everybodys = await reading.versions(principal=principal, vendor_id=None)
    now = await reading.terms_of(vendor_id, request.state.now, principal=principal)
    return await finance_page(
        request,
        "vendor_terms.html",
        status_code=status_code,
        vendor_id=vendor_id,
        vendor=vendor,
        versions=[_shown(each) for each in (*own, *everybodys)],
        in_force=now.id,
        weekdays=list(enumerate(WEEKDAYS, 1)),
        schedules=[(each.value, words) for each, words in SCHEDULES.items()],
        currencies=await _currencies(request),
        all_currencies=[(code, code) for code in EXPONENTS],
        form=form,
    )


async def _currencies(request: Request) -> list[str]:
    """Those that the vendor earns in, and those that have a minimum already."""
    vendor_id, principal = request.path_params["vendor_id"], principal_of(request)
    terms = await reading.terms_of(vendor_id, request.state.now, principal=principal)
    balances = await earnings.balances(principal=principal, vendor_id=vendor_id)
    return sorted({balance.currency for balance in balances} | set(terms.minimums))


def _filled(terms: SettlementTerms) -> Form:
    days = terms.schedule_days
    values = {name: [str(getattr(terms, name))] for name in WHOLE}
    values |= {
        "reserve": [percent(terms.reserve_bps)],
        "schedule": [terms.schedule.value],
        "weekdays": [str(day) for day in days] if terms.schedule is Schedule.WEEKLY else [],
        "month_days": [", ".join(map(str, days)) if terms.schedule is Schedule.MONTH_DAYS else ""],
    }
    for code, minor in terms.minimums.items():
        values[f"minimum-{code}"] = [str(Money(minor, code).amount)]
    return Form(values)


def _agreed(form: Form, currencies: Iterable[str]) -> Agreed:
    whole = {name: form.integer(name, minimum=0, maximum=MOST) for name in WHOLE}
    schedule = form.choice("schedule", Schedule)
    minimums = {code: form.minor_units(f"minimum-{code}", code) for code in currencies}
    another = form.choice("another", EXPONENTS, required=False)
    if another:
        minimums[another] = form.minor_units("minimum", another)
    return Agreed(
        reserve_bps=_bps(form),
        schedule=Schedule(schedule or Schedule.DAILY),
        schedule_days=_days(form, schedule),
        minimums={code: minor for code, minor in minimums.items() if minor},
        **whole,
    )


def _bps(form: Form) -> int:
    typed = form.value("reserve").strip().replace(",", ".")
    if not PERCENT.fullmatch(typed):
        form.refuse("reserve", "Please enter a share such as 10 or 7.5.")
        return 0
    return int(Decimal(typed).scaleb(2))


def _days(form: Form, schedule: str) -> list[int]:
    """Those of the schedule that was chosen; the other field does not count."""
    if schedule == Schedule.WEEKLY:
        return sorted({int(day) for day in form.values_of("weekdays") if day in set("1234567")})
    if schedule == Schedule.MONTH_DAYS:
        typed = re.split(r"[\s,;]+", form.value("month_days").strip())
        if all(re.fullmatch(r"[0-9]{1,2}", day) for day in typed):
            return sorted({int(day) for day in typed})
        form.refuse("month_days", "Please enter days such as 1, 15.")
    return []


def _from(form: Form) -> datetime | None:
    typed = form.value("valid_from").strip()
    if not typed:
        return None
    try:
        return datetime.combine(date.fromisoformat(typed), time(), UTC)
    except ValueError:
        form.refuse("valid_from", "Please enter a day such as 2026-11-30.")
        return None


def _field_of(name: str, schedule: Schedule) -> str:
    if name == "schedule_days":
        return "weekdays" if schedule is Schedule.WEEKLY else "month_days"
    return {"reserve_bps": "reserve", "minimums": ""}.get(name, name)


def _shown(terms: SettlementTerms) -> dict[str, object]:
    owner: UUID | None = terms.vendor_id
    return {
        "terms": terms,
        "is_own": owner is not None,
        "reserve": percent(terms.reserve_bps),
        "schedule": schedule_in_words(terms.schedule, terms.schedule_days),
        "minimums": [Money(minor, code) for code, minor in sorted(terms.minimums.items())],
    }
