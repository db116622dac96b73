"""Which of Stripe's operations the sandbox has, and which of their parameters it models."""

from collections.abc import Callable
from dataclasses import dataclass, field

from stripe_sandbox import (
    accounts,
    balance,
    balance_settings,
    cards,
    charges,
    disputes,
    history,
    holdings,
    intents,
    links,
    payouts,
    refunds,
    reversals,
    transfers,
)
from stripe_sandbox.call import Call
from stripe_sandbox.errors import invalid_request
from stripe_sandbox.shapes import JsonObject


@dataclass(frozen=True)
class Action:
    """`takes` are the parameters it acts on: any other is refused, never ignored.

    `connected` is for what changes something and can be done as a connected account too.
    """

    method: str
    template: str
    handle: Callable[[Call], JsonObject]
    takes: frozenset[str] = field(default_factory=frozenset)
    connected: bool = False

    def check_modelled(self, params: JsonObject) -> None:
        for name in params:
            if name not in self.takes and name != "expand":
                raise invalid_request(
                    f"The sandbox does not model this parameter: {name}",
                    code="parameter_unknown",
                    param=name,
                )

    def check_connected(self) -> None:
        if self.method != "GET" and not self.connected:
            raise invalid_request(
                "The sandbox does not model this operation on a connected account: "
                f"{self.method} {self.template}"
            )


def _of(*names: str) -> frozenset[str]:
    return frozenset(names)


PAGE = _of("limit", "starting_after", "ending_before", "created")
INTENT = _of(
    "amount", "description", "metadata", "payment_method", "receipt_email", "shipping",
    "statement_descriptor", "statement_descriptor_suffix", "transfer_group",
)  # fmt: skip
CONFIRM = _of("payment_method", "return_url", "error_on_requires_action", "off_session")
CREATE = INTENT | _of(
    "allowed_payment_method_types", "automatic_payment_methods", "capture_method", "confirm",
    "currency", "error_on_requires_action", "off_session", "payment_method_types", "return_url",
)  # fmt: skip
LIST_TRANSACTIONS = PAGE | _of("currency", "payout", "source", "type")
LIST_EVENTS = PAGE | _of("type", "types", "delivery_success")
REFUND = _of("amount", "charge", "metadata", "payment_intent", "reason")
BY_PAYMENT = PAGE | _of("charge", "payment_intent")
ACCOUNT = _of(
    "business_profile", "business_type", "capabilities", "default_currency",
    "email", "external_account", "metadata",
)  # fmt: skip
LINK = _of("account", "collect", "refresh_url", "return_url", "type")
TRANSFER = _of(
    "amount", "currency", "description", "destination", "metadata", "source_transaction",
    "transfer_group",
)  # fmt: skip
REVERSAL = _of("amount", "metadata")
PAYOUT = _of("amount", "currency", "description", "destination", "metadata", "statement_descriptor")
LIST_PAYOUTS = PAGE | _of("arrival_date", "destination", "status")
CURSOR = PAGE - {"created"}
SETTINGS = "/v1/balance_settings"
TRANSFERS = "/v1/transfers"
ONE_REVERSAL = "/v1/transfers/{transfer}/reversals/{id}"
PAYOUTS = "/v1/payouts"
ONE_PAYOUT = "/v1/payouts/{payout}"
EVIDENCE = _of("evidence", "metadata", "submit")
INTENTS = "/v1/payment_intents"
ONE_INTENT = "/v1/payment_intents/{intent}"

ACTIONS = (
    Action("POST", INTENTS, intents.create, CREATE),
    Action("GET", INTENTS, intents.list_all, PAGE),
    Action("GET", ONE_INTENT, intents.retrieve),
    Action("POST", ONE_INTENT, intents.update, INTENT),
    Action("POST", f"{ONE_INTENT}/confirm", intents.confirm, CONFIRM),
    Action("POST", f"{ONE_INTENT}/capture", intents.capture, _of("amount_to_capture", "metadata")),
    Action("POST", f"{ONE_INTENT}/cancel", intents.cancel, _of("cancellation_reason")),
    Action("GET", "/v1/payment_methods/{payment_method}", cards.retrieve),
    Action("GET", "/v1/charges", charges.list_all, PAGE | _of("payment_intent", "transfer_group")),
    Action("GET", "/v1/charges/{charge}", charges.retrieve),
    Action("POST", "/v1/refunds", refunds.create, REFUND),
    Action("GET", "/v1/refunds", refunds.list_all, BY_PAYMENT),
    Action("GET", "/v1/refunds/{refund}", refunds.retrieve),
    Action("POST", "/v1/refunds/{refund}", refunds.update, _of("metadata")),
    Action("GET", "/v1/balance", holdings.retrieve),
    Action("GET", "/v1/balance_transactions", balance.list_all, LIST_TRANSACTIONS),
    Action("GET", "/v1/balance_transactions/{id}", balance.retrieve),
    Action(
        "POST",
        "/v1/accounts",
        accounts.create,
        ACCOUNT | _of("bank_account", "controller", "country"),
    ),
    Action("GET", "/v1/accounts", accounts.list_all, PAGE),
    Action("GET", "/v1/accounts/{account}", accounts.retrieve),
    Action("POST", "/v1/accounts/{account}", accounts.update, ACCOUNT),
    Action("POST", "/v1/account_links", links.create, LINK),
    Action("GET", SETTINGS, balance_settings.retrieve),
    Action("POST", SETTINGS, balance_settings.update, _of("payments"), connected=True),
    Action("POST", TRANSFERS, transfers.create, TRANSFER, connected=True),
    Action("GET", TRANSFERS, transfers.list_all, PAGE | _of("destination", "transfer_group")),
    Action("GET", "/v1/transfers/{transfer}", transfers.retrieve),
    Action(
        "POST", "/v1/transfers/{transfer}", transfers.update, _of("description", "metadata"), True
    ),
    Action("POST", "/v1/transfers/{id}/reversals", reversals.create, REVERSAL, connected=True),
    Action("GET", "/v1/transfers/{id}/reversals", reversals.list_all, CURSOR),
    Action("GET", ONE_REVERSAL, reversals.retrieve),
    Action("POST", ONE_REVERSAL, reversals.update, _of("metadata"), connected=True),
    Action("POST", PAYOUTS, payouts.create, PAYOUT, connected=True),
    Action("GET", PAYOUTS, payouts.list_all, LIST_PAYOUTS),
    Action("GET", ONE_PAYOUT, payouts.retrieve),
    Action("POST", ONE_PAYOUT, payouts.update, _of("metadata"), connected=True),
    Action("POST", f"{ONE_PAYOUT}/cancel", payouts.cancel, connected=True),
    Action("POST", f"{ONE_PAYOUT}/reverse", payouts.reverse, _of("metadata"), connected=True),
    Action("GET", "/v1/disputes", disputes.list_all, BY_PAYMENT),
    Action("GET", "/v1/disputes/{dispute}", disputes.retrieve),
    Action("POST", "/v1/disputes/{dispute}", disputes.update, EVIDENCE),
    Action("POST", "/v1/disputes/{dispute}/close", disputes.close),
    Action("GET", "/v1/events", history.list_all, LIST_EVENTS),
    Action("GET", "/v1/events/{id}", history.retrieve),
)
