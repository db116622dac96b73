"""What a vendor has where: by SKU, with what is low, out or on its way."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from marketplace.accounts import vendor_keys
from marketplace.inventory import place_queries, shelf_queries
from marketplace.inventory.shelf_queries import LONGEST_SEARCH, Narrowed, ShelfRow, Slice, View
from marketplace.kit.csv_lines import Cell
from marketplace.kit.errors import InvalidInput
from marketplace.kit.principal import Principal
from marketplace_web import paging
from marketplace_web.csv_files import csv_file
from marketplace_web.sessions import principal_of
from vendor_portal.face import CONNECTIONS, STOCK, portal_page

VIEW_WORDS = {
    View.ALL: "All",
    View.LOW: "Low",
    View.OUT: "Sold out",
    View.COMING: "On its way",
}
BATCH = 1000
# The first three are what an upload reads: an export that was edited can be sent back.
HEADER = (
    "SKU", "Location", "On hand", "Product", "Reserved", "Kept back", "Sold ahead up to",
    "Available", "Coming", "Next delivery",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wish:
    """What the address asks for; `filters` are its parts that say which rows."""

    view: View
    narrowed: Narrowed
    filters: dict[str, str]

    def address(self, path: str, **changes: str) -> str:
        kept = {name: value for name, value in {**self.filters, **changes}.items() if value}
        return f"{path}?{urlencode(kept)}" if kept else path


async def show(request: Request) -> Response:
    wish, asked, principal = read_wish(request), paging.asked(request), principal_of(request)
    part = Slice(
        limit=asked.limit,
        after=_sku_and_id(asked.after),
        before=_sku_and_id(asked.before),
    )
    rows = await shelf_queries.shelves(
        principal=principal, view=wish.view, narrowed=wish.narrowed, part=part
    )
    return await portal_page(
        request,
        "portal/stock.html",
        wish=wish,
        tabs_shown=await _tabs(wish, principal),
        locations=[
            (location.code, location.name)
            for location in await place_queries.locations(principal=principal)
        ],
        page=paging.page(request, rows, asked, key=lambda row: (row.sku, str(row.id))),
        clear_href=wish.address(STOCK, q="", location=""),
        is_narrowed=wish.narrowed != Narrowed(),
        csv_href=wish.address(f"{STOCK}.csv"),
        connections_href=CONNECTIONS if vendor_keys.may_keep_keys(principal) else "",
    )


async def export(request: Request) -> Response:
    """Every row that the same address without its page would list."""
    wish = read_wish(request)
    batches = _batches(principal_of(request), wish)
    return csv_file(f"stock-{wish.view.value}-{request.state.now:%Y-%m-%d}", HEADER, batches)


def read_wish(request: Request) -> Wish:
    """Refuses (InvalidInput) a view that there is not."""
    query = request.query_params
    try:
        view = View(query.get("tab") or View.ALL.value)
    except ValueError as error:
        raise InvalidInput("tab", "there is no such one", ", ".join(View)) from error
    search, location = (_typed(query.get(name, "")) for name in ("q", "location"))
    filters = {name: query.get(name, "") for name in ("tab", "q", "location")}
    return Wish(view, Narrowed(search=search[:LONGEST_SEARCH], location=location), filters)


async def _tabs(wish: Wish, principal: Principal) -> list[dict[str, object]]:
    counts = await shelf_queries.count_views(principal=principal, narrowed=wish.narrowed)
    return [
        {
            "label": words,
            "href": wish.address(STOCK, tab="" if view is View.ALL else view.value),
            "count": counts[view],
            "current": view is wish.view,
        }
        for view, words in VIEW_WORDS.items()
    ]


async def _batches(principal: Principal, wish: Wish) -> AsyncIterator[Sequence[Sequence[Cell]]]:
    after: tuple[str, UUID] | None = None
    while True:
        rows = await shelf_queries.shelves(
            principal=principal, view=wish.view, narrowed=wish.narrowed,
            part=Slice(limit=BATCH, after=after),
        )  # fmt: skip
        yield [_cells(row) for row in rows]
        if len(rows) < BATCH:
            return
        after = rows[-1].sku, rows[-1].id


def _cells(row: ShelfRow) -> list[Cell]:
    return [
        row.sku, row.location_code, row.on_hand, row.name, row.reserved, row.safety,
        row.backorder_limit, row.available, row.coming,
        row.coming_on.isoformat() if row.coming_on else "",
    ]  # fmt: skip


def _typed(value: str) -> str:
    """PostgreSQL knows no NUL; nobody types one."""
    return "".join(letter for letter in value if letter.isprintable()).strip()


def _sku_and_id(key: paging.Key | None) -> tuple[str, UUID] | None:
    if key is None:
        return None
    sku, row_id = key
    return str(sku), UUID(str(row_id))
