"""Stripe's client rests half a second before it asks again; stories ask again at once."""

from collections.abc import Iterator
from contextlib import contextmanager

import stripe


@contextmanager
def asking_again_at_once() -> Iterator[None]:
    rest = stripe.HTTPClient.INITIAL_DELAY
    stripe.HTTPClient.INITIAL_DELAY = 0.001
    try:
        yield
    finally:
        stripe.HTTPClient.INITIAL_DELAY = rest
