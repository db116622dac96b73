"""Passwords are kept as argon2id hashes; hashing is heavy on purpose, so few happen at a time."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import ParamSpec, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from marketplace.kit.errors import InvalidInput

SHORTEST = 8  # NIST SP 800-63B: length, not rules about characters
LONGEST = 1024

P = ParamSpec("P")
R = TypeVar("R")

# OWASP Password Storage Cheat Sheet, argon2id: 19 MiB, two passes, one lane.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="passwords")


async def hash_password(password: str) -> str:
    """Refuses what is shorter than 8 or longer than 1024 characters."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise InvalidInput("password", "wrong length", f"{SHORTEST} to {LONGEST} characters")
    return await _in_thread(_hasher.hash, password)


async def is_right(password: str, password_hash: str | None) -> bool:
    """Takes as long without a hash to compare with, so that nobody learns which addresses exist."""
    matches = await _in_thread(_matches, password_hash, password)
    return matches and password_hash is not None


def _matches(password_hash: str | None, password: str) -> bool:
    try:
        return _hasher.verify(password_hash or _nobodys(), password)
    except (VerifyMismatchError, InvalidHashError):
        return False


@cache
def _nobodys() -> str:
    """Made when it is first needed: hashing is too heavy for the start of every process."""
    return _hasher.hash("the password of nobody")


async def _in_thread(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_threads, partial(work, *args, **kwargs))
