"""The storefront's schema, and how its requests are judged and its errors worded."""

import logging
import re
from collections.abc import Iterator
from functools import cache

import strawberry
from graphql import (
    ASTValidationRule,
    GraphQLError,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    build_schema,
    lexicographic_sort_schema,
    print_schema,
)
from strawberry.extensions import (
    AddValidationRules,
    MaskErrors,
    MaxTokensLimiter,
    ParserCache,
    SchemaExtension,
    ValidationCache,
)
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from marketplace.kit.errors import DomainError
from marketplace_web.errors import DATABASE_IS_AWAY
from storefront_api.accounts import AccountMutations, AccountQueries
from storefront_api.answering import AnswerMutations, AnswerQueries
from storefront_api.cancelling import CancelMutations, CancelQueries
from storefront_api.carts import CartMutations, CartQueries
from storefront_api.catalogue import CatalogueQueries
from storefront_api.finding import NodeQueries
from storefront_api.limits import MOST_TOKENS, Limits
from storefront_api.money import BIG_INT, BigInt
from storefront_api.ordering import OrderMutations, OrderQueries
from storefront_api.refusals import HANDLERS, facts

INTERNAL = "INTERNAL"
UNAVAILABLE = "UNAVAILABLE"

logger = logging.getLogger(__name__)

# Built once: a rule made anew for each request would defeat the cache of validated documents.
LIMITS: list[type[ASTValidationRule]] = [Limits]
CLOSED: list[type[ASTValidationRule]] = [Limits, NoSchemaIntrospectionCustomRule]
_SUGGESTION = re.compile(r" Did you mean .*\?$")


@strawberry.type
class Query(
    CatalogueQueries, CartQueries, OrderQueries, CancelQueries, AnswerQueries, AccountQueries,
    NodeQueries,
):  # fmt: skip
    pass


@strawberry.type
class Mutation(CartMutations, OrderMutations, CancelMutations, AnswerMutations, AccountMutations):
    pass


class WordedErrors(MaskErrors):
    """A refusal that a field has no room for keeps its words; a bug shows nothing of itself."""

    def __init__(self) -> None:
        super().__init__(should_mask_error=lambda error: _cause(error) is not None)

    def anonymise_error(self, error: GraphQLError) -> GraphQLError:
        cause = _cause(error)
        if isinstance(cause, DomainError):
            said = dict(facts(cause))
            return GraphQLError(
                str(said.pop("message")), nodes=error.nodes, path=error.path, extensions=said
            )
        is_away = isinstance(cause, DATABASE_IS_AWAY)
        return GraphQLError(
            "A part of the marketplace is restarting." if is_away else "Something broke here.",
            nodes=error.nodes,
            path=error.path,
            extensions={"code": UNAVAILABLE if is_away else INTERNAL, "retryable": is_away},
        )


class ChosenOperation(SchemaExtension):
    """Of several operations one has to be named; Strawberry would run the first."""

    def on_validate(self) -> Iterator[None]:
        context = self.execution_context
        if not context.pre_execution_errors and not context._provided_operation_name:
            assert context.graphql_document is not None
            operations = [
                node
                for node in context.graphql_document.definitions
                if isinstance(node, OperationDefinitionNode)
            ]
            if len(operations) > 1:
                message = "The document holds several operations: name one by `operationName`."
                context.pre_execution_errors = [GraphQLError(message, operations)]
        yield


class StorefrontSchema(strawberry.Schema):
    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Logs bugs; what a client did wrong is the client's to read, and may be private."""
        for error in errors:
            cause = _cause(error)
            if cause is not None and not isinstance(cause, DomainError):
                logger.error("a resolver failed at %s", error.path, exc_info=cause)
            if self.config.disable_field_suggestions:
                error.message = _SUGGESTION.sub("", error.message)


@cache
def create_schema(*, development: bool) -> StorefrontSchema:
    """In development the schema may be asked for and suggests names; elsewhere it is closed."""
    rules = LIMITS if development else CLOSED
    return StorefrontSchema(
        Query,
        Mutation,
        config=StrawberryConfig(
            disable_field_suggestions=not development, scalar_map={BigInt: BIG_INT}
        ),
        extensions=[
            WordedErrors,
            lambda: MaxTokensLimiter(max_token_count=MOST_TOKENS),
            lambda: AddValidationRules(rules),
            ParserCache,
            ValidationCache,
            ChosenOperation,
        ],
        exception_handlers=HANDLERS,
    )


def sdl() -> str:
    """The schema as text, in an order that does not change with the code's."""
    whole = build_schema(schema.as_str())  # the executable schema has no word of @oneOf
    return print_schema(lexicographic_sort_schema(whole)) + "\n"


def _cause(error: GraphQLError) -> Exception | None:
    """What a resolver raised, below the layers that only say where.

    None for what is wrong with the text or the variables: it points at them and not at a result.
    """
    if error.path is None and error.nodes:
        return None
    cause = error.original_error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return None if isinstance(cause, GraphQLError) else cause


schema = create_schema(development=False)
