"""Limits in versions: drafted, tried on the newest figures, put in force, never changed after."""

from dataclasses import replace

import pytest
from asyncpg import RaiseError

from marketplace.kit.errors import Forbidden, IllegalMove, InvalidInput, NotFound
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.scorecards import by_hand, daily, limit_drafting, limits, trying
from marketplace.scorecards.judging import Line
from marketplace.scorecards.limit_models import Limit
from marketplace.scorecards.metrics import Metric, Unit
from tests.factories import NOON, member
from tests.scorecards.deadlines import LATE, OLA, SAM, seller, shipped

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]

LINE = Line(
    metric=LATE.value, unit=Unit.BASIS_POINTS, at_least=False, target=4_00, warn=8_00,
    suspend=15_00, window_days=30, minimum_sample=10,
)  # fmt: skip
KEPT = replace(LINE, metric="acceptance", at_least=True, target=97_00, warn=90_00, suspend=75_00)


async def test_the_first_version_has_the_targets_there_were_and_suspends_nobody() -> None:
    said = await limits.content(principal=SYSTEM)

    assert said.version.version == 1
    assert [line.metric for line in said.lines] == list(Metric)
    assert all(
        (line.unit, line.at_least) == (metric.unit, metric.is_wanted_high)
        for line, metric in zip(said.lines, Metric, strict=True)
    )
    assert [line.target for line in said.lines] == [
        97_00, 48 * 60, 2_50, 4_00, 95_00, 90_00, 5_00, 5_00, 10_00,
    ]  # fmt: skip
    assert {(line.warn == line.target, line.suspend) for line in said.lines} == {(True, None)}


@pytest.mark.parametrize(
    "lines",
    [
        [replace(LINE, target=-1)],
        [replace(LINE, suspend=100_01)],
        [replace(LINE, warn=3_99)],
        [replace(LINE, suspend=7_99)],
        [replace(KEPT, warn=98_00)],
        [replace(KEPT, suspend=91_00)],
        [LINE, LINE],
        [replace(LINE, metric="fame")],
        [replace(LINE, unit=Unit.MINUTES)],
        [replace(LINE, at_least=True)],
        [replace(LINE, window_days=31)],
        [replace(LINE, minimum_sample=0)],
        [replace(LINE, minimum_sample=10_001)],
    ],
)
async def test_a_draft_that_makes_no_sense_is_refused(lines: list[Line]) -> None:
    with pytest.raises(InvalidInput):
        await limit_drafting.save(principal=OLA, lines=lines, note="So", now=NOON)


async def test_a_draft_needs_a_note_and_the_role() -> None:
    for note in ("", "x" * 201):
        with pytest.raises(InvalidInput):
            await limit_drafting.save(principal=OLA, lines=[LINE], note=note, now=NOON)
    draft = await limit_drafting.save(principal=OLA, lines=[LINE], note="So", now=NOON)
    for nobody in (SAM, member(draft)):
        with pytest.raises(Forbidden):
            await limit_drafting.save(principal=nobody, lines=[LINE], note="So", now=NOON)
        with pytest.raises(Forbidden):
            await limit_drafting.activate(principal=nobody, version_id=draft, now=NOON)
        with pytest.raises(Forbidden):
            await limit_drafting.discard(principal=nobody, version_id=draft)


async def test_a_version_is_drafted_again_put_in_force_once_and_thrown_away_only_as_a_draft() -> (
    None
):
    draft = await limit_drafting.save(principal=OLA, lines=[LINE], note="One", now=NOON)
    again = await limit_drafting.save(principal=OLA, lines=[LINE, KEPT], note="Two", now=NOON)
    with pytest.raises(NotFound):  # who looked at the first one has not seen the second
        await limit_drafting.activate(principal=OLA, version_id=draft, now=NOON)
    await limit_drafting.activate(principal=OLA, version_id=again, now=NOON)

    with pytest.raises(IllegalMove):
        await limit_drafting.activate(principal=OLA, version_id=again, now=NOON)
    for unknown in (again, OLA.id):
        assert unknown is not None
        with pytest.raises(NotFound):
            await limit_drafting.discard(principal=OLA, version_id=unknown)
    assert OLA.id is not None
    with pytest.raises(NotFound):
        await limit_drafting.activate(principal=OLA, version_id=OLA.id, now=NOON)
    other = await limit_drafting.save(principal=OLA, lines=[LINE], note="Three", now=NOON)
    await limit_drafting.discard(principal=OLA, version_id=other)

    said = [
        (one.version, one.state.value, one.note) for one in await limits.versions(principal=SAM)
    ]
    assert said == [
        (2, "active", "Two"), (1, "retired", "The targets as they were: missing one warns"),
    ]  # fmt: skip
    with pytest.raises(NotFound):
        await limits.content(principal=SAM, version_id=other)


async def test_what_was_in_force_cannot_be_changed_by_anybody() -> None:
    said = await limits.content(principal=SYSTEM)

    with pytest.raises(RaiseError, match="only a draft"):
        async with transaction(SYSTEM):
            await Limit.filter(limit_version_id=said.version.id).update(target=0)


async def test_limits_are_tried_on_the_newest_figures_and_change_nobody() -> None:
    part, well = await seller(), await seller()
    await shipped(part, late=3, in_time=7)
    await shipped(well, late=0, in_time=10)
    await daily.work_off(now=NOON)
    draft = await limit_drafting.save(
        principal=OLA, lines=[replace(LINE, suspend=25_00)], note="Stricter", now=NOON
    )

    tried = await trying.on_newest(principal=SAM, version_id=draft)
    now = await trying.on_newest(principal=SAM)

    assert (tried.vendors, [one.vendor_id for one in tried.suspended], tried.warned) == (
        2, [part.vendor_id], [],
    )  # fmt: skip
    assert ([one.vendor_id for one in now.warned], now.suspended) == ([part.vendor_id], [])
    await by_hand.lift(principal=OLA, vendor_id=part.vendor_id, reason="Snow", now=NOON)
    assert (await trying.on_newest(principal=SAM, version_id=draft)).suspended == []


async def test_a_metric_without_limits_is_not_judged() -> None:
    part = await seller()
    await shipped(part, late=9, in_time=1)
    version = await limit_drafting.save(principal=OLA, lines=[KEPT], note="Only one", now=NOON)
    await limit_drafting.activate(principal=OLA, version_id=version, now=NOON)
    await daily.work_off(now=NOON)

    assert (await trying.on_newest(principal=SAM)).warned == []
