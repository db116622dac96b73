"""Signing in: a person proves who they are and gets a session for one audience."""

import hashlib
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from marketplace.accounts.errors import SignInSlowed, WrongCredentials
from marketplace.accounts.passwords import is_right
from marketplace.accounts.sessions import Audience, open_session
from marketplace.kit.locks import hold
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction

FREE_ATTEMPTS = 5
FIRST_WAIT = timedelta(seconds=30)  # doubles with each further failure
LONGEST_WAIT = timedelta(minutes=15)  # more would let anybody lock anybody out
FORGOTTEN_AFTER = timedelta(hours=24)

_FAILURES = "SELECT failures, last_failed_at FROM sign_in_failures WHERE id = $1"
_COUNT = """
    INSERT INTO sign_in_failures AS held (id, failures, last_failed_at) VALUES ($1, $2, $3)
    ON CONFLICT (id) DO UPDATE SET failures = $2, last_failed_at = $3
"""
_FORGET = "DELETE FROM sign_in_failures WHERE id = $1"
_USER = "SELECT id, password_hash FROM app_user WHERE email = $1"
_SEATS = {
    Audience.PORTAL: """
        SELECT vendor_id FROM vendor_member JOIN vendor ON vendor.id = vendor_member.vendor_id
        WHERE user_id = $1 ORDER BY vendor.code LIMIT 1
    """,
    Audience.BACK_OFFICE: "SELECT NULL::uuid AS vendor_id FROM staff_membership WHERE user_id = $1",
    Audience.STOREFRONT: "SELECT NULL::uuid AS vendor_id FROM customer WHERE user_id = $1",
}


async def sign_in(*, email: str, password: str, audience: Audience, now: datetime) -> str:
    """Gives the token of a new session, for the holder's cookie.

    Refuses WrongCredentials, the same and as slowly whichever part was wrong; after five failures
    in a row for one address SignInSlowed, whether anybody has that address or not.
    """
    address = normal_email(email)
    async with transaction(SYSTEM) as connection:
        await _count_attempt(connection, address, now)
        user = await connection.fetchrow(_USER, address)

    if not await is_right(password, user["password_hash"] if user else None):
        raise WrongCredentials

    async with transaction(SYSTEM) as connection:
        seat = await connection.fetchrow(_SEATS[audience], user["id"])
        if seat is None:
            raise WrongCredentials
        await connection.execute(_FORGET, _key(address))
        vendor_id: UUID | None = seat["vendor_id"]
        return await open_session(
            user_id=user["id"], audience=audience, vendor_id=vendor_id, now=now
        )


def normal_email(email: str) -> str:
    return email.strip().lower()


async def _count_attempt(connection: Any, address: str, now: datetime) -> None:
    """Counted as failed before the password is looked at, and taken back when it was right.

    So a thousand guesses at once are a thousand failures.
    """
    await hold(f"sign-in:{_key(address)}")
    row = await connection.fetchrow(_FAILURES, _key(address))
    failures = row["failures"] if row and row["last_failed_at"] > now - FORGOTTEN_AFTER else 0
    if failures >= FREE_ATTEMPTS:
        ends_at = row["last_failed_at"] + wait_after(failures)
        if now < ends_at:
            raise SignInSlowed(ends_at - now)
    await connection.execute(_COUNT, _key(address), failures + 1, now)


def wait_after(failures: int) -> timedelta:
    """How long the next attempt waits after this many failures in a row."""
    if failures < FREE_ATTEMPTS:
        return timedelta(0)
    doublings = min(failures - FREE_ATTEMPTS, 10)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def _key(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()
