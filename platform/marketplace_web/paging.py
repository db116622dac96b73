"""Keyset pages: a cursor is the key of the row it stands at, signed, so it cannot be made up."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from itsdangerous import BadSignature, URLSafeSerializer
from starlette.requests import Request

from marketplace.kit.errors import InvalidInput

Row = TypeVar("Row")
Key = tuple[str | int, ...]
PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list query needs: the rows after a key, or before it in reverse order.

    Fetch `limit` rows, one more than a page shows: the extra one says that there are others.
    """

    size: int
    after: Key | None = None
    before: Key | None = None

    @property
    def limit(self) -> int:
        return self.size + 1


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    rows: Sequence[Row]
    previous_cursor: str | None
    next_cursor: str | None


def asked(request: Request, *, size: int = PAGE_SIZE) -> Asked:
    """From ?after= or ?before=. Refuses a cursor that is not of this list."""
    return Asked(size, after=_key(request, "after"), before=_key(request, "before"))


def page(
    request: Request, rows: Sequence[Row], asked: Asked, *, key: Callable[[Row], Key]
) -> Page[Row]:
    """The rows as fetched (reversed where `before` was asked for), cut to a page, with cursors.

    The key's values are strings and whole numbers, in the list's order: (ship_by.isoformat(), id).
    """
    has_more = len(rows) > asked.size
    shown = list(rows[: asked.size])
    if asked.before is not None:
        shown.reverse()
    if not shown:
        return Page([], None, None)
    has_previous = has_more if asked.before is not None else asked.after is not None
    has_next = has_more if asked.before is None else True
    return Page(
        shown,
        previous_cursor=_cursor(request, key(shown[0])) if has_previous else None,
        next_cursor=_cursor(request, key(shown[-1])) if has_next else None,
    )


def _cursor(request: Request, key: Key) -> str:
    return str(_signer(request).dumps(list(key)))


def _key(request: Request, name: str) -> Key | None:
    cursor = request.query_params.get(name)
    if not cursor:
        return None
    try:
        return tuple(_signer(request).loads(cursor))
    except BadSignature as error:
        raise InvalidInput(name, "not a page of this list", "the links below the list") from error


def _signer(request: Request) -> URLSafeSerializer:
    # The order is part of the list: a cursor by total says nothing in a list by date.
    path, sort = request.url.path, request.query_params.get("sort", "")
    return URLSafeSerializer(request.state.web.secret_key, salt=f"cursor:{path}:{sort}")
