"""How a vendor stands, in its own words: what it is warned of, and what it can say to that."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from marketplace.kit.principal import Principal
from marketplace.scorecards import appealing, standing_stories, wording
from marketplace.scorecards.judging import Cause, Line
from marketplace.scorecards.standing_models import AppealState, StandingMove, StandingState
from marketplace.scorecards.standing_stories import Story

STATES = {
    StandingState.GOOD: ("Good", "good"),
    StandingState.WARNED: ("Warned", "warn"),
    StandingState.SUSPENDED: ("Off sale", "bad"),
}
MOVES = {
    StandingMove.WARN: ("A warning", "warn"),
    StandingMove.WARN_AGAIN: ("A warning: more is beyond its limit", "warn"),
    StandingMove.SUSPEND: ("Your offers went off sale", "bad"),
    StandingMove.RECOVER: ("The warning ended", "good"),
    StandingMove.LIFT: ("The marketplace lifted it", "good"),
}
APPEALS = {
    AppealState.OPEN: ("with us", "info"),
    AppealState.GRANTED: ("granted", "good"),
    AppealState.DENIED: ("not granted", "warn"),
    AppealState.OVERTAKEN: ("no longer needed", ""),
}


async def context(*, principal: Principal, vendor_id: UUID) -> dict[str, object]:
    """What the page's part about the standing shows."""
    story = await standing_stories.of_vendor(principal=principal, vendor_id=vendor_id)
    return {
        "story": story,
        "state": STATES[story.state],
        "causes": [cause(one) for one in _beyond_now(story)],
        "moves": MOVES,
        "appeals": APPEALS,
        "may_appeal": appealing.may_appeal(principal),
        "longest": appealing.LONGEST_TEXT,
    }


def _beyond_now(story: Story) -> Sequence[Cause]:
    """What a warning is still about: by the newest figures. A suspension stays what it was."""
    is_warned = story.state is StandingState.WARNED
    return story.cards[0].causes if is_warned and story.cards else story.causes


def cause(one: Cause) -> dict[str, str]:
    """A metric that is beyond its limit, and what to do about it."""
    return {
        "title": wording.title(one.metric),
        "figure": wording.figure(one),
        "limit": wording.limit(one),
        "advice": wording.advice(one.metric),
    }


def window_of(lines: Iterable[Line]) -> str:
    """Such as in 30 days, from 10 cases; empty where the metrics differ in that."""
    windows = {_window(line) for line in lines}
    return windows.pop() if len(windows) == 1 else ""


def limits_of(line: Line | None, *, all_in: str) -> dict[str, object]:
    """A metric's limits, and its window where not `all_in` one; none where it is not judged."""
    if line is None:
        return {"target": "", "beyond": []}
    told = []
    if line.warn == line.target:
        told.append("else a warning")
    elif line.warn is not None:
        told.append(f"{_beyond(line, line.warn)} a warning")
    if line.suspend is not None:
        told.append(f"{_beyond(line, line.suspend)} off sale")
    if not all_in:
        told.append(_window(line))
    target = wording.bound(line.unit, line.target, at_least=line.at_least)
    return {"target": target, "beyond": told}


def _window(line: Line) -> str:
    return f"in {line.window_days} days, from {line.minimum_sample} cases"


def _beyond(line: Line, amount: int) -> str:
    return wording.beyond(line.unit, amount, at_least=line.at_least)
