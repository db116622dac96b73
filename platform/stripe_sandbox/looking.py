"""The pages for people: what is in the sandbox, and its switches."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stripe_sandbox import bank, books, disputing, faults, showing, violations
from stripe_sandbox.config import SandboxConfig
from stripe_sandbox.faults import FaultKind
from stripe_sandbox.shapes import Clock, JsonObject
from stripe_sandbox.statements import FORMATS
from stripe_sandbox.store import Store
from stripe_sandbox.templates import page

NEWEST = 12
A_PAGE = 50
# What each switch does, in the order the page shows them; and what its target may be.
SWITCHES = {
    FaultKind.TIMEOUT_AFTER_WORK: ("The work is done, no answer comes", "POST /v1/refunds"),
    FaultKind.ERROR_500_BEFORE_WORK: ("500, nothing is done", "POST /v1/refunds"),
    FaultKind.ERROR_500_AFTER_WORK: ("500, though the work is done", "POST /v1/refunds"),
    FaultKind.CONFLICT_409: ("409, nothing is done", "POST /v1/refunds"),
    FaultKind.RATE_LIMIT_429: ("429, nothing is done", "POST /v1/refunds"),
    FaultKind.SLOW: ("The answer takes so many seconds longer", "GET /v1/charges"),
    FaultKind.DECLINE_NEXT: ("The next charge is declined", ""),
    FaultKind.PAYOUT_FAILS: ("The bank does not take a payout", "acct_…"),
    FaultKind.PAYOUT_FAILS_AFTER_PAID: ("A paid payout fails after all", "acct_…"),
    FaultKind.PAYOUT_RETURNED: ("A paid payout comes back", "acct_…"),
    FaultKind.BALANCE_TRANSACTION_LATE: ("The balance transaction comes late", "charge or refund"),
    FaultKind.BANK_LINE_MISSING: ("A payout never reaches the bank statement", "po_…"),
    FaultKind.BANK_LINE_DOUBLED: ("A payout is on the bank statement twice", "po_…"),
    FaultKind.BANK_LINE_AMOUNT: ("The bank keeps 1 % of a payout", "po_…"),
    FaultKind.WEBHOOK_LOST: ("A webhook is never sent", "charge.refunded"),
    FaultKind.WEBHOOK_DOUBLED: ("A webhook is sent twice", "charge.refunded"),
    FaultKind.WEBHOOK_LATE: ("A webhook is sent late", "charge.refunded"),
    FaultKind.WEBHOOK_REORDERED: ("A webhook is sent after a later one", "charge.refunded"),
}


@dataclass(frozen=True)
class Looking:
    """`index` is the answer for what is not a browser."""

    config: SandboxConfig
    store: Store
    clock: Clock
    index: Callable[[Request], Awaitable[Response]]

    def routes(self) -> list[Route]:
        return [
            Route("/_sandbox/", self.home, methods=["GET"]),
            Route("/_sandbox/objects", self.list_objects, methods=["GET"]),
            Route("/_sandbox/objects/{id}", self.show_object, methods=["GET"]),
        ]

    async def home(self, request: Request) -> Response:
        if "text/html" not in request.headers.get("accept", ""):
            return await self.index(request)
        now = await self.clock()
        seconds = int(now.timestamp())
        own = self.config.account
        disputes = showing.objects(self.store, kind="dispute", most=NEWEST)
        context: JsonObject = {
            "config": self.config,
            "now": seconds,
            "today": now.date(),
            "agrees": books.everything(self.store, own, seconds)["agrees"],
            "violations": len(violations.listed(self.store)),
            "balances": showing.balances(self.store, own, seconds),
            "disputes": disputes,
            "open": disputing.OPEN,
            "accounts": showing.objects(self.store, kind="account", most=NEWEST),
            "newest": showing.objects(self.store, most=NEWEST),
            "counts": showing.counts(self.store),
            "waiting": showing.waiting(self.store),
            "states": showing.delivery_states(self.store),
            "faults": faults.listed(self.store),
            "switches": SWITCHES,
            "reasons": disputing.REASONS,
            "bank_lines": bank.latest(self.store, own, NEWEST),
            "formats": tuple(FORMATS),
        }
        return page("home.html", context)

    async def list_objects(self, request: Request) -> Response:
        """?type=&account=&before=: a page of them, the newest first."""
        asked = {name: value for name, value in request.query_params.items() if value}
        before = asked.get("before", "")
        found = showing.objects(
            self.store,
            kind=asked.get("type"),
            account=asked.get("account"),
            before=int(before) if before.isdecimal() else None,
            most=A_PAGE + 1,
        )
        context = {
            "objects": found[:A_PAGE],
            "older": found[A_PAGE - 1].seq if len(found) > A_PAGE else None,
            "type": asked.get("type", ""),
            "account": asked.get("account", ""),
            "counts": showing.counts(self.store),
        }
        return page("objects.html", context)

    async def show_object(self, request: Request) -> Response:
        found = showing.one(self.store, request.path_params["id"])
        if found is None:
            return page("problem.html", {"problem": "There is no such object here."}, 404)
        context = {
            "shown": found,
            "json": showing.linked(self.store, found),
            "mentions": showing.mentions(self.store, found.id, NEWEST),
            "open": disputing.OPEN,
        }
        return page("object.html", context)
