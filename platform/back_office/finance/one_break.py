"""One break: its lines in each book beside each other, and what is done about it."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from back_office.face import office_page
from back_office.finance import break_words
from back_office.finance.home import BREAKS
from marketplace.kit.money import Money
from marketplace_web.forms import Form
from marketplace_web.sessions import principal_of
from settlement import access, people
from settlement.reconciliation import break_queries, choices, queries, rules
from settlement.reconciliation.break_queries import BreakStory
from settlement.reconciliation.choices import Choice
from settlement.reconciliation.run_models import Remedy
from settlement.reconciliation.sides import Line, Side

BOOKS = {Side.LEDGER: "Our books", Side.PROVIDER: "The provider", Side.BANK: "Our bank"}


@dataclass(frozen=True, slots=True)
class Book:
    """What one side has of it; no total where there is nothing, or more than one currency."""

    name: str
    lines: Sequence[Line]
    total: Money | None


async def show(request: Request) -> Response:
    return await break_page(request, Form.blank())


async def back(request: Request) -> Response:
    return RedirectResponse(address_of(request), status_code=303)


async def break_page(request: Request, form: Form, *, status_code: int = 200) -> Response:
    """The page with a form as it was typed and what was wrong with it."""
    principal, now = principal_of(request), request.state.now
    story = await break_queries.find_break(
        principal=principal, break_id=request.path_params["break_id"], now=now
    )
    waiting = next((each for each in story.proposals if each.is_approved is None), None)
    works = bool(principal.roles & access.ACCOUNTANTS)
    is_live = story.head.ended_at is None
    banks = break_words.bank_names(await queries.bank_accounts(principal=principal))
    fitting = await choices.choices(principal=principal, story=story) if works and is_live else []
    is_mine = waiting is not None and waiting.proposed_by == principal.key
    return await office_page(
        request,
        "back_office/finance/break.html",
        status_code=status_code,
        story=story,
        books=_books(story),
        address=address_of(request),
        place=break_words.place(story.head.account, banks, story.head.vendor_name),
        names=await people.names(principal=principal, keys=_keys(story)),
        accountants=await people.accountants(principal=principal),
        me=principal.key,
        works=works,
        waiting=waiting,
        may_approve=bool(principal.roles & access.APPROVERS) and not is_mine,
        is_mine=is_mine,
        is_live=is_live,
        remedies=_grouped(fitting),
        code_names=rules.NAMES,
        words=break_words,
        form=form,
    )


def address_of(request: Request) -> str:
    return f"{BREAKS}/breaks/{request.path_params['break_id']}"


def key_of(choice: Choice) -> str:
    return f"{choice.remedy}:{choice.against or ''}"


def _books(story: BreakStory) -> list[Book]:
    """All three, so that it is seen who has nothing."""
    found = []
    for side, name in BOOKS.items():
        lines = [line for line in story.lines if line.side is side]
        currencies = {line.amount.currency for line in lines}
        total = None
        if len(currencies) == 1:
            total = Money(sum(line.amount.minor for line in lines), currencies.pop())
        found.append(Book(name, lines, total))
    return found


def _grouped(fitting: Sequence[Choice]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Remedies in words, each with what it can be about."""
    groups: dict[Remedy, list[tuple[str, str]]] = {}
    for choice in fitting:
        words = break_words.REMEDIES[choice.remedy]
        groups.setdefault(choice.remedy, []).append((key_of(choice), choice.named or words))
    return [(break_words.REMEDIES[remedy], options) for remedy, options in groups.items()]


def _keys(story: BreakStory) -> list[str | None]:
    return [
        story.head.owner,
        story.head.ended_by,
        *(each.written_by for each in story.comments),
        *(key for each in story.proposals for key in (each.proposed_by, each.decided_by)),
        *(each.actor for each in story.history),
    ]
