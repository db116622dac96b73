"""A rule set's document as a form, and back: a row of the table is a row of fields.

Fields are `row-<number>-<name>`; a row that is empty, or ticked to go, is left out.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from marketplace.kit.money import Money
from marketplace.routing.documents import Action, Bearer, Mode
from marketplace.routing.errors import InvalidRules
from marketplace_web.forms import Form

LISTS = ("countries", "postcodes", "categories", "vendors", "locations")
AMOUNTS = ("from_minor", "to_minor")
FIELDS = ("name", *LISTS, *AMOUNTS, "when", "rankers")
MOST_ROWS = 51  # one more than may be kept, so that the refusal says so

MODES = ((Mode.LEXICOGRAPHIC.value, "One after the other"), (Mode.WEIGHTED.value, "Weighted sum"))
BEARERS = ((Bearer.PLATFORM.value, "The marketplace"), (Bearer.VENDOR.value, "The first seller"))
ACTIONS = (
    (Action.PREFER.value, "Prefer"),
    (Action.FORBID.value, "Forbid"),
    (Action.RANK.value, "Rank by"),
)


def filled(name: str, needed_percent: int, document: Mapping[str, Any], *, currency: str) -> Form:
    """What is kept, and one empty row behind the others."""
    rows = document.get("rows", [])
    values: dict[str, object] = {
        "name": name,
        "needed_percent": needed_percent,
        "mode": document.get("mode", Mode.LEXICOGRAPHIC),
        "bearer": document.get("bearer", Bearer.PLATFORM),
        "dearest_percent": document.get("dearest_percent", 20),
        "rankers": _written(document.get("rankers", [])),
        "rows": len(rows) + 1,
    }
    for number, row in enumerate(rows, start=1):
        values |= {f"row-{number}-{field}": ", ".join(row.get(field, [])) for field in LISTS} | {
            f"row-{number}-{field}": Money(row[field], currency).amount
            for field in AMOUNTS
            if row.get(field) is not None
        }
        values[f"row-{number}-name"] = row.get("name", "")
        values[f"row-{number}-action"] = row.get("action", "")
        values[f"row-{number}-when"] = row.get("when", "")
        values[f"row-{number}-rankers"] = _written(row.get("rankers", []))
    return Form.blank(**values)


def rows_of(form: Form) -> list[int]:
    """The numbers of the rows that the form has."""
    asked = form.value("rows")
    most = min(int(asked), MOST_ROWS) if asked.isdecimal() and len(asked) < 4 else 1
    return list(range(1, most + 1))


def read(form: Form, *, currency: str) -> tuple[dict[str, Any], Sequence[int]]:
    """The document, and for each of its rows the number it has in the form."""
    numbers = [number for number in rows_of(form) if _is_kept(form, number)]
    document = {
        "mode": form.value("mode"),
        "bearer": form.value("bearer"),
        "dearest_percent": form.integer("dearest_percent", minimum=0, maximum=1000),
        "rankers": _rankers(form, "rankers"),
        "rows": [_row(form, number, currency) for number in numbers],
    }
    return document, numbers


def refuse(form: Form, refusal: InvalidRules, numbers: Sequence[int]) -> None:
    """Each problem beside its field."""
    for problem in refusal.problems:
        if problem.row is None:
            form.refuse(problem.field, _sentence(problem.problem))
        else:
            row = numbers[problem.row - 1]
            form.refuse(f"row-{row}-{problem.field}", f"Row {row}: {_sentence(problem.problem)}")


def _is_kept(form: Form, number: int) -> bool:
    is_filled = any(form.value(f"row-{number}-{field}").strip() for field in FIELDS)
    return is_filled and not form.checked(f"row-{number}-gone")


def _row(form: Form, number: int, currency: str) -> dict[str, Any]:
    def of(field: str) -> str:
        return form.value(f"row-{number}-{field}").strip()

    row: dict[str, Any] = {"name": of("name"), "action": of("action"), "when": of("when")}
    for field in LISTS:
        row[field] = [part.strip() for part in of(field).split(",") if part.strip()]
    for field in AMOUNTS:
        if of(field):
            row[field] = form.minor_units(f"row-{number}-{field}", currency)
    if row["action"] == Action.RANK:
        row["rankers"] = _rankers(form, f"row-{number}-rankers")
    return row


def _rankers(form: Form, name: str) -> list[dict[str, Any]]:
    """`proximity 3, stock`: names with a weight, or with one of 1."""
    rankers: list[dict[str, Any]] = []
    for part in form.value(name).split(","):
        words = part.split()
        if words:
            weight = words[1] if len(words) == 2 else "1" if len(words) == 1 else ""
            is_number = weight.isdecimal() and len(weight) < 6
            rankers.append({"name": words[0].lower(), "weight": int(weight) if is_number else 0})
    return rankers


def _written(rankers: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(
        one["name"] + (f" {one['weight']}" if one.get("weight", 1) != 1 else "") for one in rankers
    )


def _sentence(problem: str) -> str:
    return problem[:1].upper() + problem[1:] + "."
