"""The page a cardholder's bank would show: complete the authentication, or fail it."""

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from stripe_sandbox import confirming, currencies
from stripe_sandbox.background import Background
from stripe_sandbox.call import Call
from stripe_sandbox.config import SandboxConfig
from stripe_sandbox.errors import StripeError
from stripe_sandbox.form import decode
from stripe_sandbox.shapes import Clock, JsonObject
from stripe_sandbox.store import Store
from stripe_sandbox.templates import PAGES

OUTCOMES = ("complete", "fail")


@dataclass(frozen=True)
class Authenticating:
    config: SandboxConfig
    store: Store
    clock: Clock
    background: Background

    def routes(self) -> list[Route]:
        path = "/_sandbox/authenticate/{intent}"
        return [
            Route(path, self.show, methods=["GET"]),
            Route(path, self.decide, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        intent = self._find(request)
        if intent is None:
            return self._page(None, status=404)
        return self._page(intent, status=200)

    async def decide(self, request: Request) -> Response:
        """Take the decision once, then go where the intent says."""
        now = int((await self.clock()).timestamp())
        outcome = decode((await request.body()).decode("ascii", "replace")).get("outcome")
        with self.store.transaction():
            intent = self._find(request)
            if intent is None:
                return self._page(None, status=404)
            if intent["status"] != "requires_action" or outcome not in OUTCOMES:
                return self._page(intent, status=409)
            return_url = intent["next_action"]["redirect_to_url"]["return_url"]
            call = Call(self.store, self.config, self.config.account, now)
            decided = _decide(call, intent, passed=outcome == "complete")
        self.background.wake()
        if return_url is None:
            return self._page(decided, status=200)
        return RedirectResponse(_back_to(return_url, decided), status_code=303)

    def _find(self, request: Request) -> JsonObject | None:
        id_ = request.path_params["intent"]
        return self.store.find(self.config.account, "payment_intent", id_)

    def _page(self, intent: JsonObject | None, *, status: int) -> Response:
        context: JsonObject = {"waiting": False, "title": "No such payment", "amount": "", "id": ""}
        if intent is not None:
            context = {
                "waiting": intent["status"] == "requires_action",
                "title": _title(intent["status"]),
                "amount": currencies.money(intent["amount"], intent["currency"]),
                "id": intent["id"],
            }
        html = PAGES.get_template("authenticate.html").render(context)
        return HTMLResponse(html, status_code=status, headers={"Cache-Control": "no-store"})


def _title(status: str) -> str:
    if status == "requires_action":
        return "Confirm this payment"
    if status in ("succeeded", "requires_capture"):
        return "This payment is confirmed"
    return "This payment is not confirmed"


def _decide(call: Call, intent: JsonObject, *, passed: bool) -> JsonObject:
    if not passed:
        return confirming.authentication_failed(call, intent)
    method = call.get("payment_method", intent["payment_method"])
    try:
        return confirming.charge_card(call, intent, method, authenticated=True)
    except StripeError as declined:
        # The bank authenticated the holder and then declined the charge: an outcome, kept.
        if not declined.keeps_work:
            raise
        failed: JsonObject = declined.details["payment_intent"]
        return failed


def _back_to(return_url: str, intent: JsonObject) -> str:
    passed = intent["status"] in ("succeeded", "requires_capture")
    told = urlencode(
        {
            "payment_intent": intent["id"],
            "payment_intent_client_secret": intent["client_secret"],
            "redirect_status": "succeeded" if passed else "failed",
        }
    )
    address, hash_, fragment = return_url.partition("#")
    return f"{address}{'&' if '?' in address else '?'}{told}{hash_}{fragment}"
