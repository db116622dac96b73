"""Who is asking: the secret key, as a bearer token or as the user of basic authentication."""

import base64
import binascii
from hmac import compare_digest

from starlette.datastructures import Headers

from stripe_sandbox.config import SandboxConfig
from stripe_sandbox.errors import StripeError
from stripe_sandbox.store import Store

NO_KEY = (
    "You did not provide an API key. You need to provide your API key in the Authorization "
    "header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."
)


def check(config: SandboxConfig, headers: Headers) -> None:
    """Refuse a missing or wrong key with 401."""
    key = _sent(headers.get("authorization", ""))
    if not key:
        raise StripeError(401, "invalid_request_error", NO_KEY)
    if not compare_digest(key.encode(), config.secret_key.encode()):
        hidden = f"{key[:8]}{'*' * 8}{key[-4:]}" if len(key) > 16 else "*" * 12
        raise StripeError(401, "invalid_request_error", f"Invalid API Key provided: {hidden}")


def acting_account(config: SandboxConfig, store: Store, headers: Headers) -> str:
    """The account that `Stripe-Account` names, the key's own without it; 403 for a strange one."""
    account = headers.get("stripe-account", config.account)
    if account != config.account and store.find(config.account, "account", account) is None:
        raise no_access(account)
    return account


def no_access(account: str) -> StripeError:
    return StripeError(
        403,
        "invalid_request_error",
        f"The provided key does not have access to account '{account[:50]}' (or that account "
        "does not exist). Application access may have been revoked.",
        code="account_invalid",
    )


def _sent(header: str) -> str:
    scheme, _, rest = header.partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() == "basic":
        try:
            decoded = base64.b64decode(rest, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return ""
        return decoded.partition(":")[0]
    return ""
