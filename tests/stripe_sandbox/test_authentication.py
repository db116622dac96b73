"""3-D Secure, and the page that stands in for the cardholder's bank."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import stripe

from tests.stripe_sandbox.running import OVER_HTTP, Sandbox

pytestmark = OVER_HTTP

RETURN = "https://shop.test/back?order=7#paid"


async def waiting(sandbox: Sandbox, **more: Any) -> stripe.PaymentIntent:
    return await sandbox.pay(card="pm_card_threeDSecure2Required", **more)


async def decide(sandbox: Sandbox, intent: stripe.PaymentIntent, outcome: str) -> tuple[int, str]:
    answer = await sandbox.post(f"/_sandbox/authenticate/{intent.id}", f"outcome={outcome}")
    return answer.status_code, answer.headers.get("location", "")


@pytest.mark.parametrize(
    "card", ["pm_card_threeDSecure2Required", "pm_card_authenticationRequired"]
)
async def test_the_customer_is_sent_to_authenticate(sandbox: Sandbox, card: str) -> None:
    """R51"""
    intent = await sandbox.pay(card=card, return_url=RETURN)

    assert intent.status == "requires_action"
    assert intent.next_action is not None
    assert intent.next_action.redirect_to_url is not None
    assert intent.next_action.redirect_to_url.return_url == RETURN
    url = f"http://sandbox.test/_sandbox/authenticate/{intent.id}"
    assert intent.next_action.redirect_to_url.url == url
    assert (await sandbox.event_types())[-1] == "payment_intent.requires_action"
    assert (await sandbox.books())["currencies"] == {}


async def test_the_page_says_what_is_to_be_confirmed(sandbox: Sandbox) -> None:
    """R51"""
    intent = await waiting(sandbox, amount=1234_50, return_url=RETURN)

    page = await sandbox.http.get(f"/_sandbox/authenticate/{intent.id}")
    nothing = await sandbox.http.get("/_sandbox/authenticate/pi_nobody")

    assert page.status_code == 200
    for words in ("€1,234.50", intent.id, ">Complete<", ">Fail<"):
        assert words in page.text
    assert nothing.status_code == 404
    assert ">Complete<" not in nothing.text


@pytest.mark.parametrize("capture_method", ["automatic", "manual"])
async def test_completing_it_charges_and_leads_back(sandbox: Sandbox, capture_method: str) -> None:
    """R52"""
    intent = await waiting(sandbox, return_url=RETURN, capture_method=capture_method)

    status, location = await decide(sandbox, intent, "complete")

    after = await sandbox.intents.retrieve_async(intent.id, {"expand": ["latest_charge"]})
    told = parse_qs(urlsplit(location).query)
    assert status == 303
    assert location.startswith("https://shop.test/back?order=7&")
    assert location.endswith("#paid")
    assert told["payment_intent"] == [intent.id]
    assert told["payment_intent_client_secret"] == [intent.client_secret]
    assert told["redirect_status"] == ["succeeded"]
    assert after.status == ("requires_capture" if capture_method == "manual" else "succeeded")
    assert after.next_action is None
    assert isinstance(after.latest_charge, stripe.Charge)
    details = after.latest_charge.payment_method_details
    assert details is not None
    assert details.card is not None
    assert details.card.three_d_secure is not None
    assert details.card.three_d_secure.result == "authenticated"


async def test_failing_it_leaves_no_charge(sandbox: Sandbox) -> None:
    """R53"""
    intent = await waiting(sandbox, return_url=RETURN)

    _, location = await decide(sandbox, intent, "fail")

    after = await sandbox.intents.retrieve_async(intent.id)
    assert "redirect_status=failed" in location
    assert (after.status, after.latest_charge) == ("requires_payment_method", None)
    assert after.last_payment_error is not None
    assert after.last_payment_error.code == "payment_intent_authentication_failure"
    assert (await sandbox.event_types())[-1] == "payment_intent.payment_failed"


@pytest.mark.parametrize("parameter", ["error_on_requires_action", "off_session"])
async def test_without_a_customer_there_it_is_a_decline(sandbox: Sandbox, parameter: str) -> None:
    """R54"""
    with pytest.raises(stripe.CardError) as declined:
        await waiting(sandbox, **{parameter: True})

    assert declined.value.code == "authentication_required"
    assert (await sandbox.client.v1.charges.list_async()).data == []


async def test_it_is_decided_once(sandbox: Sandbox) -> None:
    """R55"""
    intent = await waiting(sandbox, return_url=RETURN)

    nonsense, _ = await decide(sandbox, intent, "perhaps")
    first, _ = await decide(sandbox, intent, "complete")
    second, _ = await decide(sandbox, intent, "fail")

    page = await sandbox.http.get(f"/_sandbox/authenticate/{intent.id}")
    assert [nonsense, first, second] == [409, 303, 409]
    assert (await sandbox.intents.retrieve_async(intent.id)).status == "succeeded"
    assert "This payment is confirmed" in page.text
    assert ">Complete<" not in page.text


async def test_a_card_declined_after_authentication_leads_back_failed(sandbox: Sandbox) -> None:
    """R48 and R52"""
    intent = await waiting(sandbox, return_url=RETURN)
    await sandbox.fault("decline_next")

    _, location = await decide(sandbox, intent, "complete")

    assert "redirect_status=failed" in location
    after = await sandbox.intents.retrieve_async(intent.id)
    assert after.status == "requires_payment_method"


async def test_without_a_return_url_the_page_says_how_it_ended(sandbox: Sandbox) -> None:
    """R55"""
    intent = await waiting(sandbox)

    answer = await sandbox.post(f"/_sandbox/authenticate/{intent.id}", "outcome=complete")

    assert answer.status_code == 200
    assert "This payment is confirmed" in answer.text
