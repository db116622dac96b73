"""What a cart costs now."""

from datetime import datetime

from marketplace.checkout import loading
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import transaction
from marketplace.pricing import quoting
from marketplace.pricing.quoting import Quote


async def quote_cart(*, principal: Principal, token: str, now: datetime) -> Quote:
    """Price the cart behind a token. Refuses as `loading.load` does; writes nothing."""
    async with transaction(principal, read_only=True):
        cart = await loading.find_cart(token)
        basket = await loading.load(cart, now=now)
    return quoting.quote(basket.items, basket.terms)
