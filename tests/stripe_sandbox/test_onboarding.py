"""Account links, and the page where a vendor gives what Stripe asks for."""

import pytest
import stripe

from tests.stripe_sandbox.connected import create_account, door, events_of, read_account
from tests.stripe_sandbox.running import OVER_HTTP, Sandbox

pytestmark = OVER_HTTP


async def link(sandbox: Sandbox, account: str) -> str:
    made = await sandbox.client.v1.account_links.create_async(
        {
            "account": account,
            "type": "account_onboarding",
            "refresh_url": "https://shop.test/again",
            "return_url": "https://shop.test/done",
        }
    )
    assert made.url.startswith("http://sandbox.test/_sandbox/onboarding/")
    return made.url.removeprefix("http://sandbox.test")


async def decide(sandbox: Sandbox, path: str, outcome: str) -> tuple[int, str]:
    answer = await sandbox.post(path, f"outcome={outcome}")
    return answer.status_code, answer.headers.get("location", "")


async def test_a_link_leads_to_the_page_once_and_not_for_long(sandbox: Sandbox) -> None:
    """R94"""
    account = await create_account(sandbox)
    stale = await link(sandbox, account.id)
    sandbox.clock.advance(minutes=5)
    used = await link(sandbox, account.id)

    page = await sandbox.http.get(used)
    await decide(sandbox, used, "later")
    answers = [await sandbox.http.get(path) for path in (stale, used)]
    nothing = await sandbox.http.get("/_sandbox/onboarding/link_nobody")

    assert (page.status_code, account.id in page.text) == (200, True)
    assert [one.headers["location"] for one in answers] == ["https://shop.test/again"] * 2
    assert nothing.status_code == 404
    assert (await decide(sandbox, "/_sandbox/onboarding/link_nobody", "complete"))[0] == 404
    assert await decide(sandbox, stale, "complete") == (303, "https://shop.test/again")
    assert not (await read_account(sandbox, account.id)).details_submitted


async def test_a_link_says_where_to_go_back_to(sandbox: Sandbox) -> None:
    """R94 and R7"""
    account = await create_account(sandbox)

    with pytest.raises(stripe.InvalidRequestError, match="refresh_url"):
        await sandbox.client.v1.account_links.create_async(
            {"account": account.id, "type": "account_onboarding"}
        )


async def test_completing_the_page_opens_the_account(sandbox: Sandbox) -> None:
    """R95"""
    account = await create_account(sandbox)
    later, now = await link(sandbox, account.id), await link(sandbox, account.id)

    left = await decide(sandbox, later, "later")
    unchanged = await read_account(sandbox, account.id)
    done = await decide(sandbox, now, "complete")
    opened = await read_account(sandbox, account.id)

    assert left == done == (303, "https://shop.test/done")
    assert (unchanged.charges_enabled, unchanged.payouts_enabled) == (False, False)
    assert (opened.charges_enabled, opened.payouts_enabled) == (True, True)
    assert opened.details_submitted
    assert opened.capabilities is not None
    assert opened.capabilities.transfers == "active"
    assert opened.requirements is not None
    assert (opened.requirements.currently_due, opened.requirements.disabled_reason) == ([], None)
    happened = [one.type for one in await events_of(sandbox, account.id)]
    assert happened[-2:] == ["account.external_account.created", "account.updated"]


async def test_onboarding_by_its_door_takes_a_bank_account(sandbox: Sandbox) -> None:
    """R95"""
    account = await create_account(sandbox)

    opened = await door(
        sandbox, f"accounts/{account.id}/onboard", {"account_number": "DE89370400440532013002"}
    )

    assert opened["payouts_enabled"]
    assert [one["last4"] for one in opened["external_accounts"]["data"]] == ["3002"]
