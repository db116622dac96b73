"""Shoppers get accounts. Orders they placed before as guests stay guests' orders."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from marketplace.accounts.addresses import email_address
from marketplace.accounts.errors import EmailTaken
from marketplace.accounts.members import Person
from marketplace.accounts.passwords import hash_password
from marketplace.accounts.sessions import Audience, open_session
from marketplace.accounts.signing_in import normal_email
from marketplace.kit.errors import InvalidInput, NotFound
from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM, Kind, Principal
from marketplace.kit.transactions import connection, transaction

LONGEST_NAME = 120

_NEW_USER = """
    INSERT INTO app_user (id, email, name, password_hash, created_at)
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT (email) DO NOTHING RETURNING id
"""
_NEW_CUSTOMER = """
    INSERT INTO customer (id, email, name, user_id, created_at) VALUES ($1, $2, $3, $4, $5)
"""
_ACCOUNT = "SELECT id, email, name FROM customer WHERE id = $1 AND user_id IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Account:
    id: UUID
    email: str
    name: str


async def register(*, person: Person, now: datetime) -> str:
    """A customer's account, signed in at once: gives the token of its first session.

    Anybody may. Refuses a taken address, what is not an address, and a password of fewer than 8
    characters.
    """
    email, name = normal_email(email_address(person.email)), " ".join(person.name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise InvalidInput("name", "it is empty or too long", f"1 to {LONGEST_NAME} characters")
    password_hash = await hash_password(person.password)

    async with transaction(SYSTEM):
        user_id = await connection().fetchval(
            _NEW_USER, new_id(now), email, name, password_hash, now
        )
        if user_id is None:
            raise EmailTaken(email)
        await connection().execute(_NEW_CUSTOMER, new_id(now), email, name, user_id, now)
        return await open_session(
            user_id=user_id, audience=Audience.STOREFRONT, vendor_id=None, now=now
        )


async def account(*, principal: Principal) -> Account:
    """The signed-in customer's own account."""
    if principal.kind is not Kind.CUSTOMER:
        raise NotFound("account")
    async with transaction(principal, read_only=True):
        row = await connection().fetchrow(_ACCOUNT, principal.id)
    if row is None:
        raise NotFound("account")
    return Account(**row)
