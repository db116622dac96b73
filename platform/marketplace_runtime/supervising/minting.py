"""The secrets of one home: minted once, so that sessions and webhooks survive a restart."""

import json
import secrets
from dataclasses import asdict, dataclass

from marketplace_runtime.embedded.home import Home


@dataclass(frozen=True)
class Secrets:
    secret_key: str
    stripe_api_key: str
    stripe_webhook_secret: str


def secrets_of(home: Home) -> Secrets:
    path = home.path / "secrets.json"
    try:
        return Secrets(**json.loads(path.read_text()))
    except FileNotFoundError:
        minted = Secrets(
            secret_key=secrets.token_urlsafe(48),
            stripe_api_key=f"sk_test_{secrets.token_hex(24)}",
            stripe_webhook_secret=f"whsec_{secrets.token_hex(24)}",
        )
    unfinished = path.with_suffix(".new")
    unfinished.touch(mode=0o600)
    unfinished.write_text(json.dumps(asdict(minted)))
    unfinished.rename(path)
    return minted
