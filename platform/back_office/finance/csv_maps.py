"""How one bank writes its CSV: guessed from a sample, looked over by a person, saved."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import Response

from back_office.face import office_page
from back_office.finance import csv_map_form
from back_office.finance.bank import BANK
from marketplace.kit.errors import DomainError, Forbidden
from marketplace.kit.money import EXPONENTS
from marketplace_web.flashing import see_other
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of
from settlement import access
from settlement.bank_files import csv_file, csv_guessing
from settlement.bank_files.csv_map import CsvMap
from settlement.bank_files.statements import StatementLine
from settlement.reconciliation import bank_accounts, bank_queries
from settlement.reconciliation.queries import BankAccountView

SAMPLE_BYTES = 16_000
SAMPLE_LINES = 25
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows of the sample as the map reads them."""

    lines: Sequence[StatementLine]


async def show(request: Request) -> Response:
    access.check_accountant(principal_of(request), "change how bank files are read")
    account = await _account(request)
    saved = None if account.csv_map is None else CsvMap.from_json(account.csv_map)
    return await _page(request, account, csv_map_form.filled(saved))


async def save(request: Request) -> Response:
    """Guess, look at the first rows, or save: the three buttons of one form."""
    access.check_accountant(principal_of(request), "change how bank files are read")
    form, account = await Form.read(request, most_files=1), await _account(request)
    wanted, sample = form.choice("do", ("guess", "look", "save")), _sample(form)
    if wanted == "guess":
        return await _guess(request, account, form, sample)
    csv_map = csv_map_form.read(form, account)
    preview = _preview(form, csv_map, sample) if csv_map else None
    if form.errors or csv_map is None:
        return await _page(request, account, form, sample=sample, status_code=422)
    if wanted == "look":
        return await _page(request, account, form, sample=sample, preview=preview)
    await bank_accounts.save_csv_map(
        principal=principal_of(request), bank_account_id=account.id, csv_map=csv_map
    )
    return see_other(request, BANK, notice=f"CSV files of {account.name} are read so from now on.")


async def _guess(request: Request, account: BankAccountView, form: Form, sample: str) -> Response:
    upload = form.file("file", required=False)
    data = upload.data[:SAMPLE_BYTES].rpartition(b"\n")[0] if upload else sample.encode()
    try:
        found = csv_guessing.suggest(
            data, account=account.identification, currency=account.currency
        )
    except DomainError as refusal:
        form.refuse("sample", refusal.message)
        return await _page(request, account, form, sample=sample, status_code=422)
    filled = csv_map_form.filled(found)
    preview = _preview(filled, found, sample)
    return await _page(request, account, filled, sample=sample, preview=preview)


def _sample(form: Form) -> str:
    """The first lines of the file that was chosen, or those in the box."""
    upload = form.file("file", required=False)
    if upload is None:
        return form.value("sample")[:SAMPLE_BYTES].replace("\r\n", "\n")
    start = upload.data[:SAMPLE_BYTES]
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = start.decode(encoding)
        except UnicodeDecodeError:
            continue
        return "\n".join(text.splitlines()[:SAMPLE_LINES])
    form.refuse("sample", "These are no characters we know. Please save it as UTF-8.")
    return ""


def _preview(form: Form, csv_map: CsvMap, sample: str) -> Preview | None:
    if not sample.strip():
        return None
    try:
        statements = csv_file.read(
            sample.encode(), csv_map=replace(csv_map, encoding="utf-8"), exponents=EXPONENTS
        )
    except Forbidden:
        raise
    except DomainError as refusal:
        form.refuse("sample", refusal.message)
        return None
    return Preview([line for statement in statements for line in statement.lines][:SHOWN])


async def _page(
    request: Request,
    account: BankAccountView,
    form: Form,
    *,
    sample: str = "",
    preview: Preview | None = None,
    status_code: int = 200,
) -> Response:
    return await office_page(
        request,
        "back_office/finance/csv_map.html",
        status_code=status_code,
        account=account,
        form=form,
        sample=sample,
        preview=preview,
        parts=csv_map_form,
    )


async def _account(request: Request) -> BankAccountView:
    return await bank_queries.account(
        principal=principal_of(request), code=request.path_params["code"]
    )
