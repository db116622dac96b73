"""Disputes: which want an answer, one with its money, and the answer."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from back_office.finance.acting import BASE, answer, finance_page, happenings, searched
from back_office.finance.asked import one_of
from back_office.finance.money_words import LIABLE
from marketplace.kit.errors import DomainError, Forbidden, InvalidInput, NotFound
from marketplace_web.flashing import see_other
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of
from settlement.adjustments.models import AdjustmentKind
from settlement.disputes import answering, queries
from settlement.disputes.models import DisputeState, Liable
from settlement.disputes.queries import WholeDispute
from settlement.disputes.states import OPEN

SENT = "The answer is on its way to the bank. It takes one, so this was it."
ACCEPTED = "The dispute is accepted. The bank keeps the money."
BORNE = "It is kept who bears it if it is lost."
EMPTY = "Please say something: the bank reads what you write here."
LABELS = {
    "product_description": "What was bought",
    "customer_name": "Customer's name",
    "customer_email_address": "Customer's e-mail",
    "shipping_carrier": "Carrier",
    "shipping_date": "Shipped on",
    "shipping_tracking_number": "Tracking number",
    "shipping_address": "Shipped to",
    "service_date": "Service given on",
    "refund_policy_disclosure": "How our refund policy was shown",
    "refund_refusal_explanation": "Why there is no refund",
    "duplicate_charge_explanation": "Why it is no duplicate",
    "access_activity_log": "What the customer did with it",
    "uncategorized_text": "Anything else",
}
LONG = frozenset({
    "product_description", "refund_policy_disclosure", "refund_refusal_explanation",
    "duplicate_charge_explanation", "access_activity_log", "uncategorized_text",
})  # fmt: skip


async def index(request: Request) -> Response:
    search = searched(request)
    typed = one_of("state", request.query_params.get("state", ""), DisputeState)
    rows = await queries.disputes(
        principal=principal_of(request), search=search,
        state=DisputeState(typed) if typed else None,
    )  # fmt: skip
    return await finance_page(
        request,
        "disputes.html",
        disputes=rows,
        most=queries.MOST,
        states=[(each.value, each.value.replace("_", " ").capitalize()) for each in DisputeState],
        is_filtered=bool(search or typed),
    )


async def show(request: Request) -> Response:
    return await _page(request, Form.blank())


async def submit(request: Request) -> Response:
    form = await Form.read(request)
    said = {
        name: form.text(name, required=False, longest=answering.LONGEST)
        for name in answering.FIELDS
    }
    if form.errors:
        return await _page(request, form, status_code=422)
    try:
        await answering.submit(
            principal=principal_of(request), dispute_id=request.path_params["dispute_id"],
            evidence=said, now=request.state.now,
        )  # fmt: skip
    except (Forbidden, NotFound):
        raise
    except InvalidInput:
        form.refuse("uncategorized_text", EMPTY)
        return await _page(request, form, status_code=422)
    except DomainError as refusal:
        return see_other(request, _address(request), notice=refusal.message, tone="info")
    return see_other(request, _address(request), notice=SENT)


async def accept(request: Request) -> Response:
    doing = answering.accept(
        principal=principal_of(request), dispute_id=request.path_params["dispute_id"],
        now=request.state.now,
    )  # fmt: skip
    return await answer(request, _address(request), doing, notice=ACCEPTED)


async def make_liable(request: Request) -> Response:
    form = await Form.read(request)
    liable = form.choice("liable", Liable)
    if not liable:
        return await _page(request, form, status_code=422)
    doing = answering.make_liable(
        principal=principal_of(request), dispute_id=request.path_params["dispute_id"],
        liable=Liable(liable), now=request.state.now,
    )  # fmt: skip
    return await answer(request, _address(request), doing, notice=BORNE)


async def _page(request: Request, form: Form, *, status_code: int = 200) -> Response:
    principal = principal_of(request)
    whole = await queries.find(principal=principal, dispute_id=request.path_params["dispute_id"])
    return await finance_page(
        request,
        "dispute.html",
        status_code=status_code,
        whole=whole,
        dispute=whole.dispute,
        story=happenings(whole.story),
        is_open=whole.dispute.state in OPEN,
        may_answer=bool(principal.roles & answering.ANSWERERS),
        labels=LABELS,
        long=LONG,
        fields=answering.FIELDS,
        said=[(LABELS[name], text) for name, text in whole.dispute.evidence.items()],
        liable_choices=[(each.value, words) for each, words in LIABLE.items()],
        liable=LIABLE[whole.dispute.liable],
        recharges=_recharges(whole),
        liable_form=Form.blank(liable=whole.dispute.liable.value),
        form=form,
    )


def _recharges(whole: WholeDispute) -> list[tuple[str, str]]:
    """Where its fee is proposed to be charged on, by the vendors it is about."""
    if not whole.fee.minor:
        return []
    about = {
        "kind": AdjustmentKind.DISPUTE_FEE_RECHARGE.value, "dispute": whole.dispute.id,
        "currency": whole.fee.currency, "amount": whole.fee.amount,
    }  # fmt: skip
    vendors = {share.vendor_code: share.vendor_name for share in whole.shares}
    return [
        (name, f"{BASE}/adjustments/new?{urlencode({**about, 'vendor': code})}")
        for code, name in vendors.items()
    ]


def _address(request: Request) -> str:
    return f"{BASE}/disputes/{request.path_params['dispute_id']}"
