"""What people do in Stripe's dashboard, and what Stripe does by itself, at the pull of a switch."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stripe_sandbox import asking, balance, disputing, holdings, intents, refunds
from stripe_sandbox.asking import Misused, asked_of
from stripe_sandbox.background import Background
from stripe_sandbox.call import Call
from stripe_sandbox.config import SandboxConfig
from stripe_sandbox.errors import StripeError
from stripe_sandbox.shapes import Clock, JsonObject
from stripe_sandbox.store import Store

REFUND_REASONS = ("requested_by_customer", "duplicate", "fraudulent")


@dataclass(frozen=True)
class Dashboard:
    config: SandboxConfig
    store: Store
    clock: Clock
    background: Background

    def routes(self) -> list[Route]:
        doors: dict[str, Callable[[Call, JsonObject], JsonObject]] = {
            "/_sandbox/charges": charge,
            "/_sandbox/refunds": refund,
            "/_sandbox/disputes": open_dispute,
            "/_sandbox/disputes/{dispute}/win": win,
            "/_sandbox/disputes/{dispute}/lose": lose,
            "/_sandbox/disputes/{dispute}/reinstate": reinstate,
            "/_sandbox/fees": take_fee,
            "/_sandbox/reserves": reserve,
        }
        return [
            Route(path, partial(self.do, work=work), methods=["POST"])
            for path, work in doors.items()
        ]

    async def do(
        self, request: Request, work: Callable[[Call, JsonObject], JsonObject]
    ) -> Response:
        """Do it in one transaction; what came of it, as Stripe's API would show it."""
        try:
            asked = await asked_of(request)
            now = int((await self.clock()).timestamp())
            path = request.path_params
            call = Call(self.store, self.config, self.config.account, now, path=path)
            with self.store.transaction():
                try:
                    done = work(call, asked)
                except StripeError as refused:
                    if not refused.keeps_work:
                        raise
                    return JSONResponse(refused.body(), status_code=refused.status)
                finally:
                    self.background.wake()
        except Misused as misused:
            return misused.answer()
        except StripeError as refused:
            return JSONResponse(refused.body(), status_code=refused.status)
        return JSONResponse(done)


def charge(call: Call, asked: JsonObject) -> JsonObject:
    """{amount, currency?, payment_method?, description?}: a payment nobody told us of."""
    params = {
        "amount": asking.amount(asked),
        "capture_method": "automatic",
        "confirm": True,
        "currency": asking.currency(asked, call.config.currency),
        "description": asking.text(asked, "description") or "Made in the dashboard",
        "payment_method": asking.text(asked, "payment_method") or "pm_card_visa",
        "payment_method_types": ["card"],
    }
    intent = intents.create(_with(call, params))
    made: JsonObject = call.get("charge", intent["latest_charge"])
    return made


def refund(call: Call, asked: JsonObject) -> JsonObject:
    """{charge or payment_intent, amount?, reason?}"""
    names = ("charge", "payment_intent")
    params: JsonObject = {name: asking.text(asked, name) for name in names if name in asked}
    params["reason"] = asking.word(asked, "reason", REFUND_REASONS)
    if "amount" in asked:
        params["amount"] = asking.amount(asked)
    return refunds.create(_with(call, params))


def open_dispute(call: Call, asked: JsonObject) -> JsonObject:
    """{charge, amount?, reason?, inquiry?}: all that was not given back, unless it says less."""
    disputed = call.get("charge", asking.text(asked, "charge") or "", param="charge")
    if not disputed["captured"]:
        raise Misused("what was not captured cannot be disputed", status=409)
    earlier = call.store.where(call.account, "dispute", {"charge": disputed["id"]})
    if any(one["status"] != "won" for one in earlier):
        raise Misused("this charge has been disputed already", status=409)
    captured = disputed["amount_captured"]
    left = captured - disputed["amount_refunded"]
    amount = asking.amount(asked, default=left or captured)
    if amount > captured:
        raise Misused("a dispute is over what was captured at most", status=409)
    reason = asking.word(asked, "reason", disputing.REASONS)
    inquiry = asking.flag(asked, "inquiry", default=False)
    return disputing.open_(call, disputed, amount, reason=reason, inquiry=inquiry)


def win(call: Call, asked: JsonObject) -> JsonObject:
    return disputing.win(call, call.get("dispute", call.path["dispute"]))


def lose(call: Call, asked: JsonObject) -> JsonObject:
    return disputing.lose(call, call.get("dispute", call.path["dispute"]))


def reinstate(call: Call, asked: JsonObject) -> JsonObject:
    return disputing.reinstate(call, call.get("dispute", call.path["dispute"]))


def take_fee(call: Call, asked: JsonObject) -> JsonObject:
    """{amount, currency?, description?}: a fee of Stripe's that belongs to no payment."""
    return balance.book(
        call,
        kind="stripe_fee",
        category="fee",
        amount=-asking.amount(asked),
        fee=0,
        currency=asking.currency(asked, call.config.currency),
        source=None,
        description=asking.text(asked, "description") or "Billing usage fee",
        available_on=call.now,
    )


def reserve(call: Call, asked: JsonObject) -> JsonObject:
    """{amount, currency?, description?}: held back from the balance; less than 0 is let go."""
    amount = asking.amount(asked, least=-asking.LARGEST_AMOUNT)
    currency = asking.currency(asked, call.config.currency)
    held = holdings.reserved(call).get(currency, 0)
    if amount + held < 0:
        raise Misused(f"only {held} are held back", status=409)
    return balance.book(
        call,
        kind="reserve_transaction",
        category="connect_reserved_funds",
        amount=-amount,
        fee=0,
        currency=currency,
        source=None,
        description=asking.text(asked, "description") or "Reserve for connected accounts",
        available_on=call.now,
    )


def _with(call: Call, params: JsonObject) -> Call:
    return Call(call.store, call.config, call.account, call.now, params=params, path=call.path)
