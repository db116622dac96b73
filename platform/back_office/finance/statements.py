"""Vendors' statements: all of them in a list, each as PDF."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from back_office.face import office_page
from marketplace_web import paging
from marketplace_web.forms import CONTROL_CHARACTERS
from marketplace_web.sessions import principal_of
from settlement.reports.statements import listing, reading, typesetting

MARKETPLACE = "Souk"


async def index(request: Request) -> Response:
    asked = paging.asked(request)
    vendor = CONTROL_CHARACTERS.sub("", request.query_params.get("q", "")).strip()[:120]
    rows = await listing.statements(
        principal=principal_of(request),
        vendor=vendor or None,
        after=_id(asked.after),
        before=_id(asked.before),
        most=asked.limit,
    )
    return await office_page(
        request,
        "back_office/finance/statements.html",
        page=paging.page(request, rows, asked, key=lambda row: (str(row.id),)),
        is_filtered=bool(vendor),
    )


async def pdf(request: Request) -> Response:
    """One statement, typeset; the same bytes each time."""
    found = await listing.find(
        principal=principal_of(request), statement_id=request.path_params["statement_id"]
    )
    statement = await reading.statement(
        principal=principal_of(request),
        vendor_id=found.vendor_id,
        number=found.number,
        currency=found.closing.currency,
    )
    name = f"statement-{found.vendor_code}-{found.number}-{found.closing.currency}.pdf"
    return Response(
        await typesetting.pdf(statement, marketplace=MARKETPLACE),
        media_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{_plain(name)}"'},
    )


def _plain(name: str) -> str:
    """A vendor's code may hold what a header may not."""
    return "".join(
        sign if sign.isascii() and (sign.isalnum() or sign in "-.") else "-" for sign in name
    )


def _id(key: paging.Key | None) -> UUID | None:
    return UUID(str(key[0])) if key else None
