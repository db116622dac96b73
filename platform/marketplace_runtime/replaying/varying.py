"""What a replay may be given beside its history: a second place for each seller, other rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marketplace.catalog.models import Channel
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.routing import queries, rule_sets
from marketplace.routing.errors import InvalidRules
from marketplace.routing.states import RuleSetState
from marketplace_runtime.replaying.errors import ReplayRefused


@dataclass(frozen=True, slots=True, kw_only=True)
class Variation:
    """`beside` are rankers, the most important first, that decide in shadow; none: no shadow."""

    two_places: bool = False
    beside: Sequence[str] = ()

    def __str__(self) -> str:
        """What of it a database keeps in its channel's name: another variation is another replay.

        Short, because the name is.
        """
        places = ", two places each" if self.two_places else ""
        return places + (f", beside {' '.join(self.beside)}" if self.beside else "")

    def check(self) -> None:
        """Refuses rankers that there are not, before anything is written."""
        if self.beside:
            try:
                rule_sets.check(self._document())
            except InvalidRules as refused:
                raise ReplayRefused(refused.message) from refused

    async def begin(self, channel: Channel, *, now: datetime) -> None:
        """The other rules decide beside the active ones from the first order on."""
        if not self.beside:
            return
        rules_id = await rule_sets.draft(
            principal=SYSTEM, channel_id=channel.id, name="Ranked otherwise", now=now
        )
        await rule_sets.change(
            principal=SYSTEM, rule_set_id=rules_id, name="Ranked otherwise",
            document=self._document(), needed_percent=95, expected_edition=1, now=now,
        )  # fmt: skip
        await rule_sets.shadow(principal=SYSTEM, rule_set_id=rules_id, now=now)

    def _document(self) -> Mapping[str, Any]:
        return {"rankers": [{"name": name} for name in self.beside], "rows": []}


async def agreement() -> str | None:
    """How often the rules that decided in shadow agreed, in a sentence; None without any."""
    async with transaction(SYSTEM, read_only=True):
        for rules in await queries.rule_sets(principal=SYSTEM):
            if rules.state is RuleSetState.SHADOW:
                whole = await queries.rule_set(principal=SYSTEM, rule_set_id=rules.id)
                return f"version {rules.version} in shadow: {whole.figures}"
    return None
