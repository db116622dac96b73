"""Every seller's scorecard after a replay, beside what the history's files alone say."""

import asyncio
import sys
from collections import Counter
from datetime import datetime
from pathlib import Path

from marketplace.accounts.models import Vendor
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.scorecards import computing
from marketplace_runtime.orm import connected
from tests.replay import expected_scorecards
from tests.replay.expected_scorecards import Fraction, Scorecards


async def measured(now: datetime) -> Scorecards:
    """By our own database; whatever has a case."""
    async with transaction(SYSTEM, read_only=True):
        vendors = await Vendor.all()
        found: dict[tuple[str, int, str], Fraction] = {}
        for vendor in vendors:
            card = await computing.measure(principal=SYSTEM, vendor_id=vendor.id, now=now)
            for days, row in card.items():
                for one in row:
                    found[vendor.code, days, one.metric.value] = (one.counted, one.sample)
    return {key: fraction for key, fraction in found.items() if fraction[1]}


def differences(wanted: Scorecards, found: Scorecards, now: datetime) -> list[str]:
    """One sentence for each figure that differs."""
    return [
        f"{seller}: {metric} over {days} days at {now:%Y-%m-%d %H:%M} is {_said(found.get(key))}, "
        f"the files say {_said(wanted.get(key))}"
        for key in sorted(wanted.keys() | found.keys())
        for seller, days, metric in [key]
        if wanted.get(key) != found.get(key)
    ]


def compare(directory: Path, limit: int | None, database_url: str) -> list[str]:
    parts = expected_scorecards.parts(directory, limit)
    moments = expected_scorecards.moments(parts)
    cards = {now: expected_scorecards.scorecards(parts, now) for now in moments}
    found = asyncio.run(_compared(cards, database_url))
    totals = Counter[str]()
    for card in cards.values():
        for (_, _, metric), (counted, sample) in card.items():
            totals[metric] += counted
            totals["all"] += sample
    figures = sum(len(card) for card in cards.values())
    sys.stdout.write(
        f"{figures} figures of scorecards at {len(moments)} moments over {totals['all']} cases, "
        f"{totals['late_shipment']} of them sent late, {totals['on_time_delivery']} in time, "
        f"{len(found)} differ\n"
    )
    return found


async def _compared(cards: dict[datetime, Scorecards], database_url: str) -> list[str]:
    found = []
    async with connected(database_url, pool_size=1):
        for now, wanted in cards.items():
            found += differences(wanted, await measured(now), now)
    return found


def _said(fraction: Fraction | None) -> str:
    return "nothing" if fraction is None else f"{fraction[0]} of {fraction[1]}"
