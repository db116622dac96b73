"""The storefront's schema, and how its requests are judged and its errors worded."""

import logging
import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache

import strawberry
from graphql import (
    ASTValidationRule,
    GraphQLError,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    build_schema,
    lexicographic_sort_schema,
    parse,
    print_schema,
)
from graphql import ExecutionResult as GraphQLExecutionResult
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.schema import validate_document
from strawberry.types import ExecutionContext, ExecutionResult

from marketplace.kit.errors import DomainError
from marketplace_web.errors import DATABASE_IS_AWAY
from storefront_api.accounts import AccountMutations, AccountQueries
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
DOCUMENTS_KEPT = 128  # texts of operations, parsed and judged

logger = logging.getLogger(__name__)

# Built once: a rule made anew for each request would defeat the cache of validated documents.
LIMITS: list[type[ASTValidationRule]] = [Limits]
CLOSED: list[type[ASTValidationRule]] = [Limits, NoSchemaIntrospectionCustomRule]
_SUGGESTION = re.compile(r" Did you mean .*\?$")


@strawberry.type
class Query(
    CatalogueQueries, CartQueries, OrderQueries, CancelQueries, AccountQueries, NodeQueries
):
    pass


@strawberry.type
class Mutation(CartMutations, OrderMutations, CancelMutations, AccountMutations):
    pass


class Gate(SchemaExtension):
    """All that stands around an operation: its limits, its documents kept, its errors worded.

    One extension and not six: each costs every request, and this much they do together. The
    caches are the framework's sizes and belong to the process.
    """

    def __init__(self, rules: Sequence[type[ASTValidationRule]]) -> None:
        self._rules = tuple(rules)

    def on_operation(self) -> Iterator[None]:
        context = self.execution_context
        context.parse_options["max_tokens"] = MOST_TOKENS
        context.validation_rules += self._rules
        yield
        result = context.result
        if isinstance(result, ExecutionResult | GraphQLExecutionResult) and result.errors:
            result.errors = [_worded(error) for error in result.errors]

    def on_parse(self) -> Iterator[None]:
        context = self.execution_context
        context.graphql_document = _parsed(context.query, **context.parse_options)
        yield

    def on_validate(self) -> Iterator[None]:
        context = self.execution_context
        assert context.graphql_document is not None
        context.pre_execution_errors = _validated(
            context.schema._schema, context.graphql_document, context.validation_rules
        ) or _unnamed(context)
        yield


_parsed = lru_cache(maxsize=DOCUMENTS_KEPT)(parse)
_validated = lru_cache(maxsize=DOCUMENTS_KEPT)(validate_document)


def _worded(error: GraphQLError) -> GraphQLError:
    """A refusal that a field has no room for keeps its words; a bug shows nothing of itself."""
    cause = _cause(error)
    if cause is None:
        return error
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


def _unnamed(context: ExecutionContext) -> list[GraphQLError]:
    """Of several operations one has to be named; Strawberry would run the first."""
    assert context.graphql_document is not None
    definitions = context.graphql_document.definitions
    if context._provided_operation_name or len(definitions) == 1:
        return []
    operations = [node for node in definitions if isinstance(node, OperationDefinitionNode)]
    if len(operations) < 2:
        return []
    message = "The document holds several operations: name one by `operationName`."
    return [GraphQLError(message, operations)]


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
        extensions=[lambda: Gate(rules)],
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
