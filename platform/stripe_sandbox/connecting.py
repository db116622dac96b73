"""The sandbox's own doors to connected accounts, and the page where a vendor signs up."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from stripe_sandbox import accounts, asking, banks, holdings, ids, links, onboarding
from stripe_sandbox.asking import Misused, asked_of
from stripe_sandbox.background import Background
from stripe_sandbox.call import Call
from stripe_sandbox.config import SandboxConfig
from stripe_sandbox.errors import StripeError
from stripe_sandbox.shapes import Clock, JsonObject
from stripe_sandbox.store import Store
from stripe_sandbox.templates import PAGES

Deed: TypeAlias = Callable[[Call, str, JsonObject], JsonObject]
ACCOUNT = "/_sandbox/accounts/{account}"
TEXTS = ("business_type", "country", "default_currency", "email")
BANK_TEXTS = ("account_holder_name", "account_number", "country", "currency", "routing_number")
MOST_REQUIREMENTS = 20


@dataclass(frozen=True)
class Connecting:
    config: SandboxConfig
    store: Store
    clock: Clock
    background: Background

    def doors(self) -> list[Route]:
        deeds: dict[str, Deed] = {
            "onboard": _onboard,
            "requirements": _require,
            "payouts": _let_payouts,
            "bank_account": _change_bank,
            "deauthorize": lambda call, account, asked: onboarding.deauthorize(call, account),
        }
        doors = [
            Route(f"{ACCOUNT}/{name}", self._door(deed), methods=["POST"])
            for name, deed in deeds.items()
        ]
        return [
            Route("/_sandbox/accounts", self._door(_enroll), methods=["POST"]),
            *doors,
            Route("/_sandbox/balance/mature", self._door(_mature), methods=["POST"]),
        ]

    def pages(self) -> list[Route]:
        return [
            Route("/_sandbox/onboarding/{link}", self.show, methods=["GET"]),
            Route("/_sandbox/onboarding/{link}", self.decide, methods=["POST"]),
        ]

    def _door(self, deed: Deed) -> Callable[[Request], object]:
        async def answer(request: Request) -> Response:
            try:
                asked = await asked_of(request)
                call = await self._call()
                with self.store.transaction():
                    done = deed(call, request.path_params.get("account", ""), asked)
            except Misused as misused:
                return misused.answer()
            except StripeError as refused:
                return JSONResponse({"error": refused.message}, status_code=refused.status)
            self.background.wake()
            return JSONResponse(done)

        return answer

    async def _call(self) -> Call:
        now = int((await self.clock()).timestamp())
        return Call(self.store, self.config, self.config.account, now)

    async def show(self, request: Request) -> Response:
        call = await self._call()
        link = self._link(request)
        if link is None:
            return _page(None, status=404)
        if _is_over(call, link):
            return RedirectResponse(link["refresh_url"], status_code=303)
        return _page(link, status=200)

    async def decide(self, request: Request) -> Response:
        """Fill in what is asked for, or leave it for later; either way back to the platform."""
        asked = await asked_of(request)
        call = await self._call()
        with self.store.transaction():
            link = self._link(request)
            if link is None:
                return _page(None, status=404)
            if _is_over(call, link):
                return RedirectResponse(link["refresh_url"], status_code=303)
            call.save(link | {"is_used": True})
            if asked.get("outcome") == "complete":
                onboarding.complete(call, link["account"])
        self.background.wake()
        return RedirectResponse(link["return_url"], status_code=303)

    def _link(self, request: Request) -> JsonObject | None:
        return self.store.find(self.config.account, links.KIND, request.path_params["link"])


def _is_over(call: Call, link: JsonObject) -> bool:
    return bool(link["is_used"]) or int(link["expires_at"]) <= call.now


def _page(link: JsonObject | None, *, status: int) -> Response:
    html = PAGES.get_template("onboarding.html").render({"account": link and link["account"]})
    return HTMLResponse(html, status_code=status, headers={"Cache-Control": "no-store"})


def _enroll(call: Call, _: str, asked: JsonObject) -> JsonObject:
    """{id?, country?, default_currency?, email?, business_type?, metadata?, bank_account?}"""
    id_ = asking.text(asked, "id") or ids.new("acct", 16)
    if not id_.startswith("acct_") or id_ == call.config.account:
        raise Misused("id begins with acct_ and is not the platform's")
    wanted: JsonObject = {
        name: asking.text(asked, name) for name in TEXTS if asked.get(name) is not None
    }
    metadata = asked.get("metadata", {})
    if not isinstance(metadata, dict) or not all(isinstance(v, str) for v in metadata.values()):
        raise Misused("metadata is an object of texts")
    wanted["metadata"] = metadata
    if asked.get("bank_account") is not None:
        wanted["bank_account"] = _bank(
            asked["bank_account"], country=asked.get("country", accounts.HOME)
        )
    return onboarding.enroll(call, wanted, id_=id_)


def _bank(asked: object, *, country: str) -> JsonObject:
    if not isinstance(asked, dict):
        raise Misused("bank_account is an object")
    told = {name: asking.text(asked, name) for name in BANK_TEXTS if asked.get(name) is not None}
    if "account_number" not in told:
        raise Misused("account_number is an IBAN or the digits of a bank account")
    return {"country": country} | told


def _onboard(call: Call, account: str, asked: JsonObject) -> JsonObject:
    """{account_number?, country?, currency?}: the bank account the vendor fills in."""
    if "account_number" not in asked:
        return onboarding.complete(call, account)
    found = accounts.find(call, account)
    told = _bank(asked, country=found["country"])
    bank = banks.new(account, told, currency=found["default_currency"])
    return onboarding.complete(call, account, bank)


def _require(call: Call, account: str, asked: JsonObject) -> JsonObject:
    """{currently_due?, past_due?}: names of requirements; none of either settles them all."""
    lists = [asked.get(name, []) for name in ("currently_due", "past_due")]
    for names in lists:
        if not isinstance(names, list) or len(names) > MOST_REQUIREMENTS:
            raise Misused(f"currently_due and past_due are at most {MOST_REQUIREMENTS} names")
        if not all(isinstance(name, str) and 0 < len(name) <= 200 for name in names):
            raise Misused("a requirement is a text")
    return onboarding.require(call, account, due=lists[0], past_due=lists[1])


def _let_payouts(call: Call, account: str, asked: JsonObject) -> JsonObject:
    """{enabled}"""
    enabled = asking.flag(asked, "enabled")
    return onboarding.let_payouts(call, account, enabled=enabled)


def _change_bank(call: Call, account: str, asked: JsonObject) -> JsonObject:
    """{account_number, country?, currency?, routing_number?, account_holder_name?}"""
    return onboarding.change_bank(
        call, account, _bank(asked, country=accounts.find(call, account)["country"])
    )


def _mature(call: Call, _: str, asked: JsonObject) -> JsonObject:
    """{account?}: all that is pending, of one account or of all, is available now."""
    return {"transactions": holdings.mature(call, asking.text(asked, "account"))}
