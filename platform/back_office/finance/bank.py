"""Our bank accounts, and the files that the bank sends of them."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from back_office.face import office_page
from back_office.finance.home import BREAKS
from marketplace.kit.errors import DomainError, Forbidden
from marketplace.kit.money import EXPONENTS
from marketplace_web import paging
from marketplace_web.flashing import see_other
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of
from settlement import access, people
from settlement.reconciliation import bank_accounts, bank_queries, importing, queries

BANK = f"{BREAKS}/bank"


async def index(request: Request) -> Response:
    return await bank_page(request, Form.blank())


async def back(request: Request) -> Response:
    return RedirectResponse(BANK, status_code=303)


async def open_account(request: Request) -> Response:
    form = await Form.read(request)
    code = form.text("code", longest=40).lower()
    name = form.text("name", longest=120)
    identification = form.text("identification", longest=40)
    currency = form.choice("currency", EXPONENTS)
    known = await queries.bank_accounts(principal=principal_of(request))
    if code and not code.replace("-", "").isalnum():
        form.refuse("code", "Please use letters, digits and hyphens.")
    if any(account.code == code for account in known):
        form.refuse("code", "Another account has this code.")
    if form.errors:
        return await bank_page(request, form, status_code=422)
    await bank_accounts.open_account(
        principal=principal_of(request), code=code, name=name, identification=identification,
        currency=currency, now=request.state.now,
    )  # fmt: skip
    return see_other(request, BANK, notice=f"{name} is one of our accounts now.")


async def import_file(request: Request) -> Response:
    form, principal = await Form.read(request, most_files=1), principal_of(request)
    accounts = {each.code: each for each in await queries.bank_accounts(principal=principal)}
    account, upload = accounts.get(form.choice("account", accounts)), form.file("file")
    if account is None or upload is None:
        return await bank_page(request, form, status_code=422)
    try:
        done = await importing.import_bank_file(
            principal=principal, bank_account_id=account.id, data=upload.data,
            filename=upload.name, now=request.state.now,
        )  # fmt: skip
    except Forbidden:
        raise
    except DomainError as refusal:
        form.refuse("file", refusal.message)
        return await bank_page(request, form, status_code=422)
    address = f"{BANK}/files/{done.file_id}"
    if not done.is_new:
        known = "This file was known already. Nothing was changed."
        return see_other(request, address, notice=known, tone="info")
    said = f"Read. Bookings in it: {done.lines}, of them new: {done.new_lines}."
    return see_other(request, address, notice=said)


async def show_file(request: Request) -> Response:
    principal, file_id = principal_of(request), request.path_params["file_id"]
    asked = paging.asked(request)
    story = await bank_queries.file(principal=principal, file_id=file_id)
    rows = await bank_queries.lines(
        principal=principal,
        file_id=file_id,
        after=_id(asked.after),
        before=_id(asked.before),
        most=asked.limit,
    )
    return await office_page(
        request,
        "back_office/finance/bank_file.html",
        story=story,
        page=paging.page(request, rows, asked, key=lambda line: (str(line.id),)),
        names=await people.names(principal=principal, keys=[story.head.imported_by]),
    )


async def bank_page(request: Request, form: Form, *, status_code: int = 200) -> Response:
    """Accounts, files and both forms; `form` is the one that was refused."""
    principal, asked = principal_of(request), paging.asked(request, size=20)
    files = await queries.bank_files(principal=principal, after=_id(asked.after), most=asked.limit)
    accounts = await queries.bank_accounts(principal=principal)
    return await office_page(
        request,
        "back_office/finance/bank.html",
        status_code=status_code,
        accounts=accounts,
        choices=[(each.code, f"{each.name}, {each.currency}") for each in accounts],
        page=paging.page(request, files, asked, key=lambda file: (str(file.id),)),
        names=await people.names(principal=principal, keys=[each.imported_by for each in files]),
        works=bool(principal.roles & access.ACCOUNTANTS),
        currencies=[(code, code) for code in EXPONENTS],
        form=form,
    )


def _id(key: paging.Key | None) -> UUID | None:
    return UUID(str(key[0])) if key else None
