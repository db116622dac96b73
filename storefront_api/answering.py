"""What a shopper is asked about an order, and the answer."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

import strawberry

from marketplace.orders import answering
from marketplace.orders.answering import Question
from marketplace.orders.substitution_models import SubstitutionState
from storefront_api.context import StorefrontInfo
from storefront_api.described import described
from storefront_api.ids import Of, decode, encode
from storefront_api.money import Money
from storefront_api.ordering import OrderBy, Placed, holder_of
from storefront_api.refusals import InvalidInput, Refused

strawberry.enum(SubstitutionState)


@strawberry.type(description="A seller cannot send something, and offers something else instead.")
class Substitution:
    id: strawberry.ID
    vendor: str
    quantity: int
    instead_of: str = strawberry.field(description="The name of what cannot be sent.")
    name: str = strawberry.field(description="The name of what is offered.")
    note: str = strawberry.field(description="The seller's own words; may be empty.")
    refund: Money = strawberry.field(description="What accepting gives back.")
    answer_by: datetime

    @classmethod
    def of(cls, question: Question) -> Self:
        return cls(
            id=encode(Of.SUBSTITUTION, question.id),
            vendor=question.vendor,
            quantity=question.units,
            instead_of=question.instead_of,
            name=question.name,
            note=question.note,
            refund=Money.of(question.refund.minor, question.refund.currency),
            answer_by=question.answer_by,
        )


@strawberry.input
class AnswerSubstitutionInput:
    order: OrderBy
    substitution_id: strawberry.ID
    accept: bool = strawberry.field(
        description="False: another seller is asked, or the money goes back."
    )


@strawberry.type
class SubstitutionAnswered(Placed):
    state: SubstitutionState = strawberry.field(
        description="WITHDRAWN where it was sold before the answer came."
    )


SubstitutionAnswerResult = Annotated[
    SubstitutionAnswered | InvalidInput | Refused, strawberry.union("SubstitutionAnswerResult")
]


@strawberry.type
class AnswerQueries:
    @described("What waits for the shopper's answer, of one order.")
    async def substitutions(self, info: StorefrontInfo, order: OrderBy) -> list[Substitution]:
        principal, order_id = await holder_of(info, order)
        found = await answering.questions(
            principal=principal, order_id=order_id, now=await info.context.now()
        )
        return [Substitution.of(question) for question in found]


@strawberry.type
class AnswerMutations:
    @described("Say whether something else will do. The first answer holds.")
    async def answer_substitution(
        self,
        info: StorefrontInfo,
        input: AnswerSubstitutionInput,  # noqa: A002
    ) -> SubstitutionAnswerResult:
        principal, order_id = await holder_of(info, input.order)
        substitution_id: UUID = decode(
            input.substitution_id, Of.SUBSTITUTION, field="substitutionId"
        )
        answered = await answering.answer(
            principal=principal, substitution_id=substitution_id, accept=input.accept,
            order_id=order_id, now=await info.context.now(),
        )  # fmt: skip
        return SubstitutionAnswered(order_id=order_id, state=answered.state)
