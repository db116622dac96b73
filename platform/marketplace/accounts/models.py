from uuid import UUID

from tortoise import fields
from tortoise.fields import OnDelete

from marketplace.kit.model import Model
from marketplace.kit.principal import StaffRole, VendorRole


class User(Model):
    """Somebody who can sign in: a vendor's member, staff, or a customer with an account."""

    id = fields.UUIDField(primary_key=True)
    email = fields.CharField(max_length=254, unique=True, description="Lower case")
    name = fields.CharField(max_length=120)
    password_hash = fields.CharField(max_length=200, description="argon2id")
    created_at = fields.DatetimeField()

    class Meta:
        table = "app_user"


class StaffMembership(Model):
    id = fields.UUIDField(primary_key=True)
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "marketplace.User", related_name="staff_roles", on_delete=OnDelete.RESTRICT
    )
    role = fields.CharEnumField(StaffRole, max_length=20)

    user_id: UUID

    class Meta:
        table = "staff_membership"
        unique_together = (("user_id", "role"),)


class Vendor(Model):
    id = fields.UUIDField(primary_key=True)
    code = fields.CharField(max_length=40, unique=True, description="For ledgers and addresses")
    name = fields.CharField(max_length=120)
    email = fields.CharField(max_length=254, description="Where news of orders goes")
    country = fields.CharField(max_length=2)
    time_zone = fields.CharField(max_length=40)
    tier = fields.CharField(
        max_length=20, default="standard", db_default="standard", description="What rules go by"
    )
    created_at = fields.DatetimeField()

    class Meta:
        table = "vendor"


class VendorMember(Model):
    id = fields.UUIDField(primary_key=True)
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "marketplace.User", related_name="memberships", on_delete=OnDelete.RESTRICT
    )
    vendor: fields.ForeignKeyRelation[Vendor] = fields.ForeignKeyField(
        "marketplace.Vendor", related_name="members", on_delete=OnDelete.RESTRICT
    )
    role = fields.CharEnumField(VendorRole, max_length=20)

    user_id: UUID
    vendor_id: UUID

    class Meta:
        table = "vendor_member"
        unique_together = (("user_id", "vendor_id"),)


class Customer(Model):
    """Who buys. A guest has no user; an account has one."""

    id = fields.UUIDField(primary_key=True)
    email = fields.CharField(max_length=254)
    name = fields.CharField(max_length=120)
    user: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "marketplace.User", related_name="customers", on_delete=OnDelete.RESTRICT, null=True
    )
    created_at = fields.DatetimeField()

    user_id: UUID | None

    class Meta:
        table = "customer"


class Session(Model):
    """A signed-in browser or client; its id is known to the holder only, we keep the hash."""

    id = fields.UUIDField(primary_key=True)
    token_hash = fields.CharField(max_length=64, unique=True, description="SHA-256")
    audience = fields.CharField(max_length=20, description="portal, back_office or storefront")
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "marketplace.User", related_name="sessions", on_delete=OnDelete.RESTRICT
    )
    vendor_id = fields.UUIDField(null=True)
    csrf_token = fields.CharField(max_length=64)
    created_at = fields.DatetimeField()
    seen_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(description="The absolute end, however busy")
    revoked_at = fields.DatetimeField(null=True)

    user_id: UUID

    class Meta:
        table = "session"


class VendorKey(Model):
    """What a vendor's own system shows to be let in: we keep the hash of it.

    It is never deleted: what was done with it names it.
    """

    id = fields.UUIDField(primary_key=True)
    vendor: fields.ForeignKeyRelation[Vendor] = fields.ForeignKeyField(
        "marketplace.Vendor", related_name="keys", on_delete=OnDelete.RESTRICT, db_index=True
    )
    name = fields.CharField(max_length=60)
    prefix = fields.CharField(max_length=16, description="How it begins, to know it by")
    secret_hash = fields.CharField(max_length=64, unique=True, description="SHA-256")
    created_by = fields.CharField(max_length=60)
    created_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True, description="Last")
    revoked_by = fields.CharField(max_length=60, null=True)
    revoked_at = fields.DatetimeField(null=True)
    counted_from = fields.DatetimeField(description="When the present minute of requests began")
    counted = fields.IntField(default=0, db_default=0, description="Requests since then")

    vendor_id: UUID

    class Meta:
        table = "vendor_key"


class SignInFailures(Model):
    """Failed sign-ins in a row for one e-mail address; slows the next attempt."""

    id = fields.CharField(primary_key=True, max_length=64, description="SHA-256 of the address")
    failures = fields.IntField()
    last_failed_at = fields.DatetimeField()

    class Meta:
        table = "sign_in_failures"
