"""Account links: the address where a vendor gives Stripe what it asks for."""

from stripe_sandbox import accounts, ids
from stripe_sandbox.call import Call
from stripe_sandbox.errors import invalid_request
from stripe_sandbox.expansion import expanded
from stripe_sandbox.shapes import JsonObject

GOOD_FOR = 300
# Kept with the platform's objects; never served.
KIND = "onboarding_link"


def create(call: Call) -> JsonObject:
    """A link good for one visit within five minutes."""
    account = accounts.find(call, call.params["account"])
    for name in ("refresh_url", "return_url"):
        if name not in call.params:
            raise invalid_request(
                f"Missing required param: {name}.", code="parameter_missing", param=name
            )
    kept = call.add(
        {
            "id": ids.new("link", 32),
            "object": KIND,
            "account": account["id"],
            "created": call.now,
            "expires_at": call.now + GOOD_FOR,
            "is_used": False,
            "refresh_url": call.params["refresh_url"],
            "return_url": call.params["return_url"],
        }
    )
    shown = {name: kept[name] for name in ("created", "expires_at")}
    url = f"{call.config.public_url.rstrip('/')}/_sandbox/onboarding/{kept['id']}"
    return expanded(call, shown | {"object": "account_link", "url": url})
