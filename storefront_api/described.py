from collections.abc import Callable
from typing import TypeVar

import strawberry

Resolver = TypeVar("Resolver", bound=Callable[..., object])


def described(description: str) -> Callable[[Resolver], Resolver]:
    """`strawberry.field` or `.mutation` with words for the schema, and with its types kept."""
    decorate: Callable[[Resolver], Resolver] = strawberry.field(description=description)
    return decorate
