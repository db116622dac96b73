"""What a shopper sees of a cart."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from marketplace.checkout import loading
from marketplace.checkout.models import Cart
from marketplace.kit.errors import NotFound
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import connection, transaction

_CART = """
    SELECT cart.id, orders.number AS order_number FROM cart
    LEFT JOIN orders ON orders.cart_id = cart.id WHERE cart.token_hash = $1
"""
_LINES = """
    SELECT cart_id, offer_id, quantity FROM cart_line WHERE cart_id = ANY($1) ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class CartLineView:
    offer_id: UUID
    quantity: int


async def cart(*, principal: Principal, token: str) -> tuple[Cart, str | None]:
    """The cart behind a token, and the number of the order it has become, if it has."""
    async with transaction(principal, read_only=True):
        row = await connection().fetchrow(_CART, loading.hashed(token))
        if row is None:
            raise NotFound("cart")
        return await Cart.get(id=row["id"]), row["order_number"]


async def lines_of(
    *, principal: Principal, cart_ids: Collection[UUID]
) -> dict[UUID, list[CartLineView]]:
    """Lines by cart, in the order they were put in. Only for carts whose token was shown."""
    by_cart: defaultdict[UUID, list[CartLineView]] = defaultdict(list)
    async with transaction(principal, read_only=True):
        for row in await connection().fetch(_LINES, list(cart_ids)):
            by_cart[row["cart_id"]].append(CartLineView(row["offer_id"], row["quantity"]))
    return by_cart
