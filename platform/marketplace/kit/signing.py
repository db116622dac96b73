"""Signed links: whoever holds one may follow one order, without an account."""

from uuid import UUID

from itsdangerous import BadData, URLSafeSerializer

# Names what the signature is for, so that no other signed value of ours passes for one.
_SALT = "souk.order.tracking"


def sign_order(secret: str, order_id: UUID) -> str:
    """A token for addresses; the same order and secret always give the same one."""
    return URLSafeSerializer(secret, salt=_SALT).dumps(order_id.hex)


def read_order(secret: str, token: str) -> UUID | None:
    """The order a token speaks for, or None when it was not signed with this secret for this."""
    try:
        return UUID(hex=URLSafeSerializer(secret, salt=_SALT).loads(token))
    except (BadData, ValueError, TypeError, AttributeError):
        return None
