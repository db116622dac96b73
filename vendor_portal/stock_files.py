"""Stock levels from a file: chosen, looked at, then written in the background."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from marketplace.inventory import feeding, place_queries, reading_files, uploading
from marketplace.inventory.feeding import Heard
from marketplace.inventory.models import UploadState
from marketplace.kit.errors import DomainError
from marketplace_web.flashing import see_other
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of
from vendor_portal.face import STOCK_FILES, may_keep_stock, portal_page

HEARD = {
    Heard.APPLIED: "written",
    Heard.OLDER: "older than what we know",
    Heard.REPEATED: "heard before",
    Heard.UNKNOWN: "of stock items you have not",
}


async def show_all(request: Request) -> Response:
    return await _files_page(request, Form.blank())


async def create(request: Request) -> Response:
    form, principal = await Form.read(request, most_files=1), principal_of(request)
    chosen = form.file("file")
    if chosen is None:
        return await _files_page(request, form, status_code=422)
    assert principal.vendor_id is not None, principal
    try:
        events = reading_files.read_events(chosen.data)
        if events is not None:
            heard = await feeding.take_events(
                principal=principal, vendor_id=principal.vendor_id, events=events,
                now=request.state.now,
            )  # fmt: skip
            return see_other(request, STOCK_FILES, notice=_told(heard))
        upload_id = await uploading.check(
            principal=principal, vendor_id=principal.vendor_id, filename=chosen.name,
            content=chosen.data, now=request.state.now,
        )  # fmt: skip
    except DomainError as refusal:
        form.refuse("file", refusal.message)
        return await _files_page(request, form, status_code=422)
    return see_other(request, f"{STOCK_FILES}/{upload_id}")


def _told(heard: Sequence[Heard]) -> str:
    return ", ".join(f"{heard.count(what)} {words}" for what, words in HEARD.items()) + "."


async def show(request: Request) -> Response:
    return await _file_page(request, Form.blank())


async def back(request: Request) -> Response:
    """As for a stock item: who was sent to sign in comes back here."""
    details = await place_queries.upload(
        principal=principal_of(request), upload_id=request.path_params["upload_id"]
    )
    return RedirectResponse(f"{STOCK_FILES}/{details.upload.id}", status_code=303)


async def start(request: Request) -> Response:
    form, upload_id = await Form.read(request), request.path_params["upload_id"]
    try:
        await uploading.start(
            principal=principal_of(request), upload_id=upload_id,
            is_whole=form.checked("is_whole"), now=request.state.now,
        )  # fmt: skip
    except DomainError as refusal:
        form.refuse("", refusal.message)
        return await _file_page(request, form, status_code=409)
    return see_other(request, f"{STOCK_FILES}/{upload_id}")


async def discard(request: Request) -> Response:
    upload_id = request.path_params["upload_id"]
    await uploading.discard(principal=principal_of(request), upload_id=upload_id)
    return see_other(request, STOCK_FILES, notice="The file is forgotten. Nothing was changed.")


async def _files_page(request: Request, form: Form, *, status_code: int = 200) -> Response:
    principal = principal_of(request)
    return await portal_page(
        request,
        "portal/stock_files.html",
        status_code=status_code,
        form=form,
        uploads=await place_queries.uploads(principal=principal),
        may_change=may_keep_stock(principal),
    )


async def _file_page(request: Request, form: Form, *, status_code: int = 200) -> Response:
    details = await place_queries.upload(
        principal=principal_of(request), upload_id=request.path_params["upload_id"]
    )
    return await portal_page(
        request,
        "portal/stock_file.html",
        status_code=status_code,
        form=form,
        details=details,
        upload=details.upload,
        is_working=details.upload.state is UploadState.WORKING,
        may_change=may_keep_stock(principal_of(request)),
    )
