"""A draft of the deadline policy as a form: numbered rows, of which empty ones do not count."""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from back_office.deadline_words import ACTIONS, MOMENTS, PPM, RULED, UNITS, percent
from marketplace.sla.drafting import MOST, ActionDraft, RuleDraft
from marketplace.sla.models import ClockKind
from marketplace.sla.policies import Content
from marketplace.sla.policy_models import ActionKind, Moment, Unit
from marketplace_web.forms import Form

SPARE = 3  # empty rows at the end
LARGEST = 10_000
Row = TypeVar("Row")


def blank(said: Content, *, note: str) -> Form:
    """What a version says, to be changed."""
    values: dict[str, object] = {"note": note}
    for number, rule in enumerate(said.rules, start=1):
        values |= _values(
            f"rule-{number}-", order=number * 10, kind=rule.kind.value, tier=rule.vendor_tier,
            category=rule.category, method=rule.shipping_method, amount=rule.amount,
            unit=rule.unit.value, warn=rule.warn_hours, cut_off=rule.cut_off,
        )  # fmt: skip
    for number, action in enumerate(said.actions, start=1):
        share = None if action.rate_ppm is None else percent(action.rate_ppm)
        values |= _values(
            f"action-{number}-", kind=action.kind.value, moment=action.moment.value,
            after=action.after_hours or None, what=action.action.value, share=share,
            delay=action.delay_hours,
        )  # fmt: skip
    return Form.blank(rules=len(said.rules) + SPARE, actions=len(said.actions) + SPARE, **values)


def counts(form: Form) -> tuple[range, range]:
    """The numbers of the rows that the form has."""
    rules, actions = (_count(form, name) for name in ("rules", "actions"))
    return range(1, rules + 1), range(1, actions + 1)


def rules(form: Form) -> list[RuleDraft]:
    """In the order that their numbers ask for; mistakes are noted beside their fields."""
    numbers, _ = counts(form)
    rows = [
        (form.integer(f"rule-{n}-order", minimum=0, maximum=LARGEST, empty=LARGEST), n, row)
        for n in numbers
        if (row := _filled(form, f"rule-{n}-", _rule)) is not None
    ]
    return [row for *_, row in sorted(rows, key=lambda item: item[:2])]


def actions(form: Form) -> list[ActionDraft]:
    _, numbers = counts(form)
    rows = (_filled(form, f"action-{n}-", _action) for n in numbers)
    return [row for row in rows if row is not None]


def _filled(form: Form, prefix: str, read: Callable[[Form, str], Row]) -> Row | None:
    return read(form, prefix) if form.value(f"{prefix}kind") else None


def _rule(form: Form, prefix: str) -> RuleDraft:
    return RuleDraft(
        kind=ClockKind(_word(form, f"{prefix}kind", RULED)),
        vendor_tier=form.text(f"{prefix}tier", required=False, longest=20).lower() or None,
        category=form.text(f"{prefix}category", required=False, longest=60) or None,
        shipping_method=form.text(f"{prefix}method", required=False, longest=20) or None,
        amount=form.integer(f"{prefix}amount", minimum=1, maximum=LARGEST),
        unit=Unit(_word(form, f"{prefix}unit", UNITS)),
        warn_hours=form.integer(f"{prefix}warn", minimum=0, maximum=240, empty=0),
        cut_off=form.text(f"{prefix}cut_off", required=False, longest=5) or None,
    )


def _action(form: Form, prefix: str) -> ActionDraft:
    delay = form.integer(f"{prefix}delay", minimum=0, maximum=LARGEST, empty=0)
    return ActionDraft(
        kind=ClockKind(_word(form, f"{prefix}kind", RULED)),
        moment=Moment(_word(form, f"{prefix}moment", MOMENTS)),
        action=ActionKind(_word(form, f"{prefix}what", ACTIONS)),
        after_hours=form.integer(f"{prefix}after", minimum=0, maximum=LARGEST, empty=0),
        rate_ppm=_share(form, f"{prefix}share"),
        delay_hours=delay or None,
    )


def _word(form: Form, name: str, pairs: list[tuple[str, str]]) -> str:
    """The chosen one; the first stands in for what was refused, so that reading can go on."""
    chosen = form.choice(name, [value for value, _ in pairs])
    return chosen if chosen in dict(pairs) else pairs[0][0]


def _share(form: Form, name: str) -> int | None:
    """Per cent as millionths."""
    text = form.text(name, required=False, longest=8).replace(",", ".")
    if not text:
        return None
    try:
        ppm = Decimal(text) * PPM
    except InvalidOperation:
        ppm = Decimal("0.5")
    if ppm != ppm.to_integral_value() or not 1 <= ppm <= 100 * PPM:
        form.refuse(name, "Type per cent, such as 2.5.")
        return None
    return int(ppm)


def _values(prefix: str, **values: object) -> dict[str, object]:
    return {f"{prefix}{name}": value for name, value in values.items() if value is not None}


def _count(form: Form, name: str) -> int:
    text = form.value(name)
    return min(int(text), MOST + SPARE) if text.isascii() and text.isdigit() else SPARE
