"""A vendor's account at the payment provider, where its money goes on its way to its bank."""

from enum import StrEnum

from tortoise import fields

from marketplace.kit.model import Model


class AccountState(StrEnum):
    NEW = "new"
    ONBOARDING = "onboarding"
    ENABLED = "enabled"
    RESTRICTED = "restricted"
    DISCONNECTED = "disconnected"


class ConnectedAccount(Model):
    """What the provider last said of it; payouts need `enabled`."""

    vendor_id = fields.UUIDField(primary_key=True)
    provider_account_id = fields.CharField(max_length=80, null=True, unique=True)
    country = fields.CharField(max_length=2)
    state = fields.CharEnumField(AccountState, max_length=12)
    transfers_enabled = fields.BooleanField(default=False)
    payouts_enabled = fields.BooleanField(default=False)
    requirements = fields.JSONField[list[str]](description="What the provider still asks for")
    bank_id = fields.CharField(max_length=80, null=True)
    bank_name = fields.CharField(max_length=80, null=True)
    bank_last4 = fields.CharField(max_length=4, null=True)
    bank_changed_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()

    class Meta:
        table = "connected_account"
