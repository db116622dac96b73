"""What is told of a substitute that a customer is asked about."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from marketplace.orders.events import SubOrderEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class SubstitutionEvent(SubOrderEvent):
    """Something about a substitute."""

    substitution_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SubstitutionProposed(SubstitutionEvent):
    """The customer is asked whether something else will do."""

    name: ClassVar[str] = "substitution.proposed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubstitutionAccepted(SubstitutionEvent):
    """It will do: the line is replaced, and what it costs less goes back."""

    name: ClassVar[str] = "substitution.accepted"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubstitutionDeclined(SubstitutionEvent):
    """It will not do: another seller is asked, or the money goes back."""

    name: ClassVar[str] = "substitution.declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubstitutionExpired(SubstitutionEvent):
    """The customer did not answer in time: as if declined."""

    name: ClassVar[str] = "substitution.expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubstitutionWithdrawn(SubstitutionEvent):
    """It is not offered any more: taken back, sold out, or nothing is left to replace."""

    name: ClassVar[str] = "substitution.withdrawn"
