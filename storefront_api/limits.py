"""How much one request may ask, judged from its text before anything is resolved.

Fragments are measured once each, however often they are spread, so that judging stays cheap for
documents that would unfold to millions of fields.
"""

from dataclasses import dataclass

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValidationContext,
    ValidationRule,
)

DEEPEST = 12
MOST_ALIASES = 30
MOST_ROOT_FIELDS = 10
MOST_COST = 20_000
# Each of these takes a password, whose hash takes a quarter of a second: no guessing by the dozen.
PASSWORD_FIELDS = frozenset({"register", "signIn"})
MOST_PASSWORDS = 1
MOST_TOKENS = 2_000
UNSAID_PAGE = 20
LARGEST_PAGE = 100


@dataclass(frozen=True, slots=True)
class Measure:
    """Of a selection. `cost` counts fields, those in a page once for each of its entries."""

    depth: int = 0
    aliases: int = 0
    fields: int = 0
    cost: int = 0
    passwords: int = 0

    def and_also(self, other: "Measure") -> "Measure":
        return Measure(
            depth=max(self.depth, other.depth),
            aliases=self.aliases + other.aliases,
            fields=self.fields + other.fields,
            cost=self.cost + other.cost,
            passwords=self.passwords + other.passwords,
        )


class Limits(ValidationRule):
    """Refuses documents that are too deep, too wide or too dear; one error for each excess."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        document = context.document.definitions
        self._fragments = {
            node.name.value: node for node in document if isinstance(node, FragmentDefinitionNode)
        }
        self._measured: dict[str, Measure] = {}
        for node in document:
            if isinstance(node, OperationDefinitionNode):
                self._judge(node)

    def _judge(self, operation: OperationDefinitionNode) -> None:
        measure = self._selection(operation.selection_set)
        for found, most, what in (
            (measure.depth, DEEPEST, "levels of fields"),
            (measure.aliases, MOST_ALIASES, "aliases"),
            (measure.fields, MOST_ROOT_FIELDS, "fields at its root"),
            (measure.passwords, MOST_PASSWORDS, "field that takes a password"),
            (measure.cost, MOST_COST, "fields in all, pages counted in full"),
        ):
            if found > most:
                message = f"The operation has more than {most} {what}."
                self.report_error(GraphQLError(message, operation))

    def _selection(self, selections: SelectionSetNode) -> Measure:
        total = Measure()
        for node in selections.selections:
            if isinstance(node, FieldNode):
                total = total.and_also(self._field(node))
            elif isinstance(node, FragmentSpreadNode):
                total = total.and_also(self._fragment(node.name.value))
            elif isinstance(node, InlineFragmentNode):
                total = total.and_also(self._selection(node.selection_set))
        return total

    def _field(self, node: FieldNode) -> Measure:
        inner = Measure() if node.selection_set is None else self._selection(node.selection_set)
        return Measure(
            depth=1 + inner.depth,
            aliases=inner.aliases + (node.alias is not None),
            fields=1,
            cost=1 + inner.cost * _page(node),
            passwords=inner.passwords + (node.name.value in PASSWORD_FIELDS),
        )

    def _fragment(self, name: str) -> Measure:
        if name not in self._measured:
            # Until it is known it counts as nothing: a circle is for another rule to refuse.
            self._measured[name] = Measure()
            fragment = self._fragments.get(name)
            if fragment is not None:
                self._measured[name] = self._selection(fragment.selection_set)
        return self._measured[name]


def _page(node: FieldNode) -> int:
    """How many entries a field may have: its `first`, or the most where a variable says it."""
    for argument in node.arguments or ():
        if argument.name.value == "first":
            if isinstance(argument.value, IntValueNode) and len(argument.value.value) < 5:
                return max(1, int(argument.value.value))
            return LARGEST_PAGE
    return UNSAID_PAGE if _has_edges(node) else 1


def _has_edges(node: FieldNode) -> bool:
    selections = node.selection_set.selections if node.selection_set else ()
    return any(isinstance(one, FieldNode) and one.name.value == "edges" for one in selections)
