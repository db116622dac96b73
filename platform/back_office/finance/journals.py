"""The ledger as a file that a foreign program audits."""

from collections.abc import AsyncGenerator
from datetime import UTC, date

from starlette.requests import Request
from starlette.responses import Response

from back_office.finance.asked import a_day
from marketplace.kit.errors import InvalidInput, NotFound
from marketplace.kit.principal import Principal
from marketplace_web.downloads import Download
from marketplace_web.sessions import principal_of
from settlement import access
from settlement.reports.journals import beancount, hledger
from settlement.reports.journals.reading import reading

PROGRAMS = {"hledger": ("journal", hledger.chunks), "beancount": ("beancount", beancount.chunks)}


async def download(request: Request) -> Response:
    principal = principal_of(request)
    access.check_viewer(principal, "read the ledger")
    program = request.path_params["program"]
    if program not in PROGRAMS:
        raise NotFound("file")
    since = a_day("from", request.query_params.get("from", ""))
    until = a_day("to", request.query_params.get("to", ""))
    if since and until and until < since:
        raise InvalidInput("to", "it is before from", f"{since} or later")
    today = request.state.now.astimezone(UTC).date()
    name = f"souk-{today}.{PROGRAMS[program][0]}"
    return Download(
        name, "text/plain; charset=utf-8", _written(principal, program, today, since, until)
    )


async def _written(
    principal: Principal, program: str, today: date, since: date | None, until: date | None
) -> AsyncGenerator[bytes, None]:
    async with reading(principal=principal, today=today, from_day=since, to_day=until) as journal:
        async for chunk in PROGRAMS[program][1](journal):
            yield chunk
