"""Stripe's refusals, in Stripe's shape."""

from stripe_sandbox.shapes import JsonObject

# A refusal quotes what was sent, which may be as long as a body.
LONGEST_MESSAGE = 2_000
LONGEST_PARAM = 200
DOCUMENTED_TYPES = ("invalid_request_error", "card_error")


class StripeError(Exception):
    """An answer that is not 200.

    `keeps_work` says that what was done before stays done: a declined card leaves its failed
    charge behind, every other refusal leaves nothing.
    """

    def __init__(
        self,
        status: int,
        kind: str,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        details: JsonObject | None = None,
        keeps_work: bool = False,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind
        self.message = message
        self.code = code
        self.param = param
        self.details = details or {}
        self.keeps_work = keeps_work

    def body(self) -> JsonObject:
        error: JsonObject = {"type": self.kind, "message": self.message[:LONGEST_MESSAGE]}
        if self.code is not None:
            error["code"] = self.code
            if self.kind in DOCUMENTED_TYPES:
                slug = self.code.replace("_", "-")
                error["doc_url"] = f"https://stripe.com/docs/error-codes/{slug}"
        if self.param is not None:
            error["param"] = self.param[:LONGEST_PARAM]
        return {"error": error | self.details}


def invalid_request(
    message: str,
    *,
    code: str | None = None,
    param: str | None = None,
    status: int = 400,
    details: JsonObject | None = None,
) -> StripeError:
    return StripeError(
        status, "invalid_request_error", message, code=code, param=param, details=details
    )


def missing(thing: str, id_: str, *, param: str | None = None, status: int = 404) -> StripeError:
    """404 for an id in the path, 400 for one in a parameter."""
    return invalid_request(
        f"No such {thing}: '{id_}'", code="resource_missing", param=param or "id", status=status
    )


def unexpected_state(message: str, intent: JsonObject, *, param: str | None = None) -> StripeError:
    return invalid_request(
        message,
        code="payment_intent_unexpected_state",
        param=param,
        details={"payment_intent": intent},
    )


def internal(message: str) -> StripeError:
    return StripeError(500, "api_error", message)
