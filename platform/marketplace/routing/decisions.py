"""What was decided, and for each candidate why it won or lost: plain values, kept as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from marketplace.routing.filters import Reason


class Verdict(StrEnum):
    """STANDS_BY: out for now, taken only when nobody better can (stock changes by the second)."""

    WON = "won"
    LOST = "lost"
    STANDS_BY = "stands_by"
    OUT = "out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One candidate of one line. `penalties` are by ranker, 0 best; `rows` are those that spoke."""

    stock_id: str
    offer_id: str
    vendor_id: str
    vendor: str
    location: str
    location_name: str
    verdict: Verdict
    reason: Reason | None
    detail: str
    penalties: Mapping[str, int]
    rows: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedLine:
    """`ranking` are stock ids, best first: the first with enough under its lock is taken."""

    line_id: str
    sku: str
    quantity: int
    ranking: Sequence[str]
    candidates: Sequence[Judged]

    @property
    def winner(self) -> Judged | None:
        return next((one for one in self.candidates if one.verdict is Verdict.WON), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    rule_set_id: str
    version: int
    lines: Sequence[DecidedLine]

    def chosen(self) -> dict[str, str | None]:
        """The stock each line would come from: what two decisions are compared by."""
        return {line.line_id: line.winner.stock_id if line.winner else None for line in self.lines}

    def lines_json(self) -> list[dict[str, Any]]:
        return [asdict(line) for line in self.lines]
