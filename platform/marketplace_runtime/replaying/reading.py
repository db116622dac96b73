"""Read the four files, row by row; everything that is wrong with any of them is said at once."""

import csv
from collections.abc import Iterator
from pathlib import Path

from marketplace_runtime.replaying.cells import Cells
from marketplace_runtime.replaying.errors import BrokenHistory, ReplayRefused, RowError
from marketplace_runtime.replaying.rows import (
    CUSTOMERS,
    ITEMS,
    ORDERS,
    SELLERS,
    Ending,
    History,
    ItemRow,
    OrderRow,
    Place,
)

COLUMNS = {
    ORDERS: (
        "order_id", "customer_id", "order_status", "order_purchase_timestamp",
        "order_approved_at", "order_delivered_carrier_date", "order_delivered_customer_date",
        "order_estimated_delivery_date",
    ),
    ITEMS: (
        "order_id", "order_item_id", "product_id", "seller_id", "shipping_limit_date", "price",
        "freight_value",
    ),
    SELLERS: ("seller_id", "seller_zip_code_prefix", "seller_city", "seller_state"),
    CUSTOMERS: (
        "customer_id", "customer_zip_code_prefix", "customer_city", "customer_state",
    ),
}  # fmt: skip


def read_history(directory: Path) -> History:
    """All orders of a directory; refuses with every broken cell of every file."""
    missing = [name for name in COLUMNS if not (directory / name).is_file()]
    if missing:
        raise ReplayRefused(
            f"{directory} lacks {', '.join(missing)}; accepted is a directory with "
            f"{', '.join(COLUMNS)}."
        )
    errors: list[RowError] = []
    sellers = _places(directory / SELLERS, "seller", errors)
    customers = _places(directory / CUSTOMERS, "customer", errors)
    orders = _orders(directory / ORDERS, errors)
    items = _items(directory / ITEMS, orders, sellers, errors)
    _check_orders_have_items(orders, items, errors)
    if errors:
        raise BrokenHistory(sorted(errors))
    in_order = sorted(orders.values(), key=lambda order: (order.purchased, order.line))
    return History(in_order, items, sellers, customers)


def _orders(path: Path, errors: list[RowError]) -> dict[str, OrderRow]:
    orders: dict[str, OrderRow] = {}
    for cells in _rows(path, errors):
        order = OrderRow(
            line=cells.line,
            id=cells.identifier("order_id"),
            customer_id=cells.identifier("customer_id"),
            ending=cells.word("order_status", Ending),
            purchased=cells.moment("order_purchase_timestamp"),
            approved=cells.moment("order_approved_at"),
            handed_over=cells.moment("order_delivered_carrier_date"),
            delivered=cells.moment("order_delivered_customer_date"),
            estimated=cells.moment("order_estimated_delivery_date"),
        )
        first = orders.setdefault(order.id, order)
        if first is not order:
            _refuse_twice(cells, "order_id", first.line)
    return orders


def _items(
    path: Path,
    orders: dict[str, OrderRow],
    sellers: dict[str, Place],
    errors: list[RowError],
) -> dict[str, list[ItemRow]]:
    items: dict[str, list[ItemRow]] = {}
    for cells in _rows(path, errors):
        item = ItemRow(
            line=cells.line,
            order_id=cells.identifier("order_id"),
            number=cells.number("order_item_id"),
            product_id=cells.identifier("product_id"),
            seller_id=cells.identifier("seller_id"),
            ship_by=cells.moment("shipping_limit_date"),
            price_minor=cells.amount("price", least=1),
            freight_minor=cells.amount("freight_value", least=0),
        )
        if not cells.is_broken:
            siblings = items.setdefault(item.order_id, [])
            _check_item(cells, item, siblings, orders, sellers)
            siblings.append(item)
    return items


def _check_item(
    cells: Cells,
    item: ItemRow,
    siblings: list[ItemRow],
    orders: dict[str, OrderRow],
    sellers: dict[str, Place],
) -> None:
    if item.order_id not in orders:
        cells.refuse("order_id", f"there is no order {item.order_id}", f"an order of {ORDERS}")
    if item.seller_id not in sellers:
        cells.refuse("seller_id", f"there is no seller {item.seller_id}", f"a seller of {SELLERS}")
    for sibling in siblings:
        if sibling.number == item.number:
            _refuse_twice(cells, "order_item_id", sibling.line)
        if sibling.seller_id == item.seller_id and sibling.ship_by != item.ship_by:
            cells.refuse(
                "shipping_limit_date",
                f"{item.ship_by:%Y-%m-%d %H:%M} differs from line {sibling.line}, which is of the "
                "same order and seller",
                f"{sibling.ship_by:%Y-%m-%d %H:%M}",
            )
            return


def _check_orders_have_items(
    orders: dict[str, OrderRow], items: dict[str, list[ItemRow]], errors: list[RowError]
) -> None:
    # Items that were refused have an order too; it is not said a second time.
    if errors:
        return
    errors += [
        RowError(ORDERS, order.line, "order_id", f"{order.id} has no items", f"a row in {ITEMS}")
        for order in orders.values()
        if order.id not in items
    ]


def _places(path: Path, of: str, errors: list[RowError]) -> dict[str, Place]:
    places: dict[str, Place] = {}
    for cells in _rows(path, errors):
        place = Place(
            line=cells.line,
            id=cells.identifier(f"{of}_id"),
            # Five digits; those that begin with nothing lost it on their way through a table.
            postal_code=cells.identifier(f"{of}_zip_code_prefix").zfill(5),
            city=cells.name(f"{of}_city"),
            state=cells.identifier(f"{of}_state"),
        )
        first = places.setdefault(place.id, place)
        if first is not place:
            _refuse_twice(cells, f"{of}_id", first.line)
    return places


def _refuse_twice(cells: Cells, column: str, line: int) -> None:
    if cells.row[column].strip():
        cells.refuse(column, f"{cells.row[column].strip()} was in line {line} before", "a new one")


def _rows(path: Path, errors: list[RowError]) -> Iterator[Cells]:
    """Every row with as many cells as the header; the others are noted and left out."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, strict=True)
        try:
            header = [name.strip() for name in next(reader, [])]
            missing = [column for column in COLUMNS[path.name] if column not in header]
            if missing:
                accepts = f"the columns {', '.join(COLUMNS[path.name])}"
                found = ", ".join(header)[:200] or "nothing"
                errors.append(RowError(path.name, 1, missing[0], f"found {found}", accepts))
                return
            line = reader.line_num + 1
            for row in reader:
                if row:
                    cells = Cells(path.name, line, dict(zip(header, row, strict=False)), errors)
                    cells.check_width(header, max(len(row) - len(header), 0))
                    if not cells.is_broken:
                        yield cells
                line = reader.line_num + 1
        except csv.Error as error:
            errors.append(RowError(path.name, reader.line_num, "row", str(error), "RFC 4180 CSV"))
        except UnicodeDecodeError as error:
            place = reader.line_num + 1
            errors.append(RowError(path.name, place, "row", f"not UTF-8: {error.reason}", "UTF-8"))
