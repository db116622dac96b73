"""Stripe's own client, and what its errors mean to us: shared by all that talks to Stripe."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import stripe

from marketplace.payments.gateway import IntentSnapshot, OutcomeUnknown, ProviderRefused


class StripeConnection:
    """One for a process and a key; `close` gives its connections back."""

    def __init__(self, *, api_key: str, api_base: str, timeout_seconds: float = 20.0) -> None:
        stripe.enable_telemetry = False
        self._http = stripe.HTTPXClient(timeout=timeout_seconds)
        self.api = stripe.StripeClient(
            api_key,
            base_addresses={"api": api_base},
            http_client=self._http,
            max_network_retries=2,
        ).v1

    async def close(self) -> None:
        await self._http.close_async()  # type: ignore[no-untyped-call]  # the library's


def _leaves_nothing(_: stripe.CardError) -> IntentSnapshot | None:
    return None


@contextmanager
def asking(
    left_by: Callable[[stripe.CardError], IntentSnapshot | None] = _leaves_nothing,
) -> Iterator[None]:
    """Tell a definite no from an unknown outcome.

    A wrong key of the account, a busy one (429), a conflict (409), a failing one (5xx) and
    silence say nothing definite about what was asked; nor does an idempotency key whose
    parameters differ, because something was done under it.
    """
    try:
        yield
    except stripe.CardError as declined:
        raise ProviderRefused(_code(declined), _message(declined), left_by(declined)) from declined
    except stripe.InvalidRequestError as invalid:
        raise ProviderRefused(_code(invalid), _message(invalid)) from invalid
    except stripe.StripeError as unknown:
        raise OutcomeUnknown(f"{type(unknown).__name__}: {_message(unknown)}") from unknown


@contextmanager
def looking_up() -> Iterator[None]:
    try:
        yield
    except stripe.StripeError as unknown:
        raise OutcomeUnknown(f"{type(unknown).__name__}: {_message(unknown)}") from unknown


def _code(error: stripe.StripeError) -> str:
    return str(getattr(error.error, "decline_code", None) or error.code or "refused")


def _message(error: stripe.StripeError) -> str:
    return error.user_message or "The payment provider gave no reason."
