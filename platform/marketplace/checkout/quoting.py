"""What a cart costs now."""

from datetime import datetime

from marketplace.checkout import loading
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import transaction
from marketplace.pricing import quoting
from marketplace.pricing.quoting import Quote


async def quote_cart(*, principal: Principal, token: str, now: datetime) -> Quote:
    """Price the cart behind a token. Refuses as `loading.basket` does; writes nothing."""
    async with transaction(principal, read_only=True):
        found = await loading.read(token, now)
    basket = loading.basket(found, now=now)
    return quoting.quote(basket.items, basket.terms)
