"""A vendor's statements: all of them, each line of one, as PDF, and the lines as files."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from marketplace.kit.errors import InvalidInput, NotFound
from marketplace_web import paging
from marketplace_web.downloads import Download
from settlement.reports import asking
from settlement.reports.definitions.lines import LINES
from settlement.reports.files import formats
from settlement.reports.files.formats import Format
from settlement.reports.report import Parameter
from settlement.reports.statements import of_vendor, reading, typesetting
from settlement.reports.statements.of_vendor import OwnStatement
from settlement.reports.statements.reading import VendorStatement
from vendor_portal.face import money_reader, portal_page
from vendor_portal.payout_words import STATES

MARKETPLACE = "Souk"
MOST_LINES = 100  # of a section on a page; the files have all
LARGEST_NUMBER = 2**31 - 1
ASKED = (Parameter.FROM, Parameter.TO, Parameter.CURRENCY)
ENDINGS = (Format.CSV, Format.XLSX)


async def show_all(request: Request) -> Response:
    principal, vendor_id = money_reader(request)
    asked = paging.asked(request)
    currencies = await of_vendor.currencies(principal=principal, vendor_id=vendor_id)
    currency = request.query_params.get("currency") or None
    if currency is not None and currency not in currencies:
        raise InvalidInput("currency", "there is no statement in it", ", ".join(currencies))
    rows = await of_vendor.statements(
        principal=principal,
        vendor_id=vendor_id,
        currency=currency,
        after=_id(asked.after),
        before=_id(asked.before),
        limit=asked.limit,
    )

    def key(row: OwnStatement) -> tuple[str]:
        return (str(row.id),)

    return await portal_page(
        request,
        "portal/statements.html",
        page=paging.page(request, rows, asked, key=key),
        currencies=currencies,
        currency=currency,
        states=STATES,
    )


async def show(request: Request) -> Response:
    return await portal_page(
        request,
        "portal/statement.html",
        statement=await _asked_for(request),
        states=STATES,
        most_lines=MOST_LINES,
    )


async def pdf(request: Request) -> Response:
    statement = await _asked_for(request)
    name = f"statement-{statement.currency}-{statement.number}.pdf"
    return Response(
        await typesetting.pdf(statement, marketplace=MARKETPLACE),
        media_type="application/pdf",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )


async def export(request: Request) -> Response:
    """Every line of the statements that were closed on these days."""
    principal, _ = money_reader(request)
    wanted = next((each for each in ENDINGS if each == request.path_params["ending"]), None)
    if wanted is None:
        raise NotFound("file")
    now = request.state.now
    values = await asking.values_of(
        principal=principal, parameters=ASKED, given=request.query_params, today=now.date()
    )
    chunks = formats.written(principal=principal, report=LINES, values=values, wanted=wanted)
    name = f"statement-lines-{now:%Y-%m-%d}.{wanted.value}"
    return Download(name, wanted.media_type, chunks)


async def _asked_for(request: Request) -> VendorStatement:
    """The statement of this address; NotFound where the vendor has none such."""
    principal, vendor_id = money_reader(request)
    currency, number = request.path_params["currency"], request.path_params["number"]
    if number > LARGEST_NUMBER:
        raise NotFound("statement")
    return await reading.statement(
        principal=principal, vendor_id=vendor_id, number=number, currency=currency
    )


def _id(key: paging.Key | None) -> UUID | None:
    return None if key is None else UUID(str(key[0]))
