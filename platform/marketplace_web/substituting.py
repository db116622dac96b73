"""Offering something else instead, the same for a seller and for staff who act for it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from starlette.requests import Request

from marketplace.kit.errors import DomainError, Forbidden, IllegalMove, InvalidInput, NotFound
from marketplace.kit.principal import Principal
from marketplace.orders import substituting, substitution_queries
from marketplace.orders.errors import TooManyUnits
from marketplace.orders.substitution_models import Substitution
from marketplace_web.forms import Form

MOST_UNITS = 999_999
Choices = Sequence[tuple[UUID, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the page shows: lines to replace, what there is instead, and what was offered before."""

    form: Form
    lines: Choices
    offers: Choices
    proposed: Sequence[Substitution]
    is_done: bool = False


async def blank(*, principal: Principal, sub_order_id: UUID, lines: Choices) -> Asked:
    """`lines` are those that may be replaced, with their names."""
    return await _asked(Form.blank(units=1), principal, sub_order_id, lines)


async def posted(
    request: Request, *, principal: Principal, sub_order_id: UUID, lines: Choices
) -> Asked:
    """Ask the customer; what was refused stands on the form."""
    form = await Form.read(request)
    there = await _asked(form, principal, sub_order_id, lines)
    line_id = form.choice("line", [str(line_id) for line_id, _ in lines])
    offer_id = form.choice("offer", [str(offer_id) for offer_id, _ in there.offers])
    units = form.integer("units", minimum=1, maximum=MOST_UNITS)
    note = form.text("note", required=False, longest=substituting.LONGEST_NOTE)
    if form.errors:
        return there
    try:
        await substituting.propose(
            principal=principal, sub_order_id=sub_order_id, line_id=UUID(line_id),
            offer_id=UUID(offer_id), units=units, note=note, now=request.state.now,
        )  # fmt: skip
    except (Forbidden, NotFound):
        raise
    except DomainError as refusal:
        form.refuse(_field_of(refusal), refusal.message)
        return there
    return replace(there, is_done=True)


def _field_of(refusal: DomainError) -> str:
    match refusal:
        case TooManyUnits():
            return "units"
        case InvalidInput(name=name):
            return name
        case _:
            return ""


async def withdrawn(request: Request, *, principal: Principal, order_id: UUID) -> bool:
    """Taken back; False where the customer was faster. Another order's is not there (NotFound)."""
    try:
        await substituting.withdraw(
            principal=principal, substitution_id=request.path_params["substitution_id"],
            order_id=order_id, now=request.state.now,
        )  # fmt: skip
    except IllegalMove:
        return False
    return True


async def _asked(form: Form, principal: Principal, sub_order_id: UUID, lines: Choices) -> Asked:
    offers = await substitution_queries.offers(principal=principal, sub_order_id=sub_order_id)
    return Asked(
        form=form,
        lines=lines,
        offers=[(offer.id, f"{offer.name}, {offer.available} in stock") for offer in offers],
        proposed=await substitution_queries.of_sub_order(
            principal=principal, sub_order_id=sub_order_id
        ),
    )
