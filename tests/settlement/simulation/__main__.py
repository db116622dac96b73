"""python -m tests.settlement.simulation: play many stories; tell the shortest that fails."""

import argparse
import asyncio
import logging
import sys
import tempfile
import time
import warnings
from collections.abc import Sequence
from pathlib import Path

from marketplace_runtime.embedded.services import EmbeddedServices, RunningServices
from tests.settlement.simulation import shrinking
from tests.settlement.simulation.playing import play
from tests.settlement.simulation.running import staged
from tests.settlement.simulation.stage import Stage
from tests.settlement.simulation.steps import WEIGHTS
from tests.settlement.simulation.story import STEPS, tell


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where every story ends well, 1 where one does not."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.settlement.simulation", description=main.__doc__
    )
    parser.add_argument("--seeds", type=int, default=200, help="how many stories")
    parser.add_argument("--first", type=int, default=0, help="the seed of the first")
    parser.add_argument("--seed", type=int, help="this one alone, told step by step")
    parser.add_argument("--steps", type=int, default=STEPS, help="steps of a story")
    parser.add_argument("--judge-each", action="store_true", help="judge after every step")
    parser.add_argument("--keep-going", action="store_true", help="do not end with the first")
    parser.add_argument("--no-shrinking", action="store_true", help="tell only what is violated")
    asked = parser.parse_args(arguments)
    logging.disable(logging.CRITICAL)  # what goes wrong on purpose is not worth a line
    warnings.simplefilter("ignore", DeprecationWarning)
    with (
        tempfile.TemporaryDirectory() as home,
        EmbeddedServices(Path(home), durable=False).running() as services,
    ):
        return asyncio.run(_all(services, asked))


async def _all(services: RunningServices, asked: argparse.Namespace) -> int:
    failed, began = 0, time.monotonic()
    seeds = range(asked.first, asked.first + asked.seeds) if asked.seed is None else [asked.seed]
    async with staged(services) as stage:
        for number, seed in enumerate(seeds, start=1):
            if not await _one(stage, seed, asked):
                failed += 1
                if not asked.keep_going:
                    break
            spent = time.monotonic() - began
            _tell_progress(f"{number} of {len(seeds)} stories, {failed} failed, {spent:.0f} s")
    _tell_progress("\n")
    return 1 if failed else 0


async def _one(stage: Stage, seed: int, asked: argparse.Namespace) -> bool:
    story = tell(seed, WEIGHTS, steps=asked.steps)
    aloud = _say if asked.seed is not None else None
    ending = await play(stage, story, judge_each=asked.judge_each, tell=aloud)
    if ending.violated is None:
        return True
    _say(f"\nseed {seed} fails:\n{ending.violated}")
    if asked.no_shrinking:
        return False
    _say("The shortest story that does:")
    short = await shrinking.shortest(story, lambda some: play(stage, some))
    for line in short.ending.lines:
        _say(f"  {line}")
    _say(str(short.ending.violated))
    return False


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _tell_progress(text: str) -> None:
    """On one line that is written over."""
    sys.stderr.write(f"\r{text}")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
