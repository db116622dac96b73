"""Where the ORM finds its models. Names only: the core never imports what stands on it."""

from collections.abc import Iterable
from types import ModuleType

MODELS: dict[str, Iterable[str | ModuleType]] = {
    "marketplace": [
        "marketplace.kit.models",
        "marketplace.outbox.models",
        "marketplace.accounts.models",
        "marketplace.catalog.models",
        "marketplace.pricing.models",
        "marketplace.inventory.models",
        "marketplace.sla.models",
        "marketplace.sla.policy_models",
        "marketplace.routing.models",
        "marketplace.payments.models",
        "marketplace.orders.models",
        "marketplace.orders.history_models",
        "marketplace.orders.delay_models",
        "marketplace.orders.hold_models",
        "marketplace.orders.substitution_models",
        "marketplace.risk.models",
        "marketplace.checkout.models",
        "marketplace.notifications.models",
    ],
    "settlement": [
        "settlement.models",
        "settlement.history.models",
        "settlement.terms.models",
        "settlement.earnings.models",
        "settlement.connected.models",
        "settlement.payouts.models",
        "settlement.disputes.models",
        "settlement.adjustments.models",
        "settlement.reconciliation.models",
        "settlement.reconciliation.run_models",
    ],
}
