"""Which stock should serve each line: filter, then rank, and say why. Pure; it reads nothing.

The same request and rule set make the same decision whatever the order of the candidates: ties
are broken by the stock's id.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from marketplace.routing import filters, rankers
from marketplace.routing.decisions import DecidedLine, Decision, Judged, Verdict
from marketplace.routing.documents import Action, Mode, Ranking, Row, RuleSet
from marketplace.routing.filters import FINAL, Out, Reason
from marketplace.routing.rankers import Ranker, Seen
from marketplace.routing.requests import Candidate, Line, Request


@dataclass(frozen=True, slots=True, kw_only=True)
class _Considered:
    """A candidate with what is known of it.

    `preferred` is how many rows prefer it; who would sell ahead of what is on the shelf comes
    after who has it there, whatever the rankers say.
    """

    candidate: Candidate
    out: Out | None
    preferred: int
    is_ahead: bool
    penalties: dict[Ranker, int]
    rows: tuple[str, ...]


Key = tuple[int, ...]


def decide(rule_set: RuleSet, request: Request) -> Decision:
    """For every line the stocks that may serve it, best first, and a verdict on each candidate."""
    of_variant: dict[str, list[Candidate]] = {}
    for candidate in request.candidates:
        of_variant.setdefault(candidate.variant_id, []).append(candidate)
    outs = {
        (line.id, candidate.stock_id): _out(rule_set, request, line, candidate)
        for line in request.lines
        for candidate in of_variant.get(line.variant_id, ())
    }
    together = _together(request, of_variant, outs)
    return Decision(
        rule_set_id=rule_set.id,
        version=rule_set.version,
        lines=tuple(
            _line(rule_set, request, line, of_variant.get(line.variant_id, ()), outs, together)
            for line in request.lines
        ),
    )


def forbidden(rule_set: RuleSet, request: Request, line: Line, candidate: Candidate) -> Out | None:
    """The first row of the table that forbids the candidate, also where nothing else is decided."""
    for row in rule_set.rows:
        if row.action is Action.FORBID and row.applies(request, line, candidate):
            return Out(Reason.FORBIDDEN, f"the rule “{row.name}” forbids it")
    return None


def _out(rule_set: RuleSet, request: Request, line: Line, candidate: Candidate) -> Out | None:
    out = filters.first_out(request, line, candidate)
    if out is not None:
        return out
    return (
        forbidden(rule_set, request, line, candidate)
        or filters.too_dear(line, candidate, rule_set.dearest_percent)
        or filters.no_stock(request, line, candidate)
        or filters.full(request, line, candidate)
    )


def _together(
    request: Request,
    of_variant: dict[str, list[Candidate]],
    outs: dict[tuple[str, str], Out | None],
) -> Counter[tuple[str, str]]:
    """How many lines each seller's location could serve by itself."""
    counted: Counter[tuple[str, str]] = Counter()
    for line in request.lines:
        able = {
            (candidate.vendor_id, candidate.location)
            for candidate in of_variant.get(line.variant_id, ())
            if outs[line.id, candidate.stock_id] is None
        }
        counted.update(able)
    return counted


def _line(
    rule_set: RuleSet,
    request: Request,
    line: Line,
    candidates: Sequence[Candidate],
    outs: dict[tuple[str, str], Out | None],
    together: Counter[tuple[str, str]],
) -> DecidedLine:
    rank_row = _rank_row(rule_set.rows, request, line)
    ranking = rank_row.ranking if rank_row and rank_row.ranking else rule_set.ranking
    considered = []
    for candidate in candidates:
        prefers = [
            row.name
            for row in rule_set.rows
            if row.action is Action.PREFER and row.applies(request, line, candidate)
        ]
        seen = Seen(
            line=line, candidate=candidate, lines=len(request.lines),
            together=together[candidate.vendor_id, candidate.location],
            preference=request.preference,
        )  # fmt: skip
        considered.append(
            _Considered(
                candidate=candidate,
                out=outs[line.id, candidate.stock_id],
                preferred=len(prefers),
                is_ahead=candidate.at_hand < line.quantity,
                penalties=rankers.penalties(seen, [name for name, _ in ranking.weights]),
                rows=(*prefers, *([rank_row.name] if rank_row else [])),
            )
        )
    considered.sort(key=lambda one: (_stand(one), *_key(one, ranking), one.candidate.stock_id))
    return _judged(line, considered, ranking)


def _rank_row(rows: Iterable[Row], request: Request, line: Line) -> Row | None:
    """The first row that ranks such a line; the rule set's own ranking holds without one."""
    return next(
        (row for row in rows if row.action is Action.RANK and row.applies(request, line)), None
    )


def _stand(one: _Considered) -> int:
    """Who passes comes first, then who has a full day, then who has no stock, then the others."""
    if one.out is None:
        return 0
    if one.out.reason in FINAL:
        return 3
    return 1 if one.out.reason is Reason.FULL else 2


def _key(one: _Considered, ranking: Ranking) -> Key:
    first = (-one.preferred, int(one.is_ahead))
    if ranking.mode is Mode.WEIGHTED:
        return *first, sum(one.penalties[name] * by for name, by in ranking.weights)
    return *first, *(one.penalties[name] for name, _ in ranking.weights)


def _judged(line: Line, considered: Sequence[_Considered], ranking: Ranking) -> DecidedLine:
    eligible = [one for one in considered if _stand(one) < 3]
    # A full day is no reason to send nothing: without anybody better, it wins all the same.
    winner = eligible[0] if eligible and _stand(eligible[0]) < 2 else None
    return DecidedLine(
        line_id=line.id,
        sku=line.sku,
        quantity=line.quantity,
        ranking=tuple(one.candidate.stock_id for one in eligible),
        candidates=tuple(_verdict(one, winner, ranking) for one in considered),
    )


def _verdict(one: _Considered, winner: _Considered | None, ranking: Ranking) -> Judged:
    reason, detail = (one.out.reason, one.out.detail) if one.out else (None, "")
    if one is winner:
        verdict = Verdict.WON
        detail = detail and f"{detail}, and nobody else can"
    elif one.out is not None:
        verdict = Verdict.OUT if one.out.reason in FINAL else Verdict.STANDS_BY
    else:
        assert winner is not None, "who passes all filters loses to somebody"
        verdict, reason = Verdict.LOST, Reason.RANKED_LOWER
        detail = _why_lower(one, winner, ranking)
    candidate = one.candidate
    return Judged(
        stock_id=candidate.stock_id, offer_id=candidate.offer_id, vendor_id=candidate.vendor_id,
        vendor=candidate.vendor, location=candidate.location,
        location_name=candidate.location_name, verdict=verdict, reason=reason, detail=detail,
        penalties={name.value: penalty for name, penalty in one.penalties.items()}, rows=one.rows,
    )  # fmt: skip


def _why_lower(one: _Considered, winner: _Considered, ranking: Ranking) -> str:
    if one.preferred != winner.preferred:
        return f"preferred by {one.preferred} rules, the winner by {winner.preferred}"
    if one.is_ahead != winner.is_ahead:
        return "it would be sold before it is there, the winner has it"
    if ranking.mode is Mode.WEIGHTED:
        (*_, mine), (*_, theirs) = _key(one, ranking), _key(winner, ranking)
        if mine != theirs:
            return f"weighted penalty {mine}, the winner's {theirs}"
    else:
        for name, _ in ranking.weights:
            if one.penalties[name] != winner.penalties[name]:
                said = name.replace("_", " ")
                return f"{said} {one.penalties[name]}, the winner's {winner.penalties[name]}"
    return "equal in everything; the older stock record is taken"
