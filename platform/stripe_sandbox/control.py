"""The sandbox's own doors, under /_sandbox/: faults, deliveries, books, violations."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stripe_sandbox import asking, books, faults, violations
from stripe_sandbox.asking import Misused, asked_of
from stripe_sandbox.background import Background
from stripe_sandbox.config import SandboxConfig
from stripe_sandbox.faults import FaultKind
from stripe_sandbox.shapes import Clock, JsonObject
from stripe_sandbox.store import Store

MOST_STROKES = 100_000
LONGEST_SECONDS = 30 * 86_400


@dataclass(frozen=True)
class Control:
    config: SandboxConfig
    store: Store
    clock: Clock
    background: Background

    def routes(self) -> list[Route]:
        return [
            Route("/_sandbox/faults", self.set_fault, methods=["POST"]),
            Route("/_sandbox/faults", self.list_faults, methods=["GET"]),
            Route("/_sandbox/faults", self.clear_faults, methods=["DELETE"]),
            Route("/_sandbox/faults/clear", self.clear_faults, methods=["POST"]),
            Route("/_sandbox/books", self.show_books, methods=["GET"]),
            Route("/_sandbox/violations", self.list_violations, methods=["GET"]),
            Route("/_sandbox/deliveries", self.list_deliveries, methods=["GET"]),
            Route("/_sandbox/deliveries/flush", self.flush, methods=["POST"]),
            Route("/_sandbox/deliveries/due", self.catch_up, methods=["POST"]),
            Route("/_sandbox/events/{id}/deliver", self.redeliver, methods=["POST"]),
        ]

    async def index(self, request: Request) -> Response:
        counts = self.store.rows("SELECT type, COUNT(*) AS n FROM objects GROUP BY type")
        return JSONResponse(
            {
                "sandbox": "a local stand-in for Stripe; no real money",
                "account": self.config.account,
                "api_version": self.config.api_version,
                "now": (await self.clock()).isoformat(),
                "webhook_url": self.config.webhook_url,
                "checks_itself": self.config.check_spec,
                "objects": {row["type"]: row["n"] for row in counts},
                "faults": len(faults.listed(self.store)),
                "violations": len(violations.listed(self.store)),
                "doors": _doors(request),
            }
        )

    async def set_fault(self, request: Request) -> Response:
        """{kind, count?, path? or event_type? or target?, seconds?}"""
        try:
            asked = await asked_of(request)
            kind = _kind(asked)
            count = asking.number(asked, "count", default=1, most=MOST_STROKES)
            seconds = asking.number(asked, "seconds", default=0, most=LONGEST_SECONDS)
            target = asked.get("path", asked.get("event_type", asked.get("target")))
            if target is not None and not isinstance(target, str):
                raise Misused("path, event_type and target are words")
        except Misused as misused:
            return misused.answer()
        if count < 1:
            return JSONResponse({"error": "count is at least 1"}, status_code=400)
        faults.switch_on(self.store, kind, count=int(count), target=target, seconds=float(seconds))
        return await self.list_faults(request)

    async def list_faults(self, request: Request) -> Response:
        listed = [fault.as_json() for fault in faults.listed(self.store)]
        return JSONResponse({"faults": listed, "kinds": [str(kind) for kind in FaultKind]})

    async def clear_faults(self, request: Request) -> Response:
        faults.clear(self.store)
        return await self.list_faults(request)

    async def show_books(self, request: Request) -> Response:
        now = int((await self.clock()).timestamp())
        return JSONResponse(books.everything(self.store, self.config.account, now))

    async def list_violations(self, request: Request) -> Response:
        return JSONResponse({"violations": violations.listed(self.store)})

    async def list_deliveries(self, request: Request) -> Response:
        rows = self.store.rows(
            "SELECT event, state, attempts, next_attempt_at, last_problem FROM deliveries "
            "ORDER BY id DESC LIMIT 100"
        )
        counts = self.store.rows("SELECT state, COUNT(*) AS n FROM deliveries GROUP BY state")
        return JSONResponse(
            {
                "counts": {row["state"]: row["n"] for row in counts},
                "latest": [dict(row) for row in rows],
            }
        )

    async def flush(self, request: Request) -> Response:
        return JSONResponse({"tried": await self.background.flush()})

    async def catch_up(self, request: Request) -> Response:
        """Look at the clock now instead of within a second."""
        return JSONResponse({"worked": await self.background.catch_up()})

    async def redeliver(self, request: Request) -> Response:
        """Send one event again, now; the answer says what came of it."""
        event_id = request.path_params["id"]
        sent = self.store.row("SELECT account FROM deliveries WHERE event = ?", (event_id,))
        account = sent["account"] if sent else self.config.account
        if self.config.endpoint_for(account) is None:
            return JSONResponse({"error": "there is no webhook endpoint"}, status_code=409)
        if self.store.find(account, "event", event_id) is None:
            return JSONResponse({"error": f"no such event: {event_id}"}, status_code=404)
        now = await self.clock()
        problem = await self.background.post(account, event_id, now)
        if problem is None:
            self.store.run(
                "UPDATE deliveries SET state = 'delivered', last_problem = NULL WHERE event = ?",
                (event_id,),
            )
        return JSONResponse({"delivered": problem is None, "problem": problem})


def _doors(request: Request) -> list[str]:
    paths = {getattr(route, "path", "") for route in request.app.routes}
    return sorted(path for path in paths if path.startswith("/_sandbox/"))


def _kind(asked: JsonObject) -> FaultKind:
    try:
        return FaultKind(str(asked.get("kind")))
    except ValueError:
        raise Misused(f"kind is one of {', '.join(FaultKind)}") from None
