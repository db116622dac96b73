"""What travels over Stripe's HTTP."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, TypeAlias

# JSON as Stripe shapes it. The description checks the shapes at run time, so the types stay open.
JsonObject: TypeAlias = dict[str, Any]

# The marketplace's clock, handed in: nothing in this package reads the system's.
Clock: TypeAlias = Callable[[], Awaitable[datetime]]
