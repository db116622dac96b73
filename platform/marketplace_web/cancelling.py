"""Cancelling units, the same on every face: choose, look what it gives back, then do it."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request

from marketplace.kit.errors import DomainError, Forbidden, NotFound
from marketplace.kit.money import Money
from marketplace.kit.principal import Principal
from marketplace.orders import calling_off
from marketplace.orders.calling_off import Plan, RefundChanged
from marketplace.orders.errors import NothingToDo
from marketplace_web.forms import Form

LARGEST_REFUND = 10**12


@dataclass(frozen=True, slots=True)
class Row:
    """A line that may be cancelled, and how many units of it at most."""

    line_id: UUID
    name: str
    vendor: str
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the page shows: `plan` once somebody has looked; `is_done` once it is cancelled."""

    form: Form
    rows: Sequence[Row]
    plan: Plan | None = None
    is_done: bool = False

    @property
    def shipping(self) -> Money | None:
        if self.plan is None:
            return None
        minor = sum(part.shipping_minor for part in self.plan.parts)
        return Money(minor, self.plan.currency) if minor else None


async def blank(
    *, principal: Principal, order_id: UUID, names: Mapping[UUID, tuple[str, str]]
) -> Asked:
    """All that may still be cancelled, filled in; `names` are line and vendor by line."""
    rows: list[Row] = []
    with suppress(NothingToDo):
        plan = await calling_off.preview(principal=principal, order_id=order_id)
        for part in plan.parts:
            rows += [
                Row(line_id, *names[line_id], most)
                for line_id, most in part.units.items()
                if line_id in names
            ]
    form = Form.blank(**{f"cancel-{row.line_id}": row.most for row in rows})
    return Asked(form=form, rows=rows)


async def posted(
    request: Request,
    *,
    principal: Principal,
    order_id: UUID,
    names: Mapping[UUID, tuple[str, str]],
    reasons: Mapping[str, str] | None = None,
    ends: Collection[str] | None = None,
) -> Asked:
    """Look, or do it: what was looked at is what is done, or nothing is.

    With `ends`, units go to another seller first unless the reason is one of these.
    """
    rows = (await blank(principal=principal, order_id=order_id, names=names)).rows
    form = await Form.read(request)
    units = {
        line_id: count
        for line_id in names
        if (count := form.integer(f"cancel-{line_id}", minimum=0, maximum=999_999, empty=0))
    }
    reason = _reason(form, reasons)
    elsewhere_first = ends is not None and form.value("reason") not in ends
    if form.errors:
        return Asked(form=form, rows=rows)
    try:
        if form.value("step") == "cancel":
            seen = form.integer("refund", minimum=0, maximum=LARGEST_REFUND)
            await calling_off.cancel(
                principal=principal, order_id=order_id, units=units, reason=reason,
                key=str(form.token), now=request.state.now,
                expected_refund=Money(seen, form.value("currency")),
                elsewhere_first=elsewhere_first,
            )  # fmt: skip
            return Asked(form=form, rows=rows, is_done=True)
        plan = await calling_off.preview(principal=principal, order_id=order_id, units=units)
        return Asked(form=form, rows=rows, plan=plan)
    except (Forbidden, NotFound):
        raise
    except RefundChanged as changed:
        form.refuse("", changed.message)
        plan = await calling_off.preview(principal=principal, order_id=order_id, units=units)
        return Asked(form=form, rows=rows, plan=plan)
    except DomainError as refusal:
        form.refuse("", refusal.message)
        return Asked(form=form, rows=rows)


def _reason(form: Form, reasons: Mapping[str, str] | None) -> str:
    """In words: one of the list with a few of one's own, or one's own alone."""
    words = form.text("words", required=reasons is None, longest=120)
    if reasons is None:
        return words
    code = form.choice("reason", reasons)
    listed = reasons.get(code, "")
    return f"{listed}: {words}" if words else listed
