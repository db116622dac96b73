"""The limits as a form: a row for each metric, of which empty ones are not judged."""

import re

from marketplace.scorecards import wording
from marketplace.scorecards.judging import Line
from marketplace.scorecards.limit_drafting import MOST, MOST_CASES
from marketplace.scorecards.limits import Content
from marketplace.scorecards.metrics import WINDOWS, Metric, Unit
from marketplace_web.forms import Form

PER_CENT = re.compile(r"([0-9]{1,3})(?:[.,]([0-9]{1,2}))?\s*%?")
HOURS = re.compile(r"([0-9]{1,4})(?::([0-5][0-9]))?")
DAYS = 30  # a new row's window
SAMPLE = 10  # and smallest sample
NAMES = ("target", "warn", "suspend")


def blank(said: Content, *, note: str) -> Form:
    """What a version says, to be changed."""
    values: dict[str, object] = {"note": note}
    for metric in Metric:
        values |= {f"{metric}-days": DAYS, f"{metric}-sample": SAMPLE}
    for line in said.lines:
        values |= {f"{line.metric}-days": line.window_days}
        values |= {f"{line.metric}-sample": line.minimum_sample}
        for name, amount in zip(NAMES, (line.target, line.warn, line.suspend), strict=True):
            if amount is not None:
                values[f"{line.metric}-{name}"] = typed(line.unit, amount)
    return Form.blank(**values)


def rows() -> list[tuple[str, str, str, str]]:
    """Of each metric: its name, its title, whether a limit is the least or the most, its unit."""
    return [
        (
            metric.value,
            wording.title(metric),
            "at least" if metric.is_wanted_high else "at most",
            "%" if metric.unit is Unit.BASIS_POINTS else "hours",
        )
        for metric in Metric
    ]


def lines(form: Form) -> list[Line]:
    """The metrics that have a target; mistakes are noted beside their fields."""
    return [line for metric in Metric if (line := _line(form, metric)) is not None]


def typed(unit: Unit, amount: int) -> str:
    """An amount as its field has it: 97.5, or 26:30."""
    if unit is Unit.BASIS_POINTS:
        whole, rest = divmod(amount, 100)
        return f"{whole}.{rest:02d}".rstrip("0").rstrip(".")
    hours, minutes = divmod(amount, 60)
    return f"{hours}:{minutes:02d}" if minutes else str(hours)


def _line(form: Form, metric: Metric) -> Line | None:
    target, warn, suspend = (_amount(form, f"{metric}-{name}", metric.unit) for name in NAMES)
    if target is None:
        if warn is not None or suspend is not None:
            form.refuse(f"{metric}-target", "Please enter a target too.")
        return None
    days = form.choice(f"{metric}-days", [str(one) for one in WINDOWS])
    sample = form.integer(f"{metric}-sample", minimum=1, maximum=MOST_CASES)
    return Line(
        metric=metric.value, unit=metric.unit, at_least=metric.is_wanted_high, target=target,
        warn=warn, suspend=suspend, window_days=int(days or DAYS), minimum_sample=sample,
    )  # fmt: skip


def _amount(form: Form, name: str, unit: Unit) -> int | None:
    """Empty is none; what cannot be read is noted."""
    text = form.text(name, required=False, longest=12)
    if not text:
        return None
    is_rate = unit is Unit.BASIS_POINTS
    found = (PER_CENT if is_rate else HOURS).fullmatch(text)
    if found is None:
        example = "97.5" if is_rate else "26:30"
        form.refuse(name, f"Please type {'per cent' if is_rate else 'hours'}, such as {example}.")
        return None
    whole, rest = int(found[1]), found[2] or ""
    amount = whole * 100 + int(rest.ljust(2, "0")) if is_rate else whole * 60 + int(rest or 0)
    if amount > MOST[unit]:
        form.refuse(name, f"Please type at most {typed(unit, MOST[unit])}.")
        return None
    return amount
