"""Why a candidate is out of the question: the first of these that holds, in this order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from marketplace.routing.requests import Candidate, Line, Request


class Reason(StrEnum):
    OTHER_SELLER = "other_seller"
    LEFT_OUT = "left_out"
    OUTAGE = "outage"
    CLOSED = "closed"
    NOT_SHIPPED_THERE = "not_shipped_there"
    FORBIDDEN = "forbidden"
    TOO_DEAR = "too_dear"
    NO_STOCK = "no_stock"
    FULL = "full"
    RANKED_LOWER = "ranked_lower"


# Nothing that lost for these may ever be chosen; the others stand by: stock changes by the
# second, and a full day is better than no parcel at all.
FINAL = frozenset(
    {Reason.OTHER_SELLER, Reason.LEFT_OUT, Reason.OUTAGE, Reason.CLOSED, Reason.NOT_SHIPPED_THERE,
     Reason.FORBIDDEN, Reason.TOO_DEAR}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Out:
    """`detail` is a short sentence for whoever asks why."""

    reason: Reason
    detail: str


Filter = Callable[[Request, Line, Candidate], Out | None]


def first_out(request: Request, line: Line, candidate: Candidate) -> Out | None:
    """The first filter that the candidate fails, of those that hold for every rule set."""
    for check in FILTERS:
        out = check(request, line, candidate)
        if out is not None:
            return out
    return None


def no_stock(request: Request, line: Line, candidate: Candidate) -> Out | None:
    if candidate.available >= line.quantity:
        return None
    return Out(Reason.NO_STOCK, f"{max(candidate.available, 0)} of {line.quantity} there")


def too_dear(line: Line, candidate: Candidate, percent: int) -> Out | None:
    """A replacement's price against what the customer paid; who chose a seller has seen its own."""
    asked = candidate.price_minor * line.quantity
    if line.offer_id is not None or asked * 100 <= line.value_minor * (100 + percent):
        return None
    return Out(Reason.TOO_DEAR, f"it costs more than {percent} percent above what was paid")


def full(request: Request, line: Line, candidate: Candidate) -> Out | None:
    if candidate.capacity_left is None or candidate.capacity_left > 0:
        return None
    return Out(Reason.FULL, "its day is full")


def _other_seller(request: Request, line: Line, candidate: Candidate) -> Out | None:
    if line.offer_id is None or candidate.offer_id == line.offer_id:
        return None
    return Out(Reason.OTHER_SELLER, "the customer chose another seller")


def _left_out(request: Request, line: Line, candidate: Candidate) -> Out | None:
    if candidate.vendor_id not in request.without_vendors:
        return None
    return Out(Reason.LEFT_OUT, "this seller could not send it")


def _outage(request: Request, line: Line, candidate: Candidate) -> Out | None:
    return Out(Reason.OUTAGE, candidate.outage) if candidate.outage is not None else None


def _closed(request: Request, line: Line, candidate: Candidate) -> Out | None:
    return Out(Reason.CLOSED, candidate.closed) if candidate.closed is not None else None


def _not_shipped_there(request: Request, line: Line, candidate: Candidate) -> Out | None:
    if candidate.ships_there:
        return None
    return Out(Reason.NOT_SHIPPED_THERE, f"it does not ship to {request.destination.country}")


FILTERS: Sequence[Filter] = (_other_seller, _left_out, _outage, _closed, _not_shipped_there)
