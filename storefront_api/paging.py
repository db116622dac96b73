"""Keyset pages: a cursor says behind what to go on, so nothing is skipped or seen twice."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import Generic, Self, TypeVar
from uuid import UUID

import strawberry

from marketplace.kit.errors import InvalidInput

LARGEST_PAGE = 100
DEFAULT_PAGE = 20

T = TypeVar("T")
Row = TypeVar("Row")


@strawberry.type
class PageInfo:
    has_next_page: bool
    end_cursor: str | None = strawberry.field(description="Ask for what is `after` it.")


@strawberry.type
class Edge(Generic[T]):
    cursor: str
    node: T


@strawberry.type
class Connection(Generic[T]):
    edges: list[Edge[T]]
    page_info: PageInfo

    @classmethod
    def of(
        cls,
        rows: Sequence[Row],
        *,
        first: int,
        node: Callable[[Row], T],
        key: Callable[[Row], object],
    ) -> Self:
        """A page out of up to `first` + 1 rows: the one too many says that there are more."""
        edges = [Edge(cursor=_cursor(key(row)), node=node(row)) for row in rows[:first]]
        return cls(
            edges=edges,
            page_info=PageInfo(
                has_next_page=len(rows) > first,
                end_cursor=edges[-1].cursor if edges else None,
            ),
        )


def page_size(first: int) -> int:
    """Refuses a page of less than one or more than a hundred."""
    if not 1 <= first <= LARGEST_PAGE:
        raise InvalidInput("first", f"{first} is out of range", f"1 to {LARGEST_PAGE}")
    return first


def behind_id(after: str | None) -> UUID | None:
    return None if after is None else UUID(int=_read(after, most=2**128 - 1))


def behind_number(after: str | None) -> int:
    return 0 if after is None else _read(after, most=2**63 - 1)


def _cursor(key: object) -> str:
    number = key.int if isinstance(key, UUID) else key
    return urlsafe_b64encode(f"after:{number:x}".encode()).decode()


def _read(cursor: str, *, most: int) -> int:
    try:
        mark, _, digits = urlsafe_b64decode(cursor).decode().partition(":")
        number = int(digits, 16)
    except ValueError:
        mark, number = "", -1
    if mark != "after" or not 0 <= number <= most:
        raise InvalidInput("after", "this is not a cursor", "an endCursor as this API gives it")
    return number
