from enum import StrEnum

from tortoise import fields

from marketplace.kit.model import Model
from marketplace.kit.money import Money
from marketplace.kit.states import StateMachine


class SubstitutionState(StrEnum):
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class SubstitutionMove(StrEnum):
    ACCEPT = "accept"
    DECLINE = "decline"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"


SUBSTITUTION = StateMachine(
    "substitution",
    start=SubstitutionState.PROPOSED,
    moves={
        SubstitutionState.PROPOSED: {
            SubstitutionMove.ACCEPT: SubstitutionState.ACCEPTED,
            SubstitutionMove.DECLINE: SubstitutionState.DECLINED,
            SubstitutionMove.EXPIRE: SubstitutionState.EXPIRED,
            SubstitutionMove.WITHDRAW: SubstitutionState.WITHDRAWN,
        },
    },
)


class Substitution(Model):
    """Another offer of the same vendor that its customer may have instead, never at more money.

    One open for a line. What the customer is shown is frozen here.
    """

    id = fields.UUIDField(primary_key=True)
    order_id = fields.UUIDField(db_index=True)
    sub_order_id = fields.UUIDField(db_index=True)
    vendor_id = fields.UUIDField()
    line_id = fields.UUIDField()
    offer_id = fields.UUIDField()
    name = fields.CharField(max_length=320, description="Of what is offered instead")
    units = fields.IntField()
    unit_price_minor = fields.BigIntField(description="As the channel shows prices")
    refund_minor = fields.BigIntField(description="What the customer gets back by accepting")
    currency = fields.CharField(max_length=3)
    note = fields.CharField(max_length=200, description="The customer reads it; may be empty")
    state = fields.CharEnumField(SubstitutionState, max_length=10)
    proposed_by = fields.CharField(max_length=60)
    proposed_at = fields.DatetimeField()
    answer_by = fields.DatetimeField()
    ended_by = fields.CharField(max_length=60, null=True)
    ended_at = fields.DatetimeField(null=True)
    new_line_id = fields.UUIDField(null=True, unique=True)

    class Meta:
        table = "substitution"

    @property
    def refund(self) -> Money:
        return Money(self.refund_minor, self.currency)
