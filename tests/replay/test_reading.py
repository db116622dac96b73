import subprocess
import sys
from pathlib import Path

import pytest

from marketplace_runtime.replaying.errors import BrokenHistory, ReplayRefused
from marketplace_runtime.replaying.reading import read_history
from tests.replay.histories import (
    CUSTOMERS,
    ITEMS,
    ORDERS,
    SELLERS,
    SMALL,
    Rows,
    cell,
    changed,
    set_cell,
)

ID = "1 to 32 letters, digits, - or _"
PURCHASED, TIME = "order_purchase_timestamp", "YYYY-MM-DD HH:MM, from 1990 to 2089"
WHOLE, SOME = "an amount such as 29.99, zero or more", "an amount such as 29.99, above zero"


def test_the_small_history_is_read_whole_and_in_the_order_of_purchase() -> None:
    history = read_history(SMALL)

    assert len(history.orders) == 40
    assert sum(len(items) for items in history.items.values()) == 56
    assert (len(history.sellers), len(history.customers)) == (8, 10)
    assert "brasilia, plano piloto" in {place.city for place in history.sellers.values()}
    purchases = [order.purchased for order in history.orders]
    assert purchases == sorted(purchases)


def test_orders_of_one_minute_keep_the_order_of_their_file() -> None:
    history = read_history(SMALL)

    pairs = zip(history.orders, history.orders[1:], strict=False)
    (twins,) = [(a, b) for a, b in pairs if a.purchased == b.purchased]
    assert twins[0].line < twins[1].line


@pytest.mark.parametrize(
    ("file", "column", "text", "problem", "accepts"),
    [
        (ORDERS, "order_id", "", "it is empty", ID),
        (ORDERS, "order_id", "a b", "'a b' is not an id", ID),
        (ORDERS, "order_status", "lost", "'lost' is not a known word", "delivered or canceled"),
        (ORDERS, PURCHASED, "2017-13-01 10:00", "'2017-13-01 10:00' is not a time", TIME),
        (ORDERS, PURCHASED, "2017-02-29 10:00", "'2017-02-29 10:00' is not a time", TIME),
        (ORDERS, PURCHASED, "03/08/2017 10:00", "'03/08/2017 10:00' is not a time", TIME),
        (ORDERS, PURCHASED, "0001-01-01 00:00", "'0001-01-01 00:00' is not a time", TIME),
        (ORDERS, "order_estimated_delivery_date", "", "it is empty", TIME),
        (ITEMS, "price", "-1.00", "'-1.00' is negative", SOME),
        (ITEMS, "price", "0", "'0' is too little", SOME),
        (ITEMS, "price", "NaN", "'NaN' is not an amount", SOME),
        (ITEMS, "price", "1e5", "'1e5' is not an amount", SOME),
        (ITEMS, "price", "1.999", "'1.999' is not an amount", SOME),
        (ITEMS, "price", "1,99", "'1,99' is not an amount", SOME),
        (ITEMS, "price", "9" * 30, f"'{'9' * 30}' is not an amount", SOME),
        (ITEMS, "freight_value", "-0.01", "'-0.01' is negative", WHOLE),
        (ITEMS, "order_item_id", "0", "'0' is not a number of an item", "1 to 9999"),
        (ITEMS, "order_id", "f" * 32, f"there is no order {'f' * 32}", f"an order of {ORDERS}"),
        (ITEMS, "seller_id", "f" * 32, f"there is no seller {'f' * 32}", f"a seller of {SELLERS}"),
        (SELLERS, "seller_city", " ", "it is empty", "1 to 80 characters"),
        (CUSTOMERS, "customer_state", "S P", "'S P' is not an id", ID),
    ],
)  # fmt: skip
def test_a_broken_cell_is_refused_with_its_place_and_what_would_be_accepted(
    tmp_path: Path, file: str, column: str, text: str, problem: str, accepts: str
) -> None:
    directory = changed(tmp_path, file, set_cell(5, column, text))

    with pytest.raises(BrokenHistory) as refused:
        read_history(directory)

    said = f"{file}, line 5, {column}: {problem}. Accepted: {accepts}."
    assert said in [str(error) for error in refused.value.errors]
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("file", "column"), [(ORDERS, "order_id"), (SELLERS, "seller_id"), (CUSTOMERS, "customer_id")]
)
def test_an_id_that_was_there_before_is_refused(tmp_path: Path, file: str, column: str) -> None:
    first = cell(file, 2, column)
    directory = changed(tmp_path, file, set_cell(6, column, first))

    with pytest.raises(BrokenHistory, match=f"line 6, {column}: {first} was in line 2 before"):
        read_history(directory)


