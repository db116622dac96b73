"""The demo's past: lived through once, by the real operations, and everything of it adds up."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from marketplace_runtime import checking
from marketplace_runtime.embedded.home import open_home
from marketplace_runtime.errors import RuntimeRefusal
from marketplace_runtime.mailbox import keeping
from marketplace_runtime.orm import connected
from marketplace_runtime.sandboxing import books_of
from marketplace_runtime.seeding import demo, planting, seeding
from marketplace_runtime.seeding.past import stories
from marketplace_runtime.seeding.past.stories import Fate, Step
from marketplace_runtime.settings import Settings
from marketplace_runtime.supervising.minting import secrets_of
from tests.conftest import Database

# Stripe's client hands httpx its body in a way that httpx discourages; neither is ours.
OVER_HTTP = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")
NOWS = [datetime(2026, 11, 16 + day, 5 + 3 * day, 30, tzinfo=UTC) for day in range(7)]
OFFERS = {
    (f"THING-{number}", vendor.code): 50 for vendor in demo.VENDORS for number in range(4)
}  # fmt: skip
DEAREST = "THING-1", "lumen"
CODES = [vendor.code for vendor in demo.VENDORS]


@pytest.mark.parametrize("now", NOWS, ids=lambda now: f"{now:%a}")
def test_whatever_the_day_every_story_is_told_and_none_of_the_future(now: datetime) -> None:
    told = stories.tell(OFFERS, dearest=DEAREST, now=now)

    assert {story.fate for story in told} == set(Fate)
    for story in told:
        times = [at for at, _ in story.steps]
        assert times == sorted(times)
        assert stories.begins_at(now) < times[0] <= times[-1] <= now
        assert story.wanted
    last_steps = {story.fate: story.steps[-1][1] for story in told}
    assert last_steps[Fate.NEW] is Step.BUY
    assert last_steps[Fate.BEING_PACKED] is Step.ANSWER
    assert last_steps[Fate.ON_ITS_WAY] is Step.SHIP
    assert last_steps[Fate.DISPUTED] is Step.COMPLAIN
    assert last_steps[Fate.WON] is Step.RULE


def test_the_same_stories_are_told_again_and_leave_something_on_every_shelf() -> None:
    told = stories.tell(OFFERS, dearest=DEAREST, now=NOWS[0])

    assert told == stories.tell(OFFERS, dearest=DEAREST, now=NOWS[0])
    for key, stock in OFFERS.items():
        bought = sum(
            wanted.quantity
            for story in told
            for wanted in story.wanted
            if (wanted.sku, wanted.vendor) == key
        )
        assert bought <= stock - stories.STAYS_ON_THE_SHELF


@pytest.mark.anyio
@OVER_HTTP
async def test_a_past_is_lived_through_once_shows_every_state_and_holds_every_invariant(
    fresh_database: Database, home: Path
) -> None:
    settings, said = settings_of(home, fresh_database), list[str]()

    first = await seeding.seed(settings, has_history=True, tell=said.append)
    again = await seeding.seed(settings, has_history=True, tell=said.append)

    assert (first.planted, again.planted) == (True, False)
    assert said[0] == "planted the demo marketplace, as of six weeks ago"
    assert said[-1] == f"{stories.ORDERS} orders and their money are in the books"
    assert (await checking.check(fresh_database.url)).violated == 0
    found = await facts(fresh_database)
    assert found["orders"] == stories.ORDERS
    assert set(found["sub_orders"]) == {
        "pending", "awaiting_acceptance", "accepted", "partly_shipped", "shipped", "delivered",
        "refused", "expired", "cancelled",
    }  # fmt: skip
    assert set(found["methods"]) == {"standard", "express"}
    assert set(found["disputes"]) == {"needs_response", "won"}
    assert set(found["payouts"]) == {"draft", "paid"}
    assert found["batches"][-1] == "draft"
    assert set(found["batches"][:-1]) == {"approved"}
    assert found["held"] == ["fraud"]
    assert (found["verified"], found["unverified"]) == (sorted(CODES), ["lumen"])
    assert found["vendors"] == len(demo.VENDORS)
    assert found["amounts_off"] == [-12_90, 36_00]
    assert found["files"] == 3
    assert found["undelivered"] == 0
    assert found["clock"] == "system"
    letters = keeping.latest(open_home(home).mail)
    assert letters
    assert letters[-1].caught_at > datetime.now(UTC) - timedelta(days=11)  # noqa: TID251


@pytest.mark.anyio
async def test_where_the_sandbox_has_books_already_a_past_is_refused_and_nothing_planted(
    fresh_database: Database, home: Path
) -> None:
    settings = settings_of(home, fresh_database)
    books_of(open_home(home)).touch()

    with pytest.raises(RuntimeRefusal, match="begun its books already"):
        await seeding.seed(settings, has_history=True, tell=print)

    assert not await is_planted(fresh_database)


@pytest.mark.anyio
async def test_beside_somebody_elses_stripe_a_past_is_refused(
    fresh_database: Database, home: Path
) -> None:
    settings = settings_of(home, fresh_database, stripe_api_key="sk_test_of_somebody")

    with pytest.raises(RuntimeRefusal, match="embedded Stripe sandbox"):
        await seeding.seed(settings, has_history=True, tell=print)

    assert not await is_planted(fresh_database)


def settings_of(home: Path, database: Database, **more: str) -> Settings:
    return Settings.model_validate(
        {
            "home": str(home),
            "database_url": database.url,
            "redis_url": "redis://localhost:6379/0",
            "secret_key": "x" * 32,
            "stripe_api_key": secrets_of(open_home(home)).stripe_api_key,
            "stripe_api_base": "http://127.0.0.1:9",
            "stripe_webhook_secret": "whsec_1",
            "smtp_url": "smtp://localhost:25",
        }
        | more
    )


async def is_planted(database: Database) -> bool:
    async with connected(database.url, pool_size=2):
        return await planting.is_planted()


_SHIPPED = """
    SELECT array_agg(DISTINCT vendor.code ORDER BY vendor.code)
    FROM shipment JOIN vendor ON vendor.id = shipment.vendor_id WHERE validity {} 'verified'
"""
_FACTS = {
    "orders": "SELECT count(*) FROM orders",
    "vendors": "SELECT count(DISTINCT vendor_id) FROM sub_order",
    "sub_orders": "SELECT array_agg(DISTINCT state::text) FROM sub_order",
    "methods": "SELECT array_agg(DISTINCT shipping_method::text) FROM sub_order",
    "held": "SELECT array_agg(kind::text) FROM order_hold WHERE released_at IS NULL",
    "verified": _SHIPPED.format("="),
    "unverified": _SHIPPED.format("<>"),
    "disputes": "SELECT array_agg(state::text) FROM dispute",
    "payouts": "SELECT array_agg(DISTINCT state::text) FROM payout",
    "batches": "SELECT array_agg(state::text ORDER BY number) FROM payout_batch",
    "amounts_off": """
        SELECT array_agg(amount_minor ORDER BY amount_minor) FROM reconciliation_break
        WHERE state = 'open' AND code NOT IN ('T1', 'T2')
    """,
    "files": "SELECT count(*) FROM bank_file",
    "undelivered": "SELECT count(*) FROM delivery WHERE done_at IS NULL",
    "clock": "SELECT mode FROM clock",
}


async def facts(database: Database) -> dict[str, Any]:
    async with connected(database.url, pool_size=2), transaction(SYSTEM, read_only=True):
        return {name: await connection().fetchval(query) for name, query in _FACTS.items()}
