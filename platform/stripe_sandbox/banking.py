"""The doors of the bank's stand-in: lines a person adds, and statements to download."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stripe_sandbox import asking, bank
from stripe_sandbox.asking import Misused, asked_of
from stripe_sandbox.call import Call
from stripe_sandbox.config import SandboxConfig
from stripe_sandbox.shapes import Clock
from stripe_sandbox.statements import FORMATS, Statement
from stripe_sandbox.store import Store

MOST_LISTED = 100


@dataclass(frozen=True)
class Banking:
    config: SandboxConfig
    store: Store
    clock: Clock

    def routes(self) -> list[Route]:
        return [
            Route("/_sandbox/bank/lines", self.list_lines, methods=["GET"]),
            Route("/_sandbox/bank/lines", self.add_line, methods=["POST"]),
            Route("/_sandbox/bank/statement", self.statement, methods=["GET"]),
        ]

    async def list_lines(self, request: Request) -> Response:
        """The newest first."""
        found = bank.latest(self.store, self.config.account, MOST_LISTED)
        return JSONResponse({"lines": [line.as_json() for line in found]})

    async def add_line(self, request: Request) -> Response:
        """{amount, date?, currency?, text?, reference?}: money comes, or goes if negative."""
        try:
            asked = await asked_of(request)
            now = await self.clock()
            call = Call(self.store, self.config, self.config.account, int(now.timestamp()))
            bank.add(
                call,
                day=_day(asked, "date", default=now.date()),
                amount=asking.amount(asked, least=-asking.LARGEST_AMOUNT),
                currency=asking.currency(asked, self.config.currency),
                text=asking.text(asked, "text") or "TRANSFER",
                reference=asking.text(asked, "reference") or bank.NO_REFERENCE,
            )
        except Misused as misused:
            return misused.answer()
        added = bank.latest(self.store, self.config.account, 1)[0]
        return JSONResponse(added.as_json())

    async def statement(self, request: Request) -> Response:
        """?format=camt053|mt940|csv&from=YYYY-MM-DD&to=YYYY-MM-DD&currency=; this month's CAMT
        without them."""
        asked = {name: value for name, value in request.query_params.items() if value}
        try:
            kind = FORMATS[asking.word(asked, "format", tuple(FORMATS))]
            last = _day(asked, "to", default=(await self.clock()).date())
            first = _day(asked, "from", default=last.replace(day=1))
            currency = asking.currency(asked, self.config.currency)
            if first > last:
                raise Misused("from is not after to")
        except Misused as misused:
            return misused.answer()
        account = self.config.account
        given = Statement(
            currency=currency,
            first=first,
            last=last,
            opening=bank.balance_before(self.store, account, currency, first),
            lines=bank.lines(self.store, account, currency, first, last),
        )
        name = f"{given.name}.{kind.ending}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(kind.write(given), media_type=kind.media_type, headers=headers)


def _day(asked: dict[str, Any], name: str, *, default: date) -> date:
    value = asked.get(name)
    if value is None:
        return default
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise Misused(f"{name} is a day: YYYY-MM-DD") from None
