"""What an operator decides about one sandbox."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from stripe_sandbox.currencies import Fee

DEFAULT_FEE = Fee(rate_ppm=29_000, fixed_hundredths=30)


@dataclass(frozen=True)
class SandboxConfig:
    """One account's sandbox. Delays are in seconds of the marketplace's clock.

    `fees` overrides the card fee of single currencies. `enabled_events` is the webhook
    endpoint's filter, "*" for every type. Without a `webhook_url` events are only stored.
    Events of connected accounts go to `connect_webhook_url`, signed with its own secret, or to
    the same endpoint if there is none. A payout is with the bank after `payout_days` business
    days; one that comes back does so `return_days` business days later.
    The fee of a dispute is in hundredths of the major unit, whatever the currency.
    """

    data_file: Path
    secret_key: str
    webhook_url: str | None
    webhook_secret: str
    public_url: str
    connect_webhook_url: str | None = None
    connect_webhook_secret: str | None = None
    check_spec: bool = True
    account: str = "acct_1SandboxPlatform"
    currency: str = "eur"
    api_version: str = "2026-10-28.endive"
    fees: Mapping[str, Fee] = field(default_factory=dict)
    enabled_events: frozenset[str] = frozenset({"*"})
    deliveries_at_once: int = 4
    settles_after: int = 0
    refunds_turn_after: int = 60
    payout_days: int = 2
    return_days: int = 2
    authorization_lasts: int = 7 * 86_400
    dispute_fee_hundredths: int = 15_00
    disputes_open_after: int = 0
    disputes_decided_after: int = 60

    def endpoint_for(self, account: str) -> tuple[str, str] | None:
        """Where an account's events go and the secret that signs them, if they go anywhere."""
        url, secret = self.webhook_url, self.webhook_secret
        if account != self.account:
            url = self.connect_webhook_url or url
            secret = self.connect_webhook_secret or secret
        return None if url is None else (url, secret)

    def fee_for(self, currency: str) -> Fee:
        return self.fees.get(currency, DEFAULT_FEE)
