"""The first page of the day: what to accept and what to ship, by deadline; and all that was."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeVar
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from marketplace.kit.csv_lines import Cell
from marketplace.kit.errors import InvalidInput
from marketplace.kit.principal import Principal
from marketplace.orders import vendor_queries
from marketplace.orders.vendor_queries import LONGEST_SEARCH
from marketplace.orders.vendor_worklists import STATES, Narrowed, Slice, Sort, View, WorkRow
from marketplace_web import paging
from marketplace_web.csv_files import csv_file
from marketplace_web.formatting import iso
from marketplace_web.sessions import principal_of
from vendor_portal.face import FACE, portal_page

VIEW_WORDS = {
    View.TO_DO: "To do",
    View.ACCEPT: "To accept",
    View.SHIP: "To ship",
    View.LATE: "Late",
    View.SHIPPED: "Shipped",
    View.DELIVERED: "Delivered",
    View.ALL: "All",
}
Word = TypeVar("Word", View, Sort)
BATCH = 1000
HEADER = (
    "Order", "State", "Placed", "Deadline", "Done", "Recipient", "City", "Country", "First item",
    "Lines", "Units", "To ship", "Total", "Currency", "Tracking numbers",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wish:
    """What the address asks for; `filters` are its parts that say which rows."""

    view: View
    narrowed: Narrowed
    sort: Sort
    rising: bool
    filters: dict[str, str]

    @property
    def sort_words(self) -> str:
        return self.sort.value if self.rising else f"-{self.sort.value}"

    def address(self, path: str, **changes: str) -> str:
        kept = {name: value for name, value in {**self.filters, **changes}.items() if value}
        return f"{path}?{urlencode(kept)}" if kept else path


async def show(request: Request) -> Response:
    wish, asked = read_wish(request), paging.asked(request)
    principal, now = principal_of(request), request.state.now
    counts = await vendor_queries.count_views(principal=principal, narrowed=wish.narrowed, now=now)
    part = Slice(
        sort=wish.sort,
        rising=wish.rising,
        limit=asked.limit,
        after=_moment_and_id("after", asked.after),
        before=_moment_and_id("before", asked.before),
    )
    rows = await vendor_queries.worklist(
        principal=principal, view=wish.view, narrowed=wish.narrowed, part=part, now=now
    )

    def key(row: WorkRow) -> tuple[str, str]:
        moment, row_id = row.key(wish.sort)
        return moment.isoformat(), str(row_id)

    return await portal_page(
        request,
        "portal/worklist.html",
        wish=wish,
        counts=counts,
        tabs_shown=_tabs(wish, counts),
        page=paging.page(request, rows, asked, key=key),
        clear_href=wish.address(FACE.home, q="", **{"from": "", "to": ""}),
        is_narrowed=wish.narrowed != Narrowed(),
        csv_href=wish.address("/portal/orders.csv", sort=request.query_params.get("sort", "")),
    )


async def export(request: Request) -> Response:
    """Every row that the same address without its page would list."""
    wish, now = read_wish(request), request.state.now
    batches = _batches(principal_of(request), wish, now)
    return csv_file(f"orders-{wish.view.value}-{now:%Y-%m-%d}", HEADER, batches)


def read_wish(request: Request) -> Wish:
    """Refuses (InvalidInput) views, orders and days that there are not."""
    query, zone = request.query_params, request.state.reader.zone
    view = _one_of(View, "tab", query.get("tab") or View.TO_DO.value)
    is_open = view in (View.TO_DO, View.ACCEPT, View.SHIP, View.LATE)
    asked_sort = query.get("sort") or ("due" if is_open else "-placed")
    # PostgreSQL knows no NUL; nobody types one.
    search = "".join(letter for letter in query.get("q", "") if letter.isprintable()).strip()
    first, last = _day(query.get("from", ""), "from"), _day(query.get("to", ""), "to")
    narrowed = Narrowed(
        search=search[:LONGEST_SEARCH],
        placed_from=datetime.combine(first, time(), zone) if first else None,
        placed_before=datetime.combine(last + timedelta(1), time(), zone) if last else None,
    )
    filters = {name: query.get(name, "") for name in ("tab", "q", "from", "to")}
    sort = _one_of(Sort, "sort", asked_sort.removeprefix("-"))
    return Wish(view, narrowed, sort, not asked_sort.startswith("-"), filters)


def _tabs(wish: Wish, counts: dict[View, int]) -> list[dict[str, object]]:
    return [
        {
            "label": words,
            "href": wish.address(FACE.home, tab="" if view is View.TO_DO else view.value),
            "count": counts[view],
            "current": view is wish.view,
        }
        for view, words in VIEW_WORDS.items()
    ]


async def _batches(
    principal: Principal, wish: Wish, now: datetime
) -> AsyncIterator[Sequence[Sequence[Cell]]]:
    after: tuple[datetime, UUID] | None = None
    while True:
        part = Slice(sort=wish.sort, rising=wish.rising, limit=BATCH, after=after)
        rows = await vendor_queries.worklist(
            principal=principal, view=wish.view, narrowed=wish.narrowed, part=part, now=now
        )
        yield [_cells(row) for row in rows]
        if len(rows) < BATCH:
            return
        after = rows[-1].key(wish.sort)


def _cells(row: WorkRow) -> list[Cell]:
    return [
        row.number, row.state.value, iso(row.placed_at), iso(row.due_at),
        iso(row.met_at) if row.met_at else "", row.customer_name, row.city, row.country,
        row.first_item, row.lines, row.units, row.left if row.state in STATES[View.TO_DO] else 0,
        row.total.amount, row.total.currency, row.tracking_numbers,
    ]  # fmt: skip


def _moment_and_id(name: str, key: paging.Key | None) -> tuple[datetime, UUID] | None:
    if key is None:
        return None
    moment, row_id = key
    return datetime.fromisoformat(str(moment)), UUID(str(row_id))


def _one_of(words: type[Word], name: str, value: str) -> Word:
    try:
        return words(value)
    except ValueError as error:
        raise InvalidInput(name, "there is no such one", ", ".join(words)) from error


def _day(value: str, name: str) -> date | None:
    if not value:
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError as error:
        raise InvalidInput(name, "not a day", "YYYY-MM-DD") from error
    if not 1900 <= day.year <= 2999:
        raise InvalidInput(name, "too far away", "a year from 1900 to 2999")
    return day
