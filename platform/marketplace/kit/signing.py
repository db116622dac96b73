"""Signed links: whoever holds one may follow an order or put its address right, no account."""

from uuid import UUID

from itsdangerous import BadData, URLSafeSerializer

# Names what the signature is for, so that no other signed value of ours passes for one.
_SALT = "souk.order.tracking"
_CORRECTION = "souk.order.address"


def sign_order(secret: str, order_id: UUID) -> str:
    """A token for addresses; the same order and secret always give the same one."""
    return _sign(secret, _SALT, order_id)


def read_order(secret: str, token: str) -> UUID | None:
    """The order a token speaks for, or None when it was not signed with this secret for this."""
    return _read(secret, _SALT, token)


def sign_correction(secret: str, correction_id: UUID) -> str:
    """A token for one link to correct an address: it names the link, not the order."""
    return _sign(secret, _CORRECTION, correction_id)


def read_correction(secret: str, token: str) -> UUID | None:
    """The link a token is, or None when it was not signed with this secret for this."""
    return _read(secret, _CORRECTION, token)


def _sign(secret: str, salt: str, thing: UUID) -> str:
    return URLSafeSerializer(secret, salt=salt).dumps(thing.hex)


def _read(secret: str, salt: str, token: str) -> UUID | None:
    try:
        return UUID(hex=URLSafeSerializer(secret, salt=salt).loads(token))
    except (BadData, ValueError, TypeError, AttributeError):
        return None
