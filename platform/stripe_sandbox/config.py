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
    The fee of a dispute is in hundredths of the major unit, whatever the currency.
    """

    data_file: Path
    secret_key: str
    webhook_url: str | None
    webhook_secret: str
    public_url: str
    check_spec: bool = True
    account: str = "acct_1SandboxPlatform"
    currency: str = "eur"
    api_version: str = "2026-10-28.endive"
    fees: Mapping[str, Fee] = field(default_factory=dict)
    enabled_events: frozenset[str] = frozenset({"*"})
    deliveries_at_once: int = 4
    settles_after: int = 0
    refunds_turn_after: int = 60
    authorization_lasts: int = 7 * 86_400
    dispute_fee_hundredths: int = 15_00
    disputes_open_after: int = 0
    disputes_decided_after: int = 60

    def fee_for(self, currency: str) -> Fee:
        return self.fees.get(currency, DEFAULT_FEE)
