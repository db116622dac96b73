"""Keys for vendors' own systems: made by an owner, shown once, kept as a hash, revoked by an owner
or by staff.

A key opens what `KeyRole` says, for its vendor alone, until it is revoked. It is asked for with
every request, so revoking it holds from the next one on.
"""

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from marketplace.accounts.addresses import one_line
from marketplace.accounts.errors import KeyShownBefore, KeySlowed, TooManyKeys, UnknownKey
from marketplace.accounts.models import VendorKey
from marketplace.kit.errors import Forbidden, NotFound
from marketplace.kit.ids import new_id
from marketplace.kit.locks import hold
from marketplace.kit.principal import SYSTEM, KeyRole, Kind, Principal, StaffRole, VendorRole
from marketplace.kit.transactions import atomic, connection, transaction

MOST_OPEN = 5
LONGEST_NAME = 60
MOST_REQUESTS = 120
PER = timedelta(minutes=1)
REVOKED_SHOWN = 10
REVOKERS = frozenset({StaffRole.OPERATIONS, StaffRole.ADMINISTRATOR})
_SHOWN = 13  # characters of a key by which its holder knows it: eight digits of sixty-four
_SECRET = re.compile(r"souk_[0-9a-f]{64}")

_REVOKE = """
    UPDATE vendor_key SET revoked_at = coalesce(revoked_at, $3),
        revoked_by = coalesce(revoked_by, $4)
    WHERE id = $1 AND vendor_id = $2 RETURNING name
"""
# Looked up and counted by one statement: two requests at once are two.
_SAME_MINUTE = "$2 >= counted_from AND $2 < counted_from + $3"
_ADMIT = f"""
    UPDATE vendor_key SET used_at = greatest(used_at, $2),
        counted_from = CASE WHEN {_SAME_MINUTE} THEN counted_from ELSE $2 END,
        counted = CASE WHEN {_SAME_MINUTE} THEN counted + 1 ELSE 1 END
    WHERE secret_hash = $1 AND revoked_at IS NULL
    RETURNING id, vendor_id, counted, counted_from
"""
_OF_VENDOR = """
    SELECT key.id, key.name, key.prefix, key.created_at, key.used_at, key.revoked_at,
        coalesce(person.name, 'Souk') AS created_by
    FROM vendor_key key
    LEFT JOIN app_user person ON key.created_by = 'vendor:' || person.id
    WHERE key.vendor_id = $1 AND (key.revoked_at IS NULL OR key.id IN (
        SELECT id FROM vendor_key WHERE vendor_id = $1 AND revoked_at IS NOT NULL
        ORDER BY revoked_at DESC, id DESC LIMIT $2))
    ORDER BY key.revoked_at DESC NULLS FIRST, key.id DESC
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """`secret` is what the vendor's system sends; it cannot be read again."""

    id: UUID
    name: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRow:
    """`prefix` is how the key begins."""

    id: UUID
    name: str
    prefix: str
    created_by: str
    created_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


def may_keep_keys(principal: Principal) -> bool:
    """A key is as good as a colleague: owners alone decide who has one."""
    return principal.kind is Kind.SYSTEM or VendorRole.OWNER in principal.roles


def may_revoke_keys(principal: Principal) -> bool:
    """Operations too, where a vendor cannot: a key that got about has to stop at once."""
    is_staff = principal.kind is Kind.STAFF and bool(principal.roles & REVOKERS)
    return is_staff or may_keep_keys(principal)


@atomic()
async def make(
    *,
    principal: Principal,
    vendor_id: UUID,
    name: str,
    installation_secret: str,
    token: UUID,
    now: datetime,
) -> NewKey:
    """A new key. It follows from `token` and the installation's secret, and from nothing kept:
    a form that is sent twice makes one key, and both answers show it.

    Refuses all but owners, an empty or long name, a sixth open key (TooManyKeys), and to show a
    key again that was used or revoked (KeyShownBefore).
    """
    _check(principal, vendor_id)
    name = one_line("name", name, most=LONGEST_NAME)
    secret = _derived(installation_secret, vendor_id, token)
    await hold(f"vendor-keys:{vendor_id}")
    twin = await VendorKey.get_or_none(secret_hash=_hash(secret))
    if twin is not None:
        if twin.used_at or twin.revoked_at:
            raise KeyShownBefore
        return NewKey(id=twin.id, name=twin.name, secret=secret)
    if await VendorKey.filter(vendor_id=vendor_id, revoked_at=None).count() >= MOST_OPEN:
        raise TooManyKeys(most=MOST_OPEN)
    key = await VendorKey.create(
        id=new_id(now), vendor_id=vendor_id, name=name, prefix=secret[:_SHOWN],
        secret_hash=_hash(secret), created_by=principal.key, created_at=now, counted_from=now,
    )  # fmt: skip
    return NewKey(id=key.id, name=key.name, secret=secret)


@atomic()
async def revoke(*, principal: Principal, vendor_id: UUID, key_id: UUID, now: datetime) -> str:
    """It opens nothing from now on; twice is as once. Answers with its name.

    Another vendor's does not exist (NotFound). Refuses all but owners, operations and
    administrators.
    """
    _check_revoker(principal, vendor_id)
    name: str | None = await connection().fetchval(_REVOKE, key_id, vendor_id, now, principal.key)
    if name is None:
        raise NotFound("key")
    return name


async def of_vendor(*, principal: Principal, vendor_id: UUID) -> Sequence[KeyRow]:
    """The open ones, the newest first; then those that were revoked last. For who may revoke."""
    _check_revoker(principal, vendor_id)
    async with transaction(principal, read_only=True) as connection:
        rows = await connection.fetch(_OF_VENDOR, vendor_id, REVOKED_SHOWN)
    return [KeyRow(**row) for row in rows]


async def admit(*, secret: str, now: datetime) -> Principal:
    """Whom a request with this key speaks for; the request is counted.

    Refuses what is no open key (UnknownKey), and more than 120 requests a minute (KeySlowed).
    """
    if not _SECRET.fullmatch(secret):
        raise UnknownKey
    async with transaction(SYSTEM) as connection:
        row = await connection.fetchrow(_ADMIT, _hash(secret), now, PER)
    if row is None:
        raise UnknownKey
    if row["counted"] > MOST_REQUESTS:
        raise KeySlowed(row["counted_from"] + PER - now)
    return Principal(Kind.VENDOR, row["id"], row["vendor_id"], frozenset({KeyRole.STOCK}))


def _check(principal: Principal, vendor_id: UUID) -> None:
    if not may_keep_keys(principal):
        raise Forbidden("keep the keys of your systems")
    assert principal.vendor_id in (None, vendor_id), principal


def _check_revoker(principal: Principal, vendor_id: UUID) -> None:
    if not may_revoke_keys(principal):
        raise Forbidden("revoke the keys of a seller's systems")
    assert principal.vendor_id in (None, vendor_id), principal


def _derived(installation_secret: str, vendor_id: UUID, token: UUID) -> str:
    told = b"souk.vendor.key" + vendor_id.bytes + token.bytes
    return f"souk_{hmac.new(installation_secret.encode(), told, hashlib.sha256).hexdigest()}"


def _hash(secret: str) -> str:
    # As random as a session's token, so a slow hash would add nothing.
    return hashlib.sha256(secret.encode()).hexdigest()