def test_an_item_number_that_was_there_before_is_refused(tmp_path: Path) -> None:
    def repeat(rows: Rows) -> None:
        rows.append(list(rows[1]))

    with pytest.raises(BrokenHistory, match="line 58, order_item_id: 1 was in line 2 before"):
        read_history(changed(tmp_path, ITEMS, repeat))


def test_two_deadlines_of_one_seller_in_one_order_are_refused(tmp_path: Path) -> None:
    def add_with_another_deadline(rows: Rows) -> None:
        row = list(rows[1])
        row[1], row[4] = "9", "2019-01-01 00:00"
        rows.append(row)

    with pytest.raises(BrokenHistory, match="2019-01-01 00:00 differs from line 2"):
        read_history(changed(tmp_path, ITEMS, add_with_another_deadline))


def test_an_order_without_items_is_refused(tmp_path: Path) -> None:
    lonely = cell(ITEMS, 2, "order_id")

    def remove(rows: Rows) -> None:
        rows[:] = [row for row in rows if row[0] != lonely]

    with pytest.raises(BrokenHistory, match=f"order_id: {lonely} has no items"):
        read_history(changed(tmp_path, ITEMS, remove))


def test_all_errors_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    def break_many(rows: Rows) -> None:
        rows[3][5] = rows[3][6] = "x"
        rows[9].pop()
        rows[12].append("more")

    changed(tmp_path, ITEMS, break_many)
    sellers = (tmp_path / SELLERS).read_text(encoding="utf-8-sig").replace("RS", "R S")
    (tmp_path / SELLERS).write_text(sellers, encoding="utf-8")

    with pytest.raises(BrokenHistory) as refused:
        read_history(tmp_path)

    told = [(error.file, error.line, error.column) for error in refused.value.errors]
    assert told[:4] == [
        (ITEMS, 4, "freight_value"),
        (ITEMS, 4, "price"),
        (ITEMS, 10, "freight_value"),
        (ITEMS, 13, "freight_value"),
    ]
    assert (SELLERS, 6, "seller_state") in told


def test_a_missing_column_is_refused_by_name(tmp_path: Path) -> None:
    directory = changed(tmp_path, ITEMS, set_cell(1, "price", "cost"))

    with pytest.raises(BrokenHistory, match=f"{ITEMS}, line 1, price: found order_id"):
        read_history(directory)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "line 1, order_id: found nothing"),
        (b'order_id,"oops', "row: unexpected end of data"),
        (b"order_id,\xff\xfe", "row: not UTF-8"),
    ],
)
def test_a_file_that_is_no_csv_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    changed(tmp_path, ITEMS, lambda rows: None)
    (tmp_path / ORDERS).write_bytes(content)

    with pytest.raises(BrokenHistory, match=said):
        read_history(tmp_path)


def test_a_directory_without_the_files_is_refused(tmp_path: Path) -> None:
    changed(tmp_path, ITEMS, lambda rows: None)
    (tmp_path / SELLERS).unlink()

    with pytest.raises(ReplayRefused, match=f"lacks {SELLERS}; accepted is a directory with"):
        read_history(tmp_path)


def test_the_script_that_expects_stands_alone() -> None:
    script = Path(__file__).parent / "expected.py"

    done = subprocess.run(
        [sys.executable, "-I", script, SMALL], capture_output=True, text=True, check=True
    )

    assert '"orders": 40,' in done.stdout
    assert '"late_items": 11,' in done.stdout
