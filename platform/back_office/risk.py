"""The rules of risk: what is in force, a draft to try on past orders, and putting it in force."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from back_office.face import office_page
from back_office.hold_words import OUTCOMES, RULES
from marketplace.kit.errors import IllegalMove, InvalidInput, NotFound
from marketplace.kit.money import EXPONENTS, Money
from marketplace.risk import drafting, rule_sets
from marketplace.risk.drafting import BY_AMOUNT, BY_PACE, EDITORS, LONGEST_HOURS, Draft
from marketplace.risk.models import RuleKind, RuleSetState
from marketplace.risk.rule_sets import Content, Said
from marketplace.risk.scoring import Rule, Rules
from marketplace_web.flashing import see_other
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of

HOME = "/back-office/risk"
SAVED = "The draft is kept. Nothing is in force by it yet."
ACTIVE = "The rules are in force for every order that is paid from now on."
GONE = "The draft is thrown away."
OVERTAKEN = "Somebody else has changed the draft meanwhile."
EMPTY_ROWS = 3  # below the rules that are there
MOST_ROWS = 30
TRIED = 100  # past orders


async def index(request: Request) -> Response:
    return await _page(request, None)


async def back(request: Request) -> Response:
    return RedirectResponse(HOME, status_code=303)


async def save(request: Request) -> Response:
    form = await Form.read(request)
    rules = [rule for row in range(MOST_ROWS) if (rule := _rule(form, row)) is not None]
    limits = {
        name: form.integer(name, minimum=1, maximum=100_000)
        for name in ("review_from", "reject_from")
    }
    draft = Draft(Rules(**limits, rules=rules), form.text("note"))
    if form.errors:
        return await _page(request, form, status_code=422)
    try:
        await drafting.save(principal=principal_of(request), draft=draft, now=request.state.now)
    except InvalidInput as refused:
        form.refuse("", refused.message)
        return await _page(request, form, status_code=422)
    return see_other(request, HOME, notice=SAVED)


async def activate(request: Request) -> Response:
    try:
        await drafting.activate(
            principal=principal_of(request), version_id=request.path_params["version_id"],
            now=request.state.now,
        )  # fmt: skip
    except (IllegalMove, NotFound):
        return see_other(request, HOME, notice=OVERTAKEN, tone="warn")
    return see_other(request, HOME, notice=ACTIVE)


async def discard(request: Request) -> Response:
    try:
        await drafting.discard(
            principal=principal_of(request), version_id=request.path_params["version_id"]
        )
    except NotFound:
        return see_other(request, HOME, notice=OVERTAKEN, tone="warn")
    return see_other(request, HOME, notice=GONE, tone="info")


async def _page(request: Request, form: Form | None, *, status_code: int = 200) -> Response:
    principal = principal_of(request)
    active = await rule_sets.content(principal=principal)
    versions = await rule_sets.versions(principal=principal)
    draft_id = next((one.id for one in versions if one.state is RuleSetState.DRAFT), None)
    draft = None
    said: Sequence[Said] = ()
    if draft_id is not None:
        draft = await rule_sets.content(principal=principal, version_id=draft_id)
        said = await rule_sets.would_have_said(principal=principal, version_id=draft_id, last=TRIED)
    shown = form or _filled(draft or active)
    return await office_page(
        request,
        "back_office/risk.html",
        status_code=status_code,
        active=active,
        draft=draft,
        versions=versions,
        said=[one for one in said if one.judgement.hits],
        counts={
            outcome: sum(1 for one in said if one.judgement.outcome is outcome)
            for outcome in OUTCOMES
        },
        tried=len(said),
        outcomes=OUTCOMES,
        rule_words=RULES,
        rows=_rows(shown),
        form=shown,
        may_edit=bool(principal.roles & EDITORS),
    )


def _rule(form: Form, row: int) -> Rule | None:
    """A row without a kind is no rule: that is how one is taken away."""
    kind = form.choice(f"kind-{row}", [kind.value for kind in RuleKind], required=False)
    if not kind:
        return None
    wanted = RuleKind(kind)
    score = form.integer(f"score-{row}", minimum=1, maximum=drafting.MOST_POINTS)
    amount = currency = orders = hours = None
    if wanted in BY_AMOUNT:
        currency = form.text(f"currency-{row}", longest=3).upper()
        if currency in EXPONENTS:
            amount = form.minor_units(f"amount-{row}", currency)
        else:
            form.refuse(f"currency-{row}", "Please enter a currency such as EUR.")
    if wanted in BY_PACE:
        orders = form.integer(f"orders-{row}", minimum=1, maximum=100)
        hours = form.integer(f"hours-{row}", minimum=1, maximum=LONGEST_HOURS)
    return Rule(
        position=row + 1, kind=wanted, score=score, amount_minor=amount,
        currency=currency, orders=orders, hours=hours,
    )  # fmt: skip


def _filled(content: Content) -> Form:
    """The form with what a version says; its note is for the next one to write."""
    typed: dict[str, object] = {
        "review_from": content.rules.review_from,
        "reject_from": content.rules.reject_from,
        "note": content.version.note if content.version.state is RuleSetState.DRAFT else "",
    }
    for row, rule in enumerate(content.rules.rules):
        typed |= {f"kind-{row}": rule.kind, f"score-{row}": rule.score}
        if rule.amount_minor is not None and rule.currency is not None:
            typed[f"amount-{row}"] = Money(rule.amount_minor, rule.currency).amount
            typed[f"currency-{row}"] = rule.currency
        if rule.orders is not None and rule.hours is not None:
            typed |= {f"orders-{row}": rule.orders, f"hours-{row}": rule.hours}
    return Form.blank(**typed)


def _rows(form: Form) -> int:
    used = [row for row in range(MOST_ROWS) if form.value(f"kind-{row}")]
    return min(MOST_ROWS, (used[-1] + 1 if used else 0) + EMPTY_ROWS)
