"""Sessions live in the database: a holder has 256 random bits, we keep their hash.

A session ends after 30 idle minutes, after 12 hours whatever happens, when its holder signs out,
and as soon as the seat it was opened for is gone.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from marketplace.accounts.models import Session
from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM, Kind, Principal
from marketplace.kit.transactions import transaction

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
TOUCHED_EVERY = timedelta(minutes=1)  # a busy reader costs one write a minute, not one a page


class Audience(StrEnum):
    """Which face a session is for; the cookie of one opens no other."""

    PORTAL = "portal"
    BACK_OFFICE = "back_office"
    STOREFRONT = "storefront"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who a session speaks for. `capacity` says in words as what; the zone is the vendor's."""

    session_id: UUID
    principal: Principal
    name: str
    capacity: str
    csrf_token: str
    time_zone: str | None


# One read finds the session, its person and the seat as it is now, not as it was at sign-in.
_RESOLVE = """
    SELECT session.id, session.csrf_token, session.seen_at, session.user_id, app_user.name,
        vendor.id AS vendor_id, vendor.name AS vendor_name, vendor.time_zone, vendor_member.role,
        customer.id AS customer_id,
        ARRAY(SELECT role FROM staff_membership
              WHERE staff_membership.user_id = session.user_id ORDER BY role) AS staff_roles
    FROM session
    JOIN app_user ON app_user.id = session.user_id
    LEFT JOIN vendor_member ON vendor_member.user_id = session.user_id
        AND vendor_member.vendor_id = session.vendor_id
    LEFT JOIN vendor ON vendor.id = vendor_member.vendor_id
    LEFT JOIN customer ON customer.user_id = session.user_id
    WHERE session.token_hash = $1 AND session.audience = $2 AND session.revoked_at IS NULL
        AND session.expires_at > $3 AND session.seen_at > $4
"""
_TOUCH = "UPDATE session SET seen_at = greatest(seen_at, $2) WHERE id = $1"
_REVOKE = """
    UPDATE session SET revoked_at = $3
    WHERE token_hash = $1 AND audience = $2 AND revoked_at IS NULL
"""


async def open_session(
    *, user_id: UUID, audience: Audience, vendor_id: UUID | None, now: datetime
) -> str:
    """A new session; gives the token for the holder's cookie, which is kept nowhere else."""
    token = secrets.token_urlsafe(32)
    await Session.create(
        id=new_id(now),
        token_hash=_hash(token),
        audience=audience.value,
        user_id=user_id,
        vendor_id=vendor_id,
        csrf_token=secrets.token_urlsafe(32),
        created_at=now,
        seen_at=now,
        expires_at=now + ABSOLUTE,
    )
    return token


async def resolve(*, token: str, audience: Audience, now: datetime) -> SignedIn | None:
    """Who holds this token, or None once it has ended; being used keeps it from going idle."""
    async with transaction(SYSTEM) as connection:
        row = await connection.fetchrow(_RESOLVE, _hash(token), audience.value, now, now - IDLE)
        signed_in = _signed_in(row, audience) if row is not None else None
        if signed_in is not None and now - row["seen_at"] >= TOUCHED_EVERY:
            await connection.execute(_TOUCH, signed_in.session_id, now)
    return signed_in


async def revoke(*, token: str, audience: Audience, now: datetime) -> None:
    """The holder signed out. An unknown or ended token is fine: it opens nothing either way."""
    async with transaction(SYSTEM) as connection:
        await connection.execute(_REVOKE, _hash(token), audience.value, now)


def _signed_in(row: Any, audience: Audience) -> SignedIn | None:
    if audience is Audience.PORTAL:
        if row["vendor_id"] is None:
            return None
        principal = Principal(
            Kind.VENDOR, row["user_id"], row["vendor_id"], frozenset({row["role"]})
        )
        capacity = f"{row['role'].capitalize()} · {row['vendor_name']}"
    elif audience is Audience.STOREFRONT:
        if row["customer_id"] is None:
            return None
        principal = Principal(Kind.CUSTOMER, row["customer_id"])
        capacity = "Customer"
    else:
        if not row["staff_roles"]:
            return None
        principal = Principal(Kind.STAFF, row["user_id"], None, frozenset(row["staff_roles"]))
        capacity = ", ".join(row["staff_roles"]).replace("_", " ").capitalize()
    return SignedIn(
        session_id=row["id"],
        principal=principal,
        name=row["name"],
        capacity=capacity,
        csrf_token=row["csrf_token"],
        time_zone=row["time_zone"],
    )


def _hash(token: str) -> str:
    # The token has 256 random bits: nobody guesses it back, so a slow hash would add nothing.
    return hashlib.sha256(token.encode()).hexdigest()
